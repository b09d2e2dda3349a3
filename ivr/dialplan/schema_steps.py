"""The words of the dialplan's steps: one class per kind of step. `dialplans/README.md` explains them."""

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
    Texts,
    Url,
)
from ivr.dialplan.schema import (
    AnnounceGroup,
    MenuWait,
    Priority,
    RingTime,
    Skills,
    SpeechTime,
    WaitTime,
)
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
    sure: Confidence | None = None
    if_silent: Id | None = None
    if_wrong_key: Id | None = None
    if_not_understood: Id | None = None
    if_unsure: Id | None = None
    if_too_long: Id | None = None
    if_speech_busy: Id | None = None
    if_speech_dead: Id | None = None
    say_again: dict[MissWord, Prompts] = Field(default_factory=dict)

    @property
    def edges(self) -> dict[Miss, str]:
        """The edges that are given."""
        named = {miss: getattr(self, f"if_{miss.replace('-', '_')}") for miss in Miss}
        return {miss: target for miss, target in named.items() if target is not None}


class MenuStep(AskingStep):
    menu: Sayings
    keys: Annotated[dict[Key, Id], Field(min_length=1)]
    phrases: dict[Id, dict[Language, Phrases]] = Field(default_factory=dict)
    wait: MenuWait = 5.0


class AskStep(AskingStep):
    ask: Sayings
    for_: Annotated[KindWord, Field(alias="for")]
    name: Id | None = None
    length: Lengths | None = None
    pattern: Patterns | None = None
    between: Between | None = None
    confirm: bool = True
    wait: MenuWait = 6.0
    pause: Annotated[float, Duration, Field(ge=1.0, le=10.0)] = 4.0
    longest: SpeechTime | None = None
    then: Id | None = None
    if_yes: Id | None = None
    if_no: Id | None = None

    @property
    def kind(self) -> Kind:
        return Kind(self.for_)


class WebStep(Group):
    web: Url
    send: Annotated[list[Id], Field(max_length=30)] | None = None
    say: Sayings | None = None
    deadline: Annotated[float, Duration, Field(ge=0.2, le=15.0)] = 3.0
    tries: Annotated[int, Field(ge=1, le=4)] = 2
    answers: dict[Id, Id] = Field(default_factory=dict)
    then: Id = "goodbye"
    if_failed: Id


class PlayStep(Group):
    play: Sayings
    then: Id


class QueueStep(Group):
    queue: Id
    skills: Skills = Field(default_factory=dict)
    priority: Priority | None = None
    announce: AnnounceGroup | None = None
    whisper: Prompt | None = None
    leave_keys: dict[Key, Id] = Field(default_factory=dict)
    if_full: Id = "goodbye"
    if_waited_too_long: Id = "goodbye"
    if_nobody_logged_in: Id = "goodbye"
    after_talk: Id = "goodbye"


class TransferStep(Group):
    transfer: Number
    ring: RingTime = 30.0
    if_not_answered: Id = "goodbye"
    after_talk: Id = "goodbye"


class LanguageStep(Group):
    language: Language
    then: Id


class HoursStep(Group):
    hours: Id
    if_open: Id
    if_closed: Id


class RuleGroup(Group):
    """One condition, told by the first of these keys that it has, and where it leads."""

    caller: Patterns | None = None
    value: Id | None = None
    is_: Annotated[Texts | None, Field(alias="is")] = None
    from_: Annotated[int | None, Field(alias="from", ge=0)] = None
    to: Annotated[int | None, Field(ge=0)] = None
    hours: Id | None = None
    waiting: Id | None = None
    more_than: Annotated[int, Field(ge=0, le=10_000)] | None = None
    wait: Id | None = None
    longer_than: WaitTime | None = None
    nobody_in: Id | None = None
    switch: Id | None = None
    language: Language | None = None
    share: Annotated[int, Field(ge=1, le=100)] | None = None
    then: Id

    @property
    def kinds(self) -> list[str]:
        """The conditions that are given, as keys."""
        return [kind for kind in CONDITIONS if getattr(self, kind.replace("-", "_")) is not None]


class ChooseStep(Group):
    choose: Annotated[list[RuleGroup], Field(min_length=1, max_length=50)]
    otherwise: Id


class SetStep(Group):
    set: Annotated[dict[Id, Text], Field(min_length=1, max_length=20)]
    then: Id


class LineStep(Group):
    line: Id


class HangUpStep(Group):
    hang_up: LastPrompts


CONDITIONS: dict[str, frozenset[str]] = {
    "caller": frozenset(),
    "value": frozenset({"is", "from", "to"}),
    "hours": frozenset(),
    "waiting": frozenset({"more-than"}),
    "wait": frozenset({"longer-than"}),
    "nobody-in": frozenset(),
    "switch": frozenset(),
    "language": frozenset(),
    "share": frozenset(),
}
"""What a rule may ask for, and the keys that go with it."""

STEPS: dict[str, type[Group]] = {
    "menu": MenuStep,
    "ask": AskStep,
    "web": WebStep,
    "play": PlayStep,
    "queue": QueueStep,
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
    | TransferStep
    | LanguageStep
    | HoursStep
    | ChooseStep
    | SetStep
    | LineStep
    | HangUpStep
)
