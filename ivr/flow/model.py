"""A compiled dialplan: what the interpreter walks. Frozen, checked by whoever builds it.

Targets are ids of steps, or one of the two built-in names `OPERATOR` and `GOODBYE`. Durations in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.core.settings import Need
from acd.core.words import QueueId
from ivr.flow.actions import QueueAnnouncements
from ivr.flow.hours import Hours

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

    silence: str = "silence"
    wrong_key: str = "wrong-key"
    goodbye: str = "goodbye"
    line_unknown: str = "line-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """For the whole call, whatever menus it visits. Beyond a limit the call goes to an `otherwise` edge."""

    silences: int = 3
    wrong_keys: int = 4
    steps: int = 60
    """Steps walked. It bounds every dialogue, also that of a caller who only presses right keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Say the prompts, wait for one key."""

    id: str
    prompts: tuple[str, ...]
    keys: Mapping[str, str]
    """From a key to a target."""
    wait_for: float = 5.0
    tries: int = 3
    """So often it is said in one visit, before one of the following two edges is taken."""
    if_silent: str | None = None
    """None: the line's `otherwise`."""
    if_wrong_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Play the prompts to the end, then go on."""

    id: str
    prompts: tuple[str, ...]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLine:
    """Go on as if the caller had dialled another line; counters and language are kept."""

    id: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """Play the prompts, if any, and hang up."""

    id: str
    prompts: tuple[str, ...] = ()


DialplanStep = Menu | Message | Wait | TransferOut | Language | ByHours | OtherLine | Farewell


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
    hours: str | None = None
    """None: always open."""
    if_closed: str = GOODBYE
    operator: str | None = None
    """Target of the key 0 in every menu that gives 0 no meaning of its own."""
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

    def find_line(self, number_or_id: str) -> Line | None:
        """The line with this number, else the line with this id. Ids are never all digits."""
        for line in self.lines.values():
            if number_or_id in line.numbers:
                return line
        return self.lines.get(number_or_id)
