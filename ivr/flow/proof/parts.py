"""What a proof says: callers, worst paths with times, traps."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ivr.flow.inputs import Input
from ivr.flow.said import Said

Length = Callable[[Said, str], float]
"""Seconds of a recording or piece in a language."""

SERVICE_SAYS = "what-the-service-says"
"""Stands for whatever a web service wants said: a length is asked for it too."""


class OverBudget(Exception):
    """There is more to look at than was allowed. Its text names what made it too much."""


class CallerKind(StrEnum):
    """How a caller behaves. Queues, transfers, web services and the centre's state do their worst to all."""

    SILENT = "silent"
    """Never answers."""
    WRONG_KEY = "wrong-key"
    """Always presses keys without meaning; where every key has one, says nothing."""
    MIXED = "mixed"
    """Every answer that leads nowhere, in the worst order: silence, wrong keys, keys typed slowly, words that
    are not understood, too long or unsure, faults of the recogniser, and values, numbers and times that they
    then refuse."""
    SEEKING = "seeking"
    """Wants a person: presses 0 at every question."""

    @property
    def words(self) -> str:
        return {"wrong-key": "a caller with wrong keys", "seeking": "a caller who seeks a person"}.get(
            self.value, f"a {self.value} caller"
        )


@dataclass(frozen=True, slots=True)
class Event:
    """One input and what the caller hears next."""

    at: float
    """Seconds from the beginning of the path."""
    given: Input
    trace: tuple[str, ...]
    language: str
    said: tuple[tuple[Said, float], ...]
    """With the length of each."""
    step: str
    """Where the dialogue waits then; '' where it does not."""
    arrives: str = ""
    """'queue …', 'transfer to …', 'hung up': a person or the end; '' on the way."""


@dataclass(frozen=True, slots=True)
class Path:
    seconds: float
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The worst of one kind of path. `seconds` and `steps` may belong to different paths."""

    seconds: float
    steps: int
    path: Path
    """The one of `seconds`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """Of one line and kind of caller. None: they are trapped there, or there are no such paths."""

    line: str
    caller: CallerKind
    start: Figures | None
    """From the moment at which the call is answered to help."""
    later: Figures | None
    """From a right answer, or from a return out of a queue or talk, to help: the worst one anywhere."""


class TrapKind(StrEnum):
    TOO_LONG = "too-long"
    """No help is reached within the seconds allowed."""
    CIRCLE = "circle"
    """Nothing but the limit of steps ends the path: it comes back to where it was."""
    CUT_OFF = "cut-off"
    """The path takes more steps than the limit of steps allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    line: str
    caller: CallerKind
    kind: TrapKind
    path: Path
    """CIRCLE: until it comes to the same point again."""
    before: Path | None
    """What the caller did until the path begins; None: the trap lies at the start of the call."""
    circle: tuple[str, ...] = ()
    """CIRCLE: the steps of it, in order."""
    allowed: float = 0.0
    """TOO_LONG: seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    worst: tuple[Worst, ...]
    """By line and caller."""
    traps: tuple[Trap, ...]
    """The worst one of each line and kind of caller."""
    not_proven: str
    """What there was too much of; '': nothing. Otherwise nothing else here says anything."""
    states: int
    """Of the dialogue that were looked at."""

    @property
    def holds(self) -> bool:
        return not self.traps and not self.not_proven


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Seconds to help, counted from the start or from the last right answer; and the work."""

    silent: float = 300.0
    wrong_key: float = 300.0
    mixed: float = 900.0
    seeking: float = 300.0
    states: int = 100_000
    """So many states of the dialogue may be looked at altogether."""

    def of(self, caller: CallerKind) -> float:
        match caller:
            case CallerKind.SILENT:
                return self.silent
            case CallerKind.WRONG_KEY:
                return self.wrong_key
            case CallerKind.MIXED:
                return self.mixed
            case CallerKind.SEEKING:
                return self.seeking


USUAL = Bounds()
