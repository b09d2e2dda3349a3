"""A compiled dialplan: what the interpreter walks. Frozen, checked by whoever builds it.

Targets are ids of steps, or one of the two built-in names `OPERATOR` and `GOODBYE`. Durations in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.core.settings import Need
from acd.core.words import QueueId
from acd.core.work import CallingTimes
from ivr.flow.actions import QueueAnnouncements
from ivr.flow.conditions import Condition
from ivr.flow.hearing import Entry, Hearing, Retry
from ivr.flow.hours import Hours
from ivr.flow.said import Saying

KEYS = "1234567890*#"
OPERATOR = "operator"
"""Built-in target: the line's operator step, or goodbye where the line has none."""
GOODBYE = "goodbye"
"""Built-in target: say goodbye and hang up."""
CALLER_LANGUAGE = "caller-language"
"""A need for this skill becomes a need for the language that the caller hears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPrompts:
    """Ids of the prompts that the interpreter says by itself."""

    goodbye: str = "goodbye"
    line_unknown: str = "line-unknown"
    confirm_heard: str = "confirm-heard"
    confirm_typed: str = "confirm-typed"
    confirm: str = "confirm-question"
    confirm_by_keys: str = "confirm-question-keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """For the whole call, whatever menus it visits. Beyond a limit the call goes to an `otherwise` edge."""

    silences: int = 3
    wrong_keys: int = 4
    misheard: int = 4
    """Answers by voice that led nowhere, whatever the reason."""
    steps: int = 60
    """Steps walked. It bounds every dialogue, also that of a caller who only presses right keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Say the prompts, wait for one key or one of the phrases."""

    id: str
    prompts: tuple[Saying, ...]
    keys: Mapping[str, str]
    """From a key to a target."""
    phrases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By language: from a phrase to a target."""
    wait_for: float = 5.0
    sure_from: float | None = None
    """None: the dialplan's."""
    retry: Retry = field(default_factory=Retry)


