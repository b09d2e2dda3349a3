"""What is said to a caller: recordings by their id, and pieces that are put together from recordings.

Pieces hold values, not words: `ivr.media.spoken` makes the words of each language of them.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits one by one: an account or parcel number."""

    digits: str
    """0-9 only."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number, alone or of something: '25', '2 посилки'."""

    value: int
    """0 to 999,999,999."""
    noun: str = ""
    """Id of a counted noun ('parcel', 'day', …), which gives gender and plural form; '': none."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Money."""

    minor: int
    """In the currency's smallest unit: kopecks, cents. 0 to 99,999,999,999."""
    currency: str = "UAH"
    """ISO 4217: UAH, RUB, USD or EUR."""


@dataclass(frozen=True, slots=True)
class Day:
    """A date, its year included."""

    date: date


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """Hour and minute of a 24-hour clock."""

    time: time


@dataclass(frozen=True, slots=True)
class Duration:
    """Days, hours, minutes and seconds, those that are not zero."""

    seconds: int
    """0 to 8,639,999 (99 days)."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What somebody said, as it was stored."""

    id: str


PIECE_KINDS: tuple["PieceKind", ...] = ("digits", "number", "amount", "date", "time", "duration")
Piece = Digits | Count | Amount | Day | TimeOfDay | Duration
Said = str | Piece | Recording
"""The id of a prompt, `prompts/LANGUAGE/ID.wav`, a piece, or something recorded."""
PieceKind = Literal["digits", "number", "amount", "date", "time", "duration"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of a dialplan whose value the dialogue knows only when it says it."""

    kind: PieceKind
    value: str
    """Name of a value: collected from the caller or given by a web hook."""
    noun: str = ""
    currency: str = "UAH"


Saying = str | Slot
