"""The words of the dialplan's steps: one class per kind of step, with its meaning, as in `schema`."""

from typing import Annotated, Literal

from pydantic import Field

from ivr.dialplan.fields import (
    Between,
    Confidence,
    Duration,
    Group,
    Id,
    Key,
    Language,
    LastPrompts,
    Lengths,
    Number,
    Patterns,
    Phrases,
    Prompt,
    Prompts,
    Sayings,
    Text,
    Url,
)
from ivr.dialplan.schema import AnnounceGroup, MenuWait, Priority, RingTime, Skills, SpeechTime
from ivr.dialplan.schema_rules import RuleGroup
from ivr.flow.hearing import Miss
from ivr.flow.model import Kind

Tries = Annotated[int, Field(ge=1, le=5)]
KindWord = Literal["digits", "number", "date", "yes-no", "utterance"]
MissWord = Literal[
    "silent", "wrong-key", "not-understood", "unsure", "too-long", "speech-busy", "speech-dead"
]


class AskingStep(Group):
    """What menus and questions share: what becomes of an answer that leads nowhere."""

    tries: Tries = 3
    """how often it is asked"""
    sure: Confidence | None = None
    """confidence from which words count, 0 to 1. Left out: the center's"""
    if_silent: Id | None = None
    """the step after silence at every try. Left out: `otherwise` of the line"""
    if_wrong_key: Id | None = None
    """the step after wrong keys. Left out: `otherwise` of the line"""
    if_not_understood: Id | None = None
    """the step after words that were not asked for. Left out: `otherwise` of the line"""
    if_unsure: Id | None = None
    """the step after words recognised with too little confidence. Left out: `otherwise` of the line"""
    if_too_long: Id | None = None
    """the step after speaking for too long. Left out: `otherwise` of the line"""
    if_speech_busy: Id | None = None
    """the step at once when the recogniser has no room. Left out: on by keys"""
    if_speech_dead: Id | None = None
    """the step at once when the recogniser fails. Left out: on by keys"""
    say_again: dict[MissWord, Prompts] = Field(default_factory=dict)
    """what is said before the second try, the third, …, for instance `{ silent: [silence, silence-again] }`;
    by `silent`, `wrong-key`, `not-understood`, `unsure`, `too-long`, `speech-busy`, `speech-dead`. Left
    out: the prompts of that name
    """

    @property
    def edges(self) -> dict[Miss, str]:
        """The edges that are given."""
        named = {miss: getattr(self, f"if_{miss.replace('-', '_')}") for miss in Miss}
        return {miss: target for miss, target in named.items() if target is not None}


class MenuStep(AskingStep):
    """says prompts, waits for one key or phrase"""

    menu: Sayings
    """the prompts"""
    keys: Annotated[dict[Key, Id], Field(min_length=1)]
    """a step for each key"""
    phrases: dict[Id, dict[Language, Phrases]] = Field(default_factory=dict)
    """a step, and what callers say for it by language. Left out: none"""
    wait: MenuWait = 5.0
    """how long an answer is waited for"""


class AskStep(AskingStep):
    """asks for a value and has it confirmed"""

    ask: Sayings
    """the prompts"""
    for_: Annotated[KindWord, Field(alias="for")]
    """`digits` (account, parcel number), `number`, `date` (typed as day and month, or with the year:
    22112026), `yes-no` (1 and 2 on the keys), `utterance` (free words, recorded and transcribed)
    """
    name: Id | None = None
    """name of the value. Left out: must be there, but for `yes-no`"""
    length: Lengths | None = None
    """how many digits: `8`, `5-8`. Left out: up to 12"""
    pattern: Patterns | None = None
    """instead of `length`: digits, `X` for any: `[0XXXXXXXXX, 1XXX]`. Left out: none"""
    between: Between | None = None
    """instead of `length`, for a `number`: the least and the greatest, up to 99: `1-5`, `0-10`; the key 0 is
    then an answer where 0 is among them, not the operator. Left out: none
    """
    confirm: bool = True
    """`false`: a number or date is not read back"""
    wait: MenuWait = 6.0
    """how long the first word or key is waited for"""
    pause: Annotated[float, Duration, Field(ge=1.0, le=10.0)] = 4.0
    """how long without a key ends a number whose length may vary; `#` ends it too"""
    longest: SpeechTime | None = None
    """how long a caller speaks. Left out: as in `speech`"""
    end_after: Annotated[float, Duration, Field(ge=0.2, le=5.0)] | None = None
    """how long a silence ends what is said. Left out: `1 s` for digits, numbers and dates, `2 s` for an
    utterance, for `yes-no` the server's setting"""
    then: Id | None = None
    """the next step. Left out: must be there, but for `yes-no`"""
    if_yes: Id | None = None
    """the step after yes, for `yes-no`. Left out: must be there for `yes-no`"""
    if_no: Id | None = None
    """the step after no, for `yes-no`. Left out: must be there for `yes-no`"""

    @property
    def kind(self) -> Kind:
        return Kind(self.for_)


class WebStep(Group):
    """asks the company's own service"""

    web: Url
    """`https://…`, or `/path` below the center's `web-address`"""
    send: Annotated[list[Id], Field(max_length=30)] | None = None
    """names of values; an utterance's recording is `NAME-recording`. Left out: all of the call"""
    say: Sayings | None = None
    """prompts while the service thinks. Left out: silence"""
    deadline: Annotated[float, Duration, Field(ge=0.2, le=15.0)] = 3.0
    """how long one try may take"""
    tries: Annotated[int, Field(ge=1, le=4)] = 2
    """how often it is asked"""
    answers: dict[Id, Id] = Field(default_factory=dict)
    """from the service's word to a step. Left out: none"""
    then: Id = "goodbye"
    """when the service gives no word"""
    if_failed: Id
    """no usable answer in time, or a word that is not in `answers`"""


