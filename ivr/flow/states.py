"""Where a dialogue stands. One dataclass per state, with only its own data."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fresh:
    """Nothing happened yet."""


@dataclass(frozen=True, slots=True)
class Playing:
    step: str
    then: str


@dataclass(frozen=True, slots=True)
class Asking:
    step: str
    asked: int = 1
    """So often it was asked in this visit."""
    keys_only: bool = False
    """The recogniser failed in this visit."""


@dataclass(frozen=True, slots=True)
class Confirming:
    """The value was read back to the caller, who shall say whether it is right."""

    step: str
    value: str
    spoken: bool
    """By voice, not typed."""
    asked: int = 1
    keys_only: bool = False
    before: int = 1
    """So often the question itself was asked."""


@dataclass(frozen=True, slots=True)
class Hooking:
    """A web service is being asked."""

    step: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """In a queue or talking to an operator."""

    step: str


@dataclass(frozen=True, slots=True)
class Transferring:
    step: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """The last prompts are being said."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Hung up, by whichever side."""


State = Fresh | Playing | Asking | Confirming | Hooking | Waiting | Transferring | Leaving | Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    line: str
    """Id of the line; '' when nobody knows the number that was dialled."""
    caller: str
    language: str
    state: State = Fresh()
    silences: int = 0
    wrong_keys: int = 0
    misheard: int = 0
    speech_faults: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    """What the caller gave and web hooks answered, by name."""
    hears: frozenset[str] = frozenset()
    """Languages that the recogniser understands; in others everything goes by keys."""
    lot: int = 0
    """Of the call: by it the calls are shared out."""
    language_known: bool = False
    """It was remembered from a former call."""
    steps: int = 0
    """Steps walked in the whole call."""
    last_chance: bool = False
    """A limit was reached and the call has been sent to an `otherwise` edge."""

    @property
    def ended(self) -> bool:
        return isinstance(self.state, Ended)

    @property
    def step(self) -> str:
        """Id of the step that waits for an input; '' where none does."""
        match self.state:
            case Playing(step=step) | Asking(step=step) | Confirming(step=step) | Hooking(step=step):
                return step
            case Waiting(step=step) | Transferring(step=step):
                return step
            case Fresh() | Leaving() | Ended():
                return ""