class Kind(StrEnum):
    """What a question asks for."""

    DIGITS = "digits"
    """A string of digits, such as an account: '0012'."""
    NUMBER = "number"
    """A whole number, such as a meter reading: '740'."""
    DATE = "date"
    YES_NO = "yes-no"
    UTTERANCE = "utterance"
    """Free words, stored as sound and as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Ask for a value by voice or keys, have it confirmed, and remember it under a name."""

    id: str
    prompts: tuple[Saying, ...]
    kind: Kind
    name: str
    """Of the value; '' for yes or no, which only decides where to go."""
    then: str
    """After a yes, where the kind is YES_NO."""
    if_no: str = GOODBYE
    entry: Entry | None = None
    """None: one key (YES_NO), or none at all (UTTERANCE)."""
    confirm: bool = True
    wait_for: float = 6.0
    longest_for: float | None = None
    """Seconds of speech; None: the dialplan's."""
    end_after: float | None = None
    """Seconds of silence that end what is said; None: by the kind."""
    sure_from: float | None = None
    retry: Retry = field(default_factory=Retry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Ask a web service with what the caller gave, say its answer, and go where it says."""

    id: str
    url: str
    prompts: tuple[Saying, ...] = ()
    """Said while the service thinks."""
    send: tuple[str, ...] | None = None
    """Names of the values that are sent; None: all."""
    deadline: float = 3.0
    """Seconds for one try."""
    tries: int = 2
    answers: Mapping[str, str] = field(default_factory=dict)
    """From the service's word to a target."""
    then: str
    """When the service gives no word."""
    if_failed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Play the prompts to the end, then go on."""

    id: str
    prompts: tuple[Saying, ...]
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Wait in a queue, then talk to an operator."""

    id: str
    queue: QueueId
    needs: tuple[Need, ...] = ()
    """Beside the queue's own. May contain the skill CALLER_LANGUAGE."""
    priority: int | None = None
    announcements: QueueAnnouncements = field(default_factory=QueueAnnouncements)
    leave_keys: Mapping[str, str] = field(default_factory=dict)
    whisper: str = ""
    if_full: str = GOODBYE
    if_waited_too_long: str = GOODBYE
    if_nobody_logged_in: str = GOODBYE
    after_talk: str = GOODBYE


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOut:
    """Call another number and join."""

    id: str
    number: str
    ring_for: float = 30.0
    if_not_answered: str = GOODBYE
    after_talk: str = GOODBYE


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail:
    """Take a message: tone, recording, then a menu to listen, record again, add to it or leave it.

    A caller who hangs up on the way has left what was recorded; an empty message is dropped.
    """

    id: str
    queue: QueueId
    """Whose operators get it."""
    prompts: tuple[Saying, ...]
    """Said before the tone."""
    longest_for: float = 180.0
    """Seconds of all recordings of one message together."""
    end_after: float = 5.0
    """Seconds of silence that end a recording."""
    shortest_for: float = 1.0
    """Less sound than this is an empty message."""
    review: bool = True
    """False: it is left as soon as the recording ends."""
    wait_for: float = 6.0
    retry: Retry = field(default_factory=Retry)
    then: str
    if_empty: str
    if_failed: str
    """The message could not be recorded or stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """Promise a call-back: the number is confirmed, or another one is given, perhaps a time chosen."""

    id: str
    queue: QueueId
    prompts: tuple[Saying, ...]
    """Said first."""
    number: str = ""
    """Name of a value that holds the number; '': the caller's own number."""
    may_type: bool = True
    """Another number may be given."""
    entry: Entry
    """Of another number."""
    choose_time: bool = False
    """The caller may choose a time instead of the place in line."""
    times: CallingTimes | None = None
    """When the caller may be called; None: at any time."""
    wait_for: float = 6.0
    sure_from: float | None = None
    retry: Retry = field(default_factory=Retry)
    then: str
    if_refused: str
    """This number cannot be called back, or there are too many promises already."""
    if_failed: str
    """The promise could not be taken down: nothing was promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Speak this language from now on."""

    id: str
    language: str
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHours:
    """Go one way while open, another way while closed."""

    id: str
    hours: str
    if_open: str
    if_closed: str


@dataclass(frozen=True, slots=True)
class Rule:
    condition: Condition
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """Go the way of the first rule whose condition holds."""

    id: str
    rules: tuple[Rule, ...]
    otherwise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValues:
    """Remember values for the rest of the call."""

    id: str
    values: Mapping[str, str]
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLine:
    """Go on as if the caller had dialled another line; counters and language are kept."""

    id: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """Play the prompts, if any, and hang up."""

    id: str
    prompts: tuple[Saying, ...] = ()


DialplanStep = (
    Menu
    | Question
    | Hook
    | Message
    | Wait
    | TransferOut
    | Voicemail
    | CallBack
    | Language
    | ByHours
    | Choose
    | SetValues
    | OtherLine
    | Farewell
)


Asker = Menu | Question | Voicemail | CallBack
"""Steps that ask the caller something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What callers dial."""

    id: str
    names: Mapping[str, str]
    """Display name by language."""
    numbers: tuple[str, ...]
    languages: tuple[str, ...]
    """The first one is spoken until the caller chooses."""
    start: str
    if_language_known: str | None = None
    """The first step of a caller whose language is remembered; None: `start`."""
    hours: str | None = None
    """None: always open."""
    if_closed: str = GOODBYE
    operator: str | None = None
    """Target of the word for it everywhere, and of the key 0 where that has no meaning of its own."""
    language_key: str = ""
    """Goes to the next language in every menu that gives this key no meaning of its own; '': no key does."""
    otherwise: str = GOODBYE
    """Where a caller goes who was silent, wrong or on the way for too long."""
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialplan:
    version: str
    """Changes with every change of the files."""
    lines: Mapping[str, Line]
    steps: Mapping[str, DialplanStep]
    hours: Mapping[str, Hours] = field(default_factory=dict)
    prompts: SystemPrompts = SystemPrompts()
    hearing: Hearing = field(default_factory=Hearing)

    def find_line(self, number_or_id: str) -> Line | None:
        """The line with this number, else the line with this id. Ids are never all digits."""
        for line in self.lines.values():
            if number_or_id in line.numbers:
                return line
        return self.lines.get(number_or_id)
