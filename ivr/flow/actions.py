"""What a dialogue asks of the caller's channel. Durations in seconds.

A step's list is carried out in order; its last action is one that is answered by an input
(`Play`, `Ask`, `EnterQueue`, `Transfer`) or ends the call (`HangUp`). The others answer nothing.
"""

from dataclasses import dataclass

from acd.core.settings import Need
from acd.core.words import QueueId


@dataclass(frozen=True, slots=True)
class Answer:
    """Pick up, so that the caller hears and pays from now on."""


@dataclass(frozen=True, slots=True)
class SetLanguage:
    language: str
    """'uk', 'ru' or 'en': of all prompts from now on."""


@dataclass(frozen=True, slots=True)
class Play:
    """Play all prompts to the end. Answered by PlayDone."""

    prompts: tuple[str, ...]
    """Prompt ids: `prompts/LANGUAGE/ID.wav`."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Play the prompts and wait for one key, which interrupts them. Answered by KeyPressed or Silence."""

    prompts: tuple[str, ...]
    wait_for: float
    """After the last prompt."""


@dataclass(frozen=True, slots=True)
class QueueAnnouncements:
    """What a waiting caller hears beside music; never delays the connection."""

    music: str = "default"
    every_for: float | None = None
    """Time from one announcement to the next; None: none."""
    first_after: float = 0.0
    prompts: tuple[str, ...] = ()
    """Played in turn, one at each announcement."""
    position: bool = False
    expected_wait: bool = False


@dataclass(frozen=True, slots=True)
class EnterQueue:
    """Wait for an operator and talk. Answered by QueueLeft, TalkOver or CallerGone."""

    queue: QueueId
    needs: tuple[Need, ...] = ()
    priority: int | None = None
    announcements: QueueAnnouncements = QueueAnnouncements()
    leave_keys: str = ""
    """A key of these ends the waiting: answered by KeyPressed."""
    whisper: str = ""
    """Prompt id that the operator hears before the caller; '' for none."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Call `number` through the switch and join. Answered by TransferOver or CallerGone."""

    number: str
    ring_for: float = 30.0


@dataclass(frozen=True, slots=True)
class HangUp:
    """The dialogue is over."""


Action = Answer | SetLanguage | Play | Ask | EnterQueue | Transfer | HangUp
