"""The words of the dialplan language: one class per group of keys. `dialplans/README.md` explains them.

Field names are the keys with '_' for '-'. References are checked afterwards, in `references`.
"""

from typing import Annotated, Literal

from pydantic import Field

from ivr.dialplan.fields import (
    Confidence,
    Days,
    Duration,
    Group,
    Hours,
    Id,
    Key,
    Labels,
    Language,
    LevelOnly,
    Number,
    Numbers,
    Pattern,
    Phrases,
    Prompt,
    Prompts,
    TimeZone,
    Url,
)

PhoneKind = Literal["linphone", "microsip", "zoiper", "baresip", "yealink", "grandstream", "generic"]
Level = Annotated[int, Field(ge=1, le=10)]
RelaxedLevel = Annotated[int, Field(ge=0, le=10)]
Priority = Annotated[int, Field(ge=-100, le=100)]
RingTime = Annotated[float, Duration, Field(ge=3.0, le=120.0)]
MenuWait = Annotated[float, Duration, Field(ge=1.0, le=60.0)]
WaitTime = Annotated[float, Duration, Field(ge=5.0, le=86400.0)]
AnyTime = Annotated[float, Duration, Field(ge=0.0, le=86400.0)]
SpeechTime = Annotated[float, Duration, Field(ge=1.0, le=120.0)]
Often = Annotated[float, Duration, Field(ge=5.0, le=3600.0)]


class LimitsGroup(Group):
    silences: Annotated[int, Field(ge=1, le=10)] = 3
    wrong_keys: Annotated[int, Field(ge=1, le=10)] = 4
    misheard: Annotated[int, Field(ge=1, le=10)] = 4
    steps: Annotated[int, Field(ge=10, le=500)] = 60


class SpeechGroup(Group):
    sure: Confidence = 0.6
    longest: SpeechTime = 8.0
    faults: Annotated[int, Field(ge=1, le=10)] = 2
    operator_words: dict[Language, Phrases] = Field(default_factory=dict)


class CenterGroup(Group):
    languages: Annotated[list[Language], Field(min_length=1, max_length=20)]
    time_zone: TimeZone = "UTC"
    operator: Id | None = None
    otherwise: Id | None = None
    limits: LimitsGroup = LimitsGroup()
    allowed_numbers: list[Pattern] = Field(default_factory=list)
    fallback_number: Number | None = None
    language_key: Key | None = None
    speech: SpeechGroup = SpeechGroup()
    web_address: Url | None = None
    talk_within: Annotated[float, Duration, Field(gt=0.0, le=60.0)] = 3.0
    alarm_after: Annotated[float, Duration, Field(gt=0.0, le=60.0)] = 1.0


class LineGroup(Group):
    name: Labels
    numbers: Numbers
    start: Id
    languages: Annotated[list[Language], Field(min_length=1, max_length=20)] | None = None
    hours: Id | None = None
    if_closed: Id | None = None
    operator: Id | None = None
    otherwise: Id | None = None
    if_language_known: Id | None = None
    language_key: Key | None = None
    limits: LimitsGroup | None = None


class PublicHolidays(Group):
    country: str
    open: Hours = ()


class ExceptionGroup(Group):
    open: Hours
    on: str | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    note: str = ""


class HoursGroup(Group):
    week: dict[Days, Hours]
    time_zone: TimeZone | None = None
    public_holidays: PublicHolidays | None = None
    exceptions: list[ExceptionGroup] = Field(default_factory=list)


class RelaxGroup(Group):
    after: WaitTime
    level: RelaxedLevel


class SkillGroup(Group):
    level: Level
    relax: list[RelaxGroup] = Field(default_factory=list)


Skills = dict[str, Annotated[SkillGroup, LevelOnly]]


class AnnounceGroup(Group):
    music: Id = "default"
    every: Often | None = None
    first_after: AnyTime = 0.0
    say: Prompts | None = None
    position: bool = False
    expected_wait: bool = False


class MissGroup(Group):
    set_aside: Annotated[float, Duration, Field(ge=0.0, le=3600.0)]
    break_after: Annotated[int, Field(ge=1, le=100)] | None = None


class MissRules(Group):
    no_answer: MissGroup | None = None
    busy: MissGroup | None = None
    rejected: MissGroup | None = None
    unreachable: MissGroup | None = None
    leg_lost: MissGroup | None = None
    switch_error: MissGroup | None = None


class QueueGroup(Group):
    name: Labels
    skills: Skills = Field(default_factory=dict)
    priority: Priority = 0
    ring: RingTime = 12.0
    wrap_up: Annotated[float, Duration, Field(ge=0.0, le=3600.0)] = 10.0
    max_waiting: Annotated[int, Field(ge=0, le=10_000)] | None = None
    max_wait: WaitTime | None = None
    leave_if_nobody_logged_in: bool = True
    nobody_grace: Annotated[float, Duration, Field(ge=0.0, le=3600.0)] = 20.0
    """A phone that is restarted must not send everybody away who waits for it."""
    answer_within: Annotated[float, Duration, Field(ge=1.0, le=3600.0)] = 20.0
    short_abandon: Annotated[float, Duration, Field(ge=0.0, le=60.0)] = 5.0
    keep_place: AnyTime = 180.0
    last_operator: Annotated[float, Duration, Field(ge=0.0, le=2592000.0)] = 0.0
    wait_for_last_operator: Annotated[float, Duration, Field(ge=0.0, le=3600.0)] = 0.0
    announce: AnnounceGroup = AnnounceGroup()
    whisper: Prompt | None = None
    after_miss: MissRules = MissRules()


class PhoneGroup(Group):
    number: Number
    kind: PhoneKind = "generic"


class OperatorGroup(Group):
    name: Labels
    phone: PhoneGroup
    skills: dict[str, Level] = Field(default_factory=dict)
    queues: Annotated[list[Id], Field(min_length=1)]


SECTIONS = ("center", "lines", "hours", "steps", "queues", "operators", "skills", "break-reasons", "switches")
