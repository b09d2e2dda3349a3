"""The words of the dialplan language: one class per group of keys.

Field names are the keys with '_' for '-'. The text below a key is its meaning for whoever edits dialplans:
the reference `dialplans/README.md` and the editors' `dialplans/schema.json` are made of it
(`python -m ivr.dialplan.reference`). After 'Left out:' it says what holds without the key, where the default
does not say so by itself. References are checked afterwards, in `references`.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ivr.dialplan.fields import (
    Confidence,
    Date,
    Days,
    Duration,
    Group,
    Hours,
    Id,
    Key,
    Labels,
    Language,
    MonthDays,
    Number,
    Numbers,
    Pattern,
    Phrases,
    Prompt,
    Prompts,
    TimeZone,
    Url,
    YearlyDate,
    level_only,
)
from ivr.dialplan.schema_work import CallBackGroup, WorkGroup

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
    """silences"""
    wrong_keys: Annotated[int, Field(ge=1, le=10)] = 4
    """wrong keys"""
    misheard: Annotated[int, Field(ge=1, le=10)] = 4
    """answers not understood, unsure, too long or not confirmed"""
    steps: Annotated[int, Field(ge=10, le=500)] = 60
    """steps"""


class SpeechGroup(Group):
    sure: Confidence = 0.6
    """confidence from which words count, 0 to 1"""
    longest: SpeechTime = 8.0
    """how long a caller speaks"""
    faults: Annotated[int, Field(ge=1, le=10)] = 2
    """of the recogniser, after which a call goes on by keys"""
    operator_words: dict[Language, Phrases] = Field(default_factory=dict)
    """more words for the operator, by language. Left out: none"""


class CenterGroup(Group):
    languages: Annotated[list[Language], Field(min_length=1, max_length=20)]
    """two letters each; each has a folder of prompts; the first is spoken first"""
    time_zone: TimeZone = "UTC"
    """of opening hours, reports and the wallboard"""
    operator: Id | None = None
    """the step behind the word "operator" everywhere, and behind key 0 unless a menu uses 0 itself. Left out:
    0 is a wrong key
    """
    otherwise: Id | None = None
    """the step for callers who were silent, wrong or on the way for too long. Left out: the operator"""
    limits: LimitsGroup = LimitsGroup()
    """for the whole call. Left out: as said"""
    allowed_numbers: list[Pattern] = Field(default_factory=list)
    """what may be dialled; `X` is any digit. Left out: nothing"""
    fallback_number: Number | None = None
    """where callers go while the server is away. Left out: apology only"""
    language_key: Key | None = None
    """goes to the next language in every menu and at every question. Left out: no key does"""
    speech: SpeechGroup = SpeechGroup()
    """how callers are understood. Left out: as said"""
    web_address: Url | None = None
    """put before `web: /path` of steps; the setting `DZVIN_WEB_ADDRESS` goes before it, for a trial. Left
    out: none
    """
    talk_within: Annotated[float, Duration, Field(gt=0.0, le=60.0)] = 3.0
    """a free operator and a waiting caller talk within this time; else it is logged"""
    alarm_after: Annotated[float, Duration, Field(gt=0.0, le=60.0)] = 1.0
    """a free operator beside a waiting caller for so long is an alarm"""


class LineGroup(Group):
    name: Labels
    """name to show"""
    numbers: Numbers
    """one or several"""
    start: Id
    """the first step"""
    languages: Annotated[list[Language], Field(min_length=1, max_length=20)] | None = None
    """the first is spoken first. Left out: the center's"""
    hours: Id | None = None
    """name of opening hours. Left out: always open"""
    if_closed: Id | None = None
    """the step outside the hours. Left out: `goodbye`"""
    operator: Id | None = None
    """as in `center`, for this line. Left out: the center's"""
    otherwise: Id | None = None
    """as in `center`, for this line. Left out: the center's"""
    if_language_known: Id | None = None
    """the first step of callers who chose their language in a former call. Left out: `start`"""
    language_key: Key | None = None
    """as in `center`, for this line. Left out: the center's"""
    limits: LimitsGroup | None = None
    """as in `center`, for this line. Left out: the center's"""


class PublicHolidays(Group):
    country: str
    """its two letters"""
    open: Hours = ()
    """hours on these days. Left out: closed"""


class ExceptionGroup(Group):
    open: Hours
    """hours on these days"""
    on: YearlyDate | None = None
    """a date `2026-12-31`, or `12-31` for every year. Left out: none"""
    from_: Annotated[Date | None, Field(alias="from")] = None
    """the first day, with `to` instead of `on`. Left out: none"""
    to: Date | None = None
    """the last day. Left out: none"""
    every_month: MonthDays | None = None
    """instead of a date: days of every month, `1-4`, `15`. Left out: none"""
    note: str = ""
    """for yourself. Left out: none"""


class HoursGroup(Group):
    week: dict[Days, Hours]
    """`mon` to `sun`, ranges like `mon-fri`, or `daily`; days not named are closed"""
    time_zone: TimeZone | None = None
    """of these hours. Left out: the center's"""
    public_holidays: PublicHolidays | None = None
    """of a country. Left out: as any day"""
    exceptions: list[ExceptionGroup] = Field(default_factory=list)
    """single days and periods; the first one that fits counts. Left out: none"""


