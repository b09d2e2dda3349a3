"""What a dialogue asks of the caller's channel. Durations in seconds.

A step's list is carried out in order; its last action is one that is answered by an input
(`Play`, `Ask`, `CallHook`, `EnterQueue`, `Transfer`, `Record`, `KeepMessage`, `CheckNumber`,
`PromiseCallBack`) or ends the call (`HangUp`). The others answer nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.core.settings import Need
from acd.core.words import QueueId
from ivr.flow.hearing import Entry, Listen
from ivr.flow.said import Said


@dataclass(frozen=True, slots=True)
class Answer:
    """Pick up, so that the caller hears and pays from now on."""


@dataclass(frozen=True, slots=True)
class SetLanguage:
    language: str
    """'uk', 'ru' or 'en': of all prompts from now on."""
    chosen: bool = False
    """By the caller: to be remembered for their number."""


@dataclass(frozen=True, slots=True)
class Play:
    """Say all of it to the end. Answered by PlayDone."""

    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Say it and wait for an answer, which interrupts it.

    Answered by KeyPressed (without `entry`), KeysEntered (with it), Heard, SpokeTooLong, RecogniserBusy,
    RecogniserDead (with `listen`) or Silence.
    """

    said: tuple[Said, ...]
    wait_for: float
    """After the last prompt, for the first key or word."""
    entry: Entry | None = None
    """None: one key is the answer."""
    listen: Listen | None = None
    """None: keys only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHook:
    """POST the values to `url` while `said` is said. Answered by HookAnswered or HookFailed."""

    url: str
    step: str
    visit: int
    """Tells two visits of one step in one call apart."""
    values: Mapping[str, str] = field(default_factory=dict)
    said: tuple[Said, ...] = ()
    deadline: float = 3.0
    """Seconds for one try."""
    tries: int = 2


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
class Record:
    """Say it, give a tone, record the caller until silence, a key or the limit. Answered by Recorded.

    When the caller hangs up meanwhile, what was said is stored all the same, and the input `Recorded` comes
    before `CallerGone`.
    """

    said: tuple[Said, ...]
    longest_for: float
    end_after: float


@dataclass(frozen=True, slots=True)
class KeepMessage:
    """Leave the recordings, in order, as one voicemail. Answered by Promised, unless the caller is gone.

    The same `visit` of a call again is the same message.
    """

    queue: QueueId
    recordings: tuple[str, ...]
    visit: int
    """Tells two messages of one call apart."""


@dataclass(frozen=True, slots=True)
class DropRecordings:
    """They are not wanted any more."""

    recordings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckNumber:
    """Can this number be called back? Answered by NumberChecked."""

    number: str


@dataclass(frozen=True, slots=True)
class PromiseCallBack:
    """Take down a call-back; the place in line is kept. Answered by Promised."""

    queue: QueueId
    number: str
    visit: int
    at: float | None = None
    """The time that the caller chose, epoch seconds; None: in turn."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """The dialogue is over."""


Action = (
    Answer
    | SetLanguage
    | Play
    | Ask
    | CallHook
    | EnterQueue
    | Transfer
    | Record
    | KeepMessage
    | DropRecordings
    | CheckNumber
    | PromiseCallBack
    | HangUp
)
