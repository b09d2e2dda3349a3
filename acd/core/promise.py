"""A promise to a caller as a row of the ledger: what was promised, where it stands, how it ended.

Share kept = kept / (kept + broken): a promise that was called off, or that turned out to be a wrong number's,
is in neither. Callers' numbers are whole in here; mask them to show. Times in seconds since the Unix epoch.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from acd.core.words import CallId, QueueId
from acd.core.work import KEEPING, Reach, WorkEnd, WorkId, WorkKind, WorkStage


class Outcome(StrEnum):
    OPEN = "open"
    """Not kept yet, and not late."""
    KEPT = "kept"
    BROKEN = "broken"
    """Late, settled or not."""
    CALLED_OFF = "called off"
    """Before it was due: cancelled, whoever answered did not ask for it, or the number may not be called."""


class Deed(StrEnum):
    """What happened, as a key for words."""

    MADE = "made"
    ADDED = "added"
    TRANSCRIBED = "transcribed"
    TAKEN = "taken"
    LET_GO = "let go"
    FORWARDED = "forwarded"
    NOTED = "noted"
    HANDED_BACK = "handed back"
    RAISED = "raised"
    BROKEN = "broken"
    CALLER_HERE = "caller here"
    DIALLED = "dialled"
    CUSTOMER_WAITS = "customer waits"
    TRIED = "tried"
    BY_HAND = "by hand"
    HELD = "held"
    HOLD_ENDED = "hold ended"
    OFFERED = "offered"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
    TALKING = "talking"
    TALK_OVER = "talk over"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a promise's history."""

    at: float
    what: Deed
    who: str = ""
    """An operator, a department, or who called it off."""
    said: str = ""
    """In the words of whoever did it: a note, a reason, a topic, a result."""
    number: float | None = None
    """The attempt, the priority, or seconds of sound or talk."""
    until: float | None = None
    """Of a lock; or when it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call to the customer."""

    number: int
    call: CallId
    at: float
    waits: bool = False
    """The customer has answered and waits for an operator."""
    ended_at: float | None = None
    reach: Reach | None = None
    """None: under way."""
    talked_for: float = 0.0
    next_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A recorded message of the caller, or an operator's spoken note."""

    recording: str
    at: float
    seconds: float = 0.0
    text: str | None = None
    """None: not transcribed."""
    confidence: float = 0.0
    by: str = ""
    """The operator who has said it; '': the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One work item, from the promise to its end."""

    id: WorkId
    kind: WorkKind
    queue: QueueId
    caller: str
    line: str = ""
    language: str = ""
    call: CallId | None = None
    """The call in which it was promised."""
    made_at: float
    due_at: float
    waiting_since: float
    not_before: float
    known: bool = True
    """False: the journal does not hold how it was made, and these fields are guesses."""
    stage: WorkStage | None = WorkStage.NEW
    """None: closed."""
    holder: str = ""
    """The operator or department that has it now."""
    held_until: float | None = None
    """End of the operator's lock."""
    by_hand: bool = False
    """No more attempts by itself."""
    department: str = ""
    """Where it was forwarded to last, and with which note."""
    note: str = ""
    returned_because: str = ""
    attempts: tuple[Attempt, ...] = ()
    messages: tuple[Message, ...] = ()
    raised_at: float | None = None
    broken_at: float | None = None
    closed_at: float | None = None
    end: WorkEnd | None = None
    kept: bool = False
    closed_by: str = ""
    """The operator, or who called it off; '' by itself."""
    topic: str = ""
    history: tuple[Entry, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def outcome(self) -> Outcome:
        if self.kept:
            return Outcome.KEPT
        if self.broken_at is not None or self.end in KEEPING:
            return Outcome.BROKEN
        return Outcome.OPEN if self.is_open else Outcome.CALLED_OFF

    @property
    def decided_at(self) -> float | None:
        """When it was kept, broken or called off, whichever its outcome is."""
        if self.outcome is Outcome.BROKEN and self.broken_at is not None:
            return self.broken_at
        return self.closed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFilter:
    """Which promises somebody wants to see. None, '' and empty: any. Moments: from, until just before."""

    is_open: bool | None = None
    outcomes: frozenset[Outcome] = frozenset()
    kind: WorkKind | None = None
    queue: QueueId | None = None
    caller: str = ""
    """Digits that stand in the number, in this order: '050', or '050***4567' as it is shown."""
    made_since: float | None = None
    made_until: float | None = None
    decided_since: float | None = None
    decided_until: float | None = None
    order: Literal["due", "newest"] = "newest"

    @property
    def caller_parts(self) -> list[str]:
        """The runs of digits of `caller`."""
        return re.findall(r"\d+", self.caller, re.ASCII)

    def accepts(self, promise: Promise) -> bool:
        return (
            self.is_open in (None, promise.is_open)
            and (not self.outcomes or promise.outcome in self.outcomes)
            and self.kind in (None, promise.kind)
            and self.queue in (None, promise.queue)
            and _follow(self.caller_parts, promise.caller)
            and _within(promise.made_at, self.made_since, self.made_until)
            and _within(promise.decided_at, self.decided_since, self.decided_until)
        )

    def sort_key(self, promise: Promise) -> tuple[float, int]:
        """The smallest comes first."""
        if self.order == "due":
            return promise.due_at, promise.id
        return -promise.made_at, -promise.id


def _follow(parts: list[str], number: str) -> bool:
    place = 0
    for part in parts:
        place = number.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True


def _within(at: float | None, since: float | None, until: float | None) -> bool:
    if since is None and until is None:
        return True
    return at is not None and (since is None or at >= since) and (until is None or at < until)


def share_kept(kept: int, broken: int) -> float | None:
    """kept / (kept + broken); None while nothing is decided."""
    decided = kept + broken
    return kept / decided if decided else None


@dataclass(frozen=True, slots=True)
class PromiseFigures:
    """How many promises had which outcome. `open` counts those not closed, late ones included."""

    made: int = 0
    kept: int = 0
    broken: int = 0
    called_off: int = 0
    open: int = 0

    @property
    def share_kept(self) -> float | None:
        """As `share_kept`."""
        return share_kept(self.kept, self.broken)

    def __add__(self, other: "PromiseFigures") -> "PromiseFigures":
        return PromiseFigures(
            self.made + other.made,
            self.kept + other.kept,
            self.broken + other.broken,
            self.called_off + other.called_off,
            self.open + other.open,
        )


def figure_of(outcome: Outcome, is_open: bool, count: int = 1) -> PromiseFigures:
    """So many promises of one outcome."""
    return PromiseFigures(
        made=count,
        kept=count if outcome is Outcome.KEPT else 0,
        broken=count if outcome is Outcome.BROKEN else 0,
        called_off=count if outcome is Outcome.CALLED_OFF else 0,
        open=count if is_open else 0,
    )


def figures_of(promises: Iterable[Promise]) -> PromiseFigures:
    """Of these promises, whenever they were decided."""
    return sum((figure_of(each.outcome, each.is_open) for each in promises), PromiseFigures())