class RelaxGroup(Group):
    after: WaitTime
    """the wait after which less is asked for"""
    level: RelaxedLevel
    """the level from then on; 0: none is needed"""


class SkillGroup(Group):
    level: Level
    """the level that is needed, or above"""
    relax: list[RelaxGroup] = Field(default_factory=list)
    """asks for less after a wait. Left out: never"""


Skills = dict[
    str, Annotated[SkillGroup, BeforeValidator(level_only, json_schema_input_type=Level | SkillGroup)]
]


class AnnounceGroup(Group):
    music: Id = "default"
    """class of music on hold"""
    every: Often | None = None
    """so often. Left out: music only"""
    first_after: AnyTime = 0.0
    """the first time. Left out: at once"""
    say: Prompts | None = None
    """prompts in turn. Left out: none"""
    position: bool = False
    """the caller's place"""
    expected_wait: bool = False
    """how long it may take"""


class MissGroup(Group):
    set_aside: Annotated[float, Duration, Field(ge=0.0, le=3600.0)]
    """no calls for so long"""
    break_after: Annotated[int, Field(ge=1, le=100)] | None = None
    """misses in a row that bring a break. Left out: none"""


class MissRules(Group):
    no_answer: MissGroup | None = None
    """the phone rang for the whole time"""
    busy: MissGroup | None = None
    """the phone was busy"""
    rejected: MissGroup | None = None
    """the operator refused the call"""
    unreachable: MissGroup | None = None
    """the phone was not there"""
    leg_lost: MissGroup | None = None
    """the phone's call broke off"""
    switch_error: MissGroup | None = None
    """Asterisk could not call"""


class QueueGroup(Group):
    name: Labels
    """name to show"""
    skills: Skills = Field(default_factory=dict)
    """each at this level (1–10) or above; `relax` asks for less after a wait, level 0 for nothing;
    `caller-language` is the language the caller hears. Left out: none
    """
    priority: Priority = 0
    """higher goes first"""
    ring: RingTime = 12.0
    """how long an operator's phone rings"""
    wrap_up: Annotated[float, Duration, Field(ge=0.0, le=3600.0)] = 10.0
    """the operator's time after a talk"""
    max_waiting: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """callers at once; the next one goes to `if-full`. Left out: no limit"""
    max_wait: WaitTime | None = None
    """then the caller goes to `if-waited-too-long`. Left out: no limit"""
    leave_if_nobody_logged_in: bool = True
    """`true`: such callers go to `if-nobody-logged-in`"""
    # A phone that is restarted must not send everybody away who waits for it.
    nobody_grace: Annotated[float, Duration, Field(ge=0.0, le=3600.0)] = 20.0
    """how long after the last operator logged out or the last phone was gone"""
    answer_within: Annotated[float, Duration, Field(ge=1.0, le=3600.0)] = 20.0
    """the T of the service level"""
    short_abandon: Annotated[float, Duration, Field(ge=0.0, le=60.0)] = 5.0
    """who hangs up sooner is not counted as lost"""
    keep_place: AnyTime = 180.0
    """a caller whose line dropped gets the place back within this time"""
    last_operator: Annotated[float, Duration, Field(ge=0.0, le=2592000.0)] = 0.0
    """a caller who calls again within this time gets the same operator first. Left out: never"""
    wait_for_last_operator: Annotated[float, Duration, Field(ge=0.0, le=3600.0)] = 0.0
    """how long only that operator may take the call. Left out: not at all"""
    announce: AnnounceGroup = AnnounceGroup()
    """what callers hear while they wait. Left out: music only"""
    whisper: Prompt | None = None
    """prompt that the operator hears before the caller. Left out: none"""
    after_miss: MissRules = MissRules()
    """what follows a call that the operator did not take, by cause. Left out: sensible times"""
    call_back: CallBackGroup = CallBackGroup()
    """how promised calls are made, see "Messages and call-backs". Left out: operator first, at any time but
    21:00–08:00
    """
    work: WorkGroup = WorkGroup()
    """how messages, and call-backs by hand, are offered, see there. Left out: as said there"""
    messages_kept: Annotated[int, Field(ge=1, le=3650)] | None = None
    """days for which recorded messages are kept. Left out: the server's setting"""


class PhoneGroup(Group):
    number: Number
    """also the account"""
    kind: PhoneKind = "generic"
    """how it is told to answer by itself: `linphone`, `microsip`, `zoiper`, `baresip`, `yealink`,
    `grandstream`, `generic`
    """


class OperatorGroup(Group):
    name: Labels
    """name to show"""
    phone: PhoneGroup
    """the operator's phone"""
    skills: dict[str, Level] = Field(default_factory=dict)
    """level 1 to 10 of each; every language is a skill by itself. Left out: none"""
    queues: Annotated[list[Id], Field(min_length=1)]
    """whose calls this operator takes"""


SECTIONS = (
    "center",
    "lines",
    "hours",
    "steps",
    "queues",
    "operators",
    "skills",
    "break-reasons",
    "switches",
    "topics",
    "departments",
)