class PlayStep(Group):
    """says prompts to the end"""

    play: Sayings
    """the prompts"""
    then: Id
    """the next step"""


class QueueStep(Group):
    """waits, then talks"""

    queue: Id
    """name of the queue"""
    skills: Skills = Field(default_factory=dict)
    """in addition to the queue's, or instead of it. Left out: the queue's"""
    priority: Priority | None = None
    """instead of the queue's. Left out: the queue's"""
    announce: AnnounceGroup | None = None
    """instead of the queue's. Left out: the queue's"""
    whisper: Prompt | None = None
    """instead of the queue's. Left out: the queue's"""
    leave_keys: dict[Key, Id] = Field(default_factory=dict)
    """keys that end the waiting, a step for each. Left out: none"""
    if_full: Id = "goodbye"
    """the step when too many wait"""
    if_waited_too_long: Id = "goodbye"
    """the step after `max-wait`"""
    if_nobody_logged_in: Id = "goodbye"
    """the step when nobody can answer"""
    after_talk: Id = "goodbye"
    """the step after the talk"""


class VoicemailStep(Group):
    """takes a message for the operators of a queue; silence and hanging up leave it too"""

    voicemail: Id
    """name of the queue"""
    say: Sayings | None = None
    """prompts before the tone. Left out: `voicemail-welcome`"""
    longest: Annotated[float, Duration, Field(ge=5.0, le=600.0)] = 180.0
    """how long the whole message may be"""
    end_after: Annotated[float, Duration, Field(ge=1.0, le=20.0)] = 5.0
    """how long a silence ends a recording; `#` ends it too"""
    shortest: Annotated[float, Duration, Field(ge=0.2, le=10.0)] = 1.0
    """less than this is no message"""
    review: bool = True
    """`false`: no menu, it is left at once"""
    wait: MenuWait = 6.0
    """how long the menu waits"""
    tries: Tries = 2
    """how often an empty message is asked for"""
    then: Id = "goodbye"
    """the step after the message"""
    if_empty: Id = "goodbye"
    """the step when nothing was said"""
    if_failed: Id = "goodbye"
    """the step when it could not be stored"""


class CallBackStep(AskingStep):
    """promises a call by an operator of a queue, in the caller's place in line"""

    call_back: Id
    """name of the queue"""
    say: Sayings | None = None
    """prompts said first. Left out: `call-back-welcome`"""
    number: Id | None = None
    """name of a value that holds the number. Left out: the caller's own"""
    other_number: bool = True
    """`false`: no other number can be given"""
    length: Lengths | None = None
    """how many digits another number has: `10`, `9-12`. Left out: 5 to 15"""
    pattern: Patterns | None = None
    """instead of `length`: digits, `X` for any: `[0XXXXXXXXX, 7XX]`. Left out: none"""
    choose_time: bool = False
    """`true`: a time of day may be chosen instead of the place in line"""
    wait: MenuWait = 6.0
    """how long the first word or key is waited for"""
    pause: Annotated[float, Duration, Field(ge=1.0, le=10.0)] = 4.0
    """how long without a key ends a number; `#` ends it too"""
    then: Id = "goodbye"
    """the step after the promise, also where one was made before"""
    if_refused: Id = "goodbye"
    """the step when this number cannot be called, or too many calls are promised"""
    if_failed: Id = "goodbye"
    """the step when it could not be taken down"""


class TransferStep(Group):
    """calls another number; it must match `allowed-numbers`"""

    transfer: Number
    """the number"""
    ring: RingTime = 30.0
    """how long it rings"""
    if_not_answered: Id = "goodbye"
    """the step when nobody answers"""
    after_talk: Id = "goodbye"
    """the step after the talk"""


class LanguageStep(Group):
    """speaks this language from now on"""

    language: Language
    """its two letters"""
    then: Id
    """the next step"""


class HoursStep(Group):
    """goes one way or the other"""

    hours: Id
    """name of opening hours"""
    if_open: Id
    """the step while open"""
    if_closed: Id
    """the step while closed"""


class ChooseStep(Group):
    """goes the way of the first rule that holds (see "Rules")"""

    choose: Annotated[list[RuleGroup], Field(min_length=1, max_length=50)]
    """the rules, each one condition and `then`"""
    otherwise: Id
    """the step if none holds"""


class SetStep(Group):
    """remembers values, for rules, pieces and web services: `set: { district: north }`"""

    set: Annotated[dict[Id, Text], Field(min_length=1, max_length=20)]
    """the values by name, for instance `{ district: north }`"""
    then: Id
    """the next step"""


class LineStep(Group):
    """goes on as if another line had been dialled"""

    line: Id
    """name of the line"""


class HangUpStep(Group):
    """says prompts, hangs up; `[]` says nothing"""

    hang_up: LastPrompts
    """the prompts; `[]` says nothing"""


STEPS: dict[str, type[Group]] = {
    "menu": MenuStep,
    "ask": AskStep,
    "web": WebStep,
    "play": PlayStep,
    "queue": QueueStep,
    "voicemail": VoicemailStep,
    "call-back": CallBackStep,
    "transfer": TransferStep,
    "language": LanguageStep,
    "hours": HoursStep,
    "choose": ChooseStep,
    "set": SetStep,
    "line": LineStep,
    "hang-up": HangUpStep,
}
"""A step's kind is told by the one of these keys that it has."""
StepGroup = (
    MenuStep
    | AskStep
    | WebStep
    | PlayStep
    | QueueStep
    | VoicemailStep
    | CallBackStep
    | TransferStep
    | LanguageStep
    | HoursStep
    | ChooseStep
    | SetStep
    | LineStep
    | HangUpStep
)
