"""Asterisk's time conditions `times|weekdays|days|months` as opening hours.

Source: the application GotoIfTime, https://docs.asterisk.org/; FreePBX writes its time groups likewise.
"""

import re
from itertools import pairwise

from ivr.importing.plan import Body, Place, Plan
from ivr.importing.words import new_id

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WHOLE_DAY = 24 * 60
MAX_HOURS = 300


def hours_named(condition: str, place: Place, plan: Plan) -> str:
    """The id of opening hours like the condition; '' when they cannot be written so."""
    parts = [part.strip().lower() for part in re.split(r"[,|]", condition)]
    times, days, dates, months = [*parts, "*", "*", "*"][:4]
    body = _body(times, days, dates, months)
    if body is None or len(plan.hours) >= MAX_HOURS:
        why = "this condition cannot be written as opening hours; it counts as never"
        plan.tell(place, condition, why, "write the hours by hand")
        return ""
    for known, there in plan.hours.items():
        if there == body:
            return known
    words = [part for part in (times, days, dates, months) if part not in {"*", ""}]
    found = new_id("hours-" + "-".join(words), plan.hours, "hours")
    plan.hours[found] = body
    return found


def _body(times: str, days: str, dates: str, months: str) -> Body | None:
    periods, week = _periods(times), _picked(days, _DAYS)
    if periods is None or week is None:
        return None
    if dates in {"*", ""} and months in {"*", ""}:
        return {"week": {_DAYS[day]: periods for day in week}}
    chosen = _picked(months, _MONTHS)
    of_month = _picked(dates, tuple(str(day) for day in range(1, 32)))
    if chosen is None or of_month is None or len(week) != 7:
        return None
    every_month = len(chosen) == len(_MONTHS)
    key, found = ("every-month", _runs(of_month)) if every_month else ("on", _yearly(of_month, chosen))
    if not found:
        return None
    return {"week": {"daily": "closed"}, "exceptions": [{key: day, "open": periods} for day in found]}


def _runs(days: list[int]) -> list[str]:
    """Days of every month, like 1-4, of places in order."""
    ends = [day for day in days if day + 1 not in days]
    begins = [day for day in days if day - 1 not in days]
    runs = zip(begins, ends, strict=True)
    return [f"{first + 1}-{last + 1}" if last > first else f"{first + 1}" for first, last in runs]


def _yearly(days: list[int], chosen: list[int]) -> list[str] | None:
    """Days of every year, like 12-31; only where they are few."""
    found = [f"{month + 1:02}-{day + 1:02}" for month in chosen for day in days if day + 1 <= _LENGTHS[month]]
    return found if 0 < len(found) <= 40 else None


def _picked(text: str, names: tuple[str, ...]) -> list[int] | None:
    """Places in `names` of `mon-fri&sun`, in order."""
    if text in {"*", ""}:
        return list(range(len(names)))
    found: set[int] = set()
    for part in text.split("&"):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        first, last = _short(first, names), _short(last, names)
        if first not in names or (dash and last not in names):
            return None
        begin, end = names.index(first), names.index(last if dash else first)
        found.update(range(begin, end + 1) if begin <= end else [*range(begin, len(names)), *range(end + 1)])
    return sorted(found)


def _short(name: str, names: tuple[str, ...]) -> str:
    """`monday` as `mon`, `01` as `1`."""
    return (
        (name.lstrip("0") if name.isascii() and name.isdigit() else name[:3]) if name not in names else name
    )


def _periods(text: str) -> list[str] | None:
    """`09:00-17:00&18:00-20:00` as our periods; Asterisk's last minute belongs to the time."""
    if text in {"*", ""}:
        return ["00:00-24:00"]
    found: list[tuple[int, int]] = []
    for part in text.split("&"):
        match = re.fullmatch(r"\s*([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})\s*", part, re.ASCII)
        if match is None:
            return None
        opens, closes = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if int(match[2]) > 59 or int(match[4]) > 59 or opens >= _WHOLE_DAY or closes > _WHOLE_DAY:
            return None
        closes = _WHOLE_DAY if closes == _WHOLE_DAY - 1 else closes
        if opens == closes or closes == 0:
            return None
        found.append((opens, closes))
    found.sort()
    if any(first[1] > second[0] or first[0] > first[1] for first, second in pairwise(found)):
        return None
    return [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in found]
