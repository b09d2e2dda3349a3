"""The example company: what it knows of meters and parcels, and what it says and takes. In memory only.

Questions are the `values` of a web hook; answers are what `ivr.hooks.answer` reads. A question that no
dialplan may ask raises BadQuestion; a wrong number that a caller gave is an answer like 'unknown'.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("example.json")
_KINDS = {
    "account": (r"[0-9]{8}", "8 digits"),
    "parcel": (r"[0-9]{13}", "13 digits"),
    "reading": (r"[0-9]{1,8}", "1 to 8 digits"),
    "day": (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day as 2026-12-31"),
    "comment": (r".+", "a text that is not empty"),
}
_UNKNOWN: dict[str, object] = {"go": "unknown"}
KEPT = ("message", "call-back", "survey")
"""What is kept as it is given, whatever its values are."""

Values = Mapping[str, str]
Answer = dict[str, object]


class BadQuestion(Exception):
    """One sentence for the person who writes the dialplan."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that a caller told the company."""

    what: str
    """'reading', 'redelivery', 'comment' or one of KEPT."""
    values: Values
    call: str
    line: str


class Company:
    """`today` tells the date that all other dates are counted from; `taken` grows, oldest first."""

    def __init__(self, today: Callable[[], date] = date.today) -> None:
        data: dict[str, dict[str, dict[str, Any]]] = json.loads(_DATA.read_text(encoding="utf-8"))
        self._accounts, self._parcels = data["accounts"], data["parcels"]
        self._today = today
        self.taken: list[Taken] = []

    @property
    def numbers(self) -> tuple[list[str], list[str]]:
        """Accounts and parcels to try."""
        return list(self._accounts), list(self._parcels)

    def account(self, values: Values, _call: str, _line: str) -> Answer:
        return {"go": "found"} if _asked(values, "account") in self._accounts else _UNKNOWN

    def reading(self, values: Values, call: str, line: str) -> Answer:
        account = self._accounts.get(_asked(values, "account"))
        reading = int(_asked(values, "reading"))
        if account is None:
            return _UNKNOWN
        used = reading - account["last"]
        if used < 0:
            return {"go": "too-low", "say": ["meter-too-low", {"number": account["last"]}]}
        account["last"] = reading
        self._take("reading", values, call, line)
        said = ["meter-taken", {"number": reading}, "meter-used", {"number": used, "of": "kilowatt-hour"}]
        return {"go": "taken", "say": said}

    def debt(self, values: Values, _call: str, _line: str) -> Answer:
        account = self._accounts.get(_asked(values, "account"))
        if account is None:
            return _UNKNOWN
        if account["debt"] == "0":
            return {"go": "none", "say": ["meter-no-debt"]}
        owed = {"amount": account["debt"], "currency": "UAH"}
        return {"go": "owes", "say": ["meter-owe", owed, "meter-pay-by", self._day(account["days"])]}

    def where(self, values: Values, _call: str, _line: str) -> Answer:
        parcel = self._parcels.get(_asked(values, "parcel"))
        if parcel is None:
            return _UNKNOWN
        day = self._day(parcel["days"])
        said: list[object]
        match parcel["state"]:
            case "on-its-way":
                said = ["parcel-on-its-way", "parcel-arrives", day]
            case "at-branch":
                said = ["parcel-at-branch", {"number": parcel["branch"]}, "parcel-kept-until", day]
            case _:
                said = ["parcel-delivered", day]
        return {"go": "found", "say": said, "values": {"state": parcel["state"]}}

    def redelivery(self, values: Values, call: str, line: str) -> Answer:
        """From tomorrow on; 'too-early' otherwise. The parcel is on its way again."""
        number = _asked(values, "parcel")
        days = (_date(_asked(values, "day")) - self._today()).days
        if number not in self._parcels:
            return _UNKNOWN
        if days < 1:
            return {"go": "too-early"}
        self._parcels[number] = {"state": "on-its-way", "days": days}
        self._take("redelivery", values, call, line)
        return {"go": "taken", "say": ["parcel-redelivery", self._day(days)]}

    def comment(self, values: Values, call: str, line: str) -> Answer:
        """Its words, or where its recording is when nothing could be made of it."""
        if not values.get("comment-recording"):
            _asked(values, "comment")
        self._take("comment", values, call, line)
        return {"go": "taken"}

    def keeper(self, what: str) -> Callable[[Values, str, str], Answer]:
        """Takes all values, says nothing and leaves the way to the dialplan."""

        def keep(values: Values, call: str, line: str) -> Answer:
            self._take(what, values, call, line)
            return {}

        return keep

    def _take(self, what: str, values: Values, call: str, line: str) -> None:
        self.taken.append(Taken(what, dict(values), call, line))

    def _day(self, days: int) -> dict[str, str]:
        return {"date": (self._today() + timedelta(days=days)).isoformat()}


def _asked(values: Values, name: str) -> str:
    value = values.get(name)
    pattern, words = _KINDS[name]
    if value is None or not re.fullmatch(pattern, value, re.ASCII | re.DOTALL):
        raise BadQuestion(f"values.{name} must be {words}.")
    return value


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuestion("values.day must be a day of the calendar.") from None
