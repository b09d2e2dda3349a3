"""Conditions by which a dialogue goes one way or another: caller, time, values, queues, switches, chance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

from acd.core.words import QueueId
from ivr.flow.hearing import Entry
from ivr.flow.hours import Hours
from ivr.flow.states import Session

LOTS = 100
"""A call draws one of so many for each step that shares calls out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNow:
    """A queue at this moment."""

    waiting: int = 0
    logged_in: int = 0
    """Operators."""
    expected_wait: float | None = None
    """Seconds; None where it cannot be said honestly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a dialogue may ask of the centre at this moment."""

    queues: Mapping[QueueId, QueueNow] = field(default_factory=dict)
    switches: frozenset[str] = frozenset()
    """Those that are on."""


NOWHERE = World()


@dataclass(frozen=True, slots=True)
class CallerIs:
    patterns: tuple[str, ...]
    """Digits, X for any of them; the number with or without '+'."""


@dataclass(frozen=True, slots=True)
class ValueIs:
    name: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValueBetween:
    """A whole number from `low` to `high`, both included. Any other value is not."""

    name: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class IsOpen:
    hours: str


@dataclass(frozen=True, slots=True)
class WaitingMoreThan:
    queue: QueueId
    callers: int


@dataclass(frozen=True, slots=True)
class WaitLongerThan:
    """Also where the wait cannot be said and at least one caller waits for nobody."""

    queue: QueueId
    seconds: float


@dataclass(frozen=True, slots=True)
class NobodyIn:
    queue: QueueId


@dataclass(frozen=True, slots=True)
class SwitchOn:
    name: str


@dataclass(frozen=True, slots=True)
class LanguageIs:
    language: str


@dataclass(frozen=True, slots=True)
class Share:
    """So many of a hundred calls, by chance, beside those of the former shares of the same step."""

    first: int
    """Lots from this one on, of LOTS."""
    count: int


Single = (
    CallerIs
    | ValueIs
    | ValueBetween
    | IsOpen
    | WaitingMoreThan
    | WaitLongerThan
    | NobodyIn
    | SwitchOn
    | LanguageIs
    | Share
)


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Single, ...]


Condition = Single | AllOf


def parts_of(condition: Condition) -> tuple[Single, ...]:
    """What must hold, each by itself."""
    return condition.parts if isinstance(condition, AllOf) else (condition,)


def holds(
    condition: Condition,
    step: str,
    session: Session,
    hours: Mapping[str, Hours],
    world: World,
    now: datetime,
) -> bool:
    """Whether `condition` of the step with the id `step` is true. What is unknown is false."""
    match condition:
        case AllOf(parts):
            return all(holds(part, step, session, hours, world, now) for part in parts)
        case CallerIs(patterns):
            digits = session.caller.removeprefix("+")
            return Entry(patterns=tuple(pattern.removeprefix("+") for pattern in patterns)).fits(digits)
        case ValueIs(name, texts):
            return session.values.get(name) in texts
        case ValueBetween(name, low, high):
            return _is_between(session.values.get(name, ""), low, high)
        case IsOpen(name):
            return name not in hours or hours[name].is_open(now)
        case SwitchOn(name):
            return name in world.switches
        case LanguageIs(language):
            return session.language == language
        case Share(first, count):
            return first <= lot(session.lot, step) < first + count
        case WaitingMoreThan() | WaitLongerThan() | NobodyIn():
            return _queue_is(condition, world.queues.get(condition.queue, QueueNow()))


def lot(of_call: int, step: str) -> int:
    """The lot that a call draws at a step: always the same, and independent from step to step."""
    return crc32(f"{of_call}/{step}".encode()) % LOTS


def _queue_is(condition: WaitingMoreThan | WaitLongerThan | NobodyIn, queue: QueueNow) -> bool:
    match condition:
        case WaitingMoreThan(_, callers):
            return queue.waiting > callers
        case WaitLongerThan(_, seconds):
            if queue.expected_wait is None:
                return queue.waiting > 0 and queue.logged_in == 0
            return queue.expected_wait > seconds
        case NobodyIn():
            return queue.logged_in == 0


def _is_between(text: str, low: int | None, high: int | None) -> bool:
    if not (text.isascii() and text.isdecimal()):
        return False
    return (low is None or low <= int(text)) and (high is None or int(text) <= high)
