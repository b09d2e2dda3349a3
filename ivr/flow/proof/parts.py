"""What a proof says: callers, worst paths with times, traps."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ivr.flow.inputs import Input
from ivr.flow.said import Said

Length = Callable[[str, Said], float]
"""Seconds of a recording or piece in a language."""

SERVICE_SAYS = "what-the-service-says"
"""Stands for whatever a web service wants said: a length is asked for it too."""


class OverBudget(Exception):
    """There is more to look at than was allowed."""


class CallerKind(StrEnum):
    """How a caller behaves. Queues, transfers, web services and the centre's state do their worst to all."""

    SILENT = "silent"
    """Never answers."""
    WRONG_KEY = "wrong-key"
    """Always presses one key without meaning; where every key has one, says nothing."""
    MIXED = "mixed"
    """Every answer that leads nowhere, in the worst order: silence, wrong keys, keys typed slowly, words that
    are not understood, too long or unsure, faults of the recogniser, values that they then refuse."""
    SEEKING = "seeking"
    """Wants a person: presses 0 at every question."""
    WANDERING = "wandering"
    """Gives every answer, right ones too, in the worst order."""


PROVEN = tuple(caller for caller in CallerKind if caller is not CallerKind.WANDERING)
"""Callers who do not choose to go round: nothing may trap them."""


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
    ends: str = ""
    """'queue …', 'transfer to …', 'hung up': where the path arrives; '' on the way."""


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
    """Of one line, language and kind of caller. None: not found out within the budget of states."""

    line: str
    language: str
    caller: CallerKind
    helped: Figures | None
    """From the start to the first queue, transfer or hang-up."""
    ended: Figures | None
    """From the start to the hang-up, when every queue and transfer sends the caller back."""
    later: Figures | None
    """From any question in this language, come to by right answers, to help. WANDERING: None."""


class TrapKind(StrEnum):
    TOO_LONG = "too-long"
    """Nobody and no goodbye is reached within the seconds allowed."""
    CIRCLE = "circle"
    """Nothing but the limit of steps ends the path."""
    ENDLESS = "endless"
    """Nothing ends the path at all: a fault of the interpreter."""
    NOT_PROVEN = "not-proven"
    """The budget of states was spent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    line: str
    language: str
    caller: CallerKind
    kind: TrapKind
    path: Path | None
    """None: NOT_PROVEN."""
    right_answers: Path | None = None
    """What the caller answered rightly before; None: the trap lies at the start of the call."""
    allowed: float = 0.0
    """TOO_LONG: seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    worst: tuple[Worst, ...]
    traps: tuple[Trap, ...]
    """The first one of each line and kind of caller."""
    states: int
    """Of the dialogue that were looked at."""

    @property
    def holds(self) -> bool:
        return not self.traps


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Seconds until a person or a goodbye, from the start or from the last right answer; and the work."""

    silent: float = 120.0
    wrong_key: float = 120.0
    mixed: float = 600.0
    seeking: float = 120.0
    states: int = 200_000
    """So many states may be looked at for one line and kind of caller."""

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
            case CallerKind.WANDERING:
                return float("inf")


USUAL = Bounds()
