"""Where a dialogue stands. One dataclass per state, with only its own data."""

from dataclasses import dataclass


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
    """So often the menu was said in this visit."""


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


State = Fresh | Playing | Asking | Waiting | Transferring | Leaving | Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    line: str
    """Id of the line; '' when nobody knows the number that was dialled."""
    caller: str
    language: str
    state: State = Fresh()
    silences: int = 0
    wrong_keys: int = 0
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
            case Playing(step, _) | Asking(step, _) | Waiting(step) | Transferring(step):
                return step
            case Fresh() | Leaving() | Ended():
                return ""
