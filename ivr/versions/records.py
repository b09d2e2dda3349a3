"""What is written down about versions and about each change of what is live; JSON there and back.

Times in seconds since the epoch. Reading raises ValueError on anything that is not ours.
"""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One dialplan as it was published."""

    number: int
    digest: str
    at: float
    who: str
    why: str
    based_on: int | None
    """The version that was live when it was published; None: none was."""
    checked: str
    """What the check and the scenarios said."""
    difference: tuple[str, ...]
    """From `based_on`, in sentences."""


class What(StrEnum):
    """Why another version is live than before."""

    FIRST = "first start"
    PUBLISH = "published"
    ROLLBACK = "rolled back"
    TRY = "on trial"
    FINISH = "trial passed"
    GIVE_UP = "trial ended"
    WORSE = "trial failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A version that takes a share of the new calls."""

    number: int
    share: float
    """0 to 1."""
    since: float
    finish_calls: int | None = None
    """After so many calls by it that were not clearly worse it goes live by itself."""
    finish_at: float | None = None
    """From then on, if it was tried enough and is not clearly worse, it goes live by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is live from `at` on."""

    serial: int
    """1, 2, 3, …: the order of changes."""
    what: What
    live: int
    canary: Canary | None
    at: float
    who: str
    why: str


def version_text(version: Version) -> str:
    return json.dumps(asdict(version), ensure_ascii=False, indent=1)


def change_text(change: Change) -> str:
    return json.dumps(asdict(change), ensure_ascii=False, indent=1)


def read_version(text: str) -> Version:
    known = _fields(text)
    try:
        based_on = known["based_on"]
        return Version(
            number=int(known["number"]),
            digest=str(known["digest"]),
            at=float(known["at"]),
            who=str(known["who"]),
            why=str(known["why"]),
            based_on=None if based_on is None else int(based_on),
            checked=str(known["checked"]),
            difference=tuple(str(sentence) for sentence in known["difference"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no record of a version: {error}") from None


def read_change(text: str) -> Change:
    return read_change_fields(_fields(text))


def read_change_fields(known: Any) -> Change:
    """From what JSON holds."""
    try:
        return Change(
            serial=int(known["serial"]),
            what=What(known["what"]),
            live=int(known["live"]),
            canary=None if known["canary"] is None else canary_of(known["canary"]),
            at=float(known["at"]),
            who=str(known["who"]),
            why=str(known["why"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no record of a change: {error}") from None


def canary_of(known: Any) -> Canary:
    """From what JSON holds. ValueError: not ours."""
    try:
        calls, at = known.get("finish_calls"), known.get("finish_at")
        share = float(known["share"])
        if not 0 < share < 1:
            raise ValueError(f"a share of {share}")
        return Canary(
            number=int(known["number"]),
            share=share,
            since=float(known["since"]),
            finish_calls=None if calls is None else int(calls),
            finish_at=None if at is None else float(at),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"no trial: {error}") from None


def _fields(text: str) -> dict[str, Any]:
    known = json.loads(text)
    if not isinstance(known, dict):
        raise ValueError("no record")
    return known
