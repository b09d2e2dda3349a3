"""Where a dialogue stands. One dataclass per state, with only its own data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time


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
class TakingMessage:
    """The caller is being recorded."""

    step: str
    visit: int
    """Of the step, which tells two messages of one call apart."""
    recordings: tuple[str, ...] = ()
    """What was said before, none of it empty."""
    seconds: float = 0.0
    """Of these."""
    anew: bool = False
    """The recording replaces these."""
    asked: int = 1


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Something was said; the caller chooses what becomes of it."""

    step: str
    visit: int
    recordings: tuple[str, ...]
    seconds: float
    asked: int = 1
    keys_only: bool = False


@dataclass(frozen=True, slots=True)
class Keeping:
    """The message is being put down."""

    step: str
    visit: int
    recordings: tuple[str, ...]
    then: str
    thank: bool = True
    """The caller hears that it was kept."""


@dataclass(frozen=True, slots=True)
class CheckingNumber:
    """Whether it can be called back is being looked up."""

    step: str
    number: str
    own: bool
    """It was not given by voice or keys."""
    spoken: bool = False
    asked: int = 1
    """So often a number was asked for."""
    keys_only: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmingNumber:
    step: str
    number: str
    own: bool
    asked: int = 1
    keys_only: bool = False
    before: int = 1
    """So often a number was asked for."""


@dataclass(frozen=True, slots=True)
class TypingNumber:
    step: str
    asked: int = 1
    keys_only: bool = False


@dataclass(frozen=True, slots=True)
class ChoosingWhen:
    """In turn or at a time; the number is confirmed."""

    step: str
    number: str
    asked: int = 1
    keys_only: bool = False


@dataclass(frozen=True, slots=True)
class TypingTime:
    step: str
    number: str
    asked: int = 1
    keys_only: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmingTime:
    step: str
    number: str
    at: float
    """Epoch seconds."""
    clock: time
    """The same by the wall clock."""
    tomorrow: bool
    asked: int = 1
    keys_only: bool = False
    before: int = 1
    """So often a time was asked for."""


@dataclass(frozen=True, slots=True)
class Promising:
    """The call-back is being taken down."""

    step: str
    chosen: bool
    """At a time that the caller chose, not in turn."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """The last prompts are being said."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Hung up, by whichever side."""


Asked = (
    Asking
    | Confirming
    | Reviewing
    | TypingNumber
    | ConfirmingNumber
    | ChoosingWhen
    | TypingTime
    | ConfirmingTime
)
"""States that wait for the caller's keys or words."""
Working = Hooking | Waiting | Transferring | TakingMessage | Keeping | CheckingNumber | Promising
"""States of a step that wait for something else."""
State = Fresh | Playing | Asked | Working | Leaving | Ended


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
            case Fresh() | Leaving() | Ended():
                return ""
            case state:
                return state.step
