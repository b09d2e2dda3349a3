"""Small dialplans by chance, from a seed: every kind of step, tight limits, ways that lead anywhere."""

from dataclasses import replace
from random import Random

from acd.core.words import QueueId
from acd.core.work import CallingTimes
from ivr.flow import conditions
from ivr.flow.hearing import Entry, Hearing, Miss, Retry
from ivr.flow.hours import Hours, Period
from ivr.flow.model import (
    GOODBYE,
    KEYS,
    OPERATOR,
    ByHours,
    CallBack,
    Choose,
    Dialplan,
    DialplanStep,
    Farewell,
    Hook,
    Kind,
    Language,
    Limits,
    Line,
    Menu,
    Message,
    OtherLine,
    Question,
    Rule,
    SetValues,
    TransferOut,
    Voicemail,
    Wait,
)
from ivr.flow.said import Saying, Slot

QUEUE = QueueId("q")
SWITCH = "storm"
PHRASES = {"uk": ["посилка", "так"], "en": ["parcel"]}
ENTRIES = [Entry(patterns=("XX",)), Entry(patterns=("X", "0XX")), Entry(patterns=("XXXX",), pause_for=2.0)]
NUMBERS = [Entry(patterns=("XXX",)), Entry(patterns=("0XXX", "XX"), pause_for=1.5)]


def random_dialplan(seed: int, most_steps: int = 3) -> Dialplan:
    rng = Random(seed)
    ids = [f"s{number}" for number in range(rng.randint(1, most_steps))]
    targets = [*ids, *ids, OPERATOR, GOODBYE, "gone"]
    languages = rng.choice([("uk",), ("uk",), ("en",), ("uk", "en"), ("en", "uk")])
    names = rng.choice([["main"], ["main", "other"]])
    most = rng.randint(4, 6)
    lines = [_line(rng, name, languages, targets, most) for name in names]
    return Dialplan(
        version=str(seed),
        lines={line.id: line for line in lines},
        steps={name: _step(rng, name, targets) for name in ids},
        hours={name: _hours(rng, name) for name in ("day", "desk")},
        hearing=Hearing(faults_allowed=rng.randint(1, 2), longest_for=rng.choice([2.0, 8.0])),
    )


def _line(rng: Random, name: str, languages: tuple[str, ...], targets: list[str], most: int) -> Line:
    return Line(
        id=name,
        names={},
        numbers=(name,),
        languages=languages,
        start=rng.choice(targets),
        if_language_known=rng.choice([None, rng.choice(targets)]),
        hours=rng.choice([None, None, "day", "desk"]),
        if_closed=rng.choice(targets),
        operator=rng.choice([None, rng.choice(targets)]),
        language_key=rng.choice(["", "#", "*"]),
        otherwise=rng.choice(targets),
        limits=Limits(
            silences=rng.randint(1, 2),
            wrong_keys=rng.randint(1, 2),
            misheard=rng.randint(1, 2),
            steps=most,
        ),
    )


def _hours(rng: Random, name: str) -> Hours:
    opens = rng.randint(0, 22)
    day = (Period(opens * 60, rng.randint(opens + 1, 24) * 60),)
    week = [day if rng.random() < 0.7 else () for _ in range(7)]
    return Hours(id=name, time_zone="Europe/Kyiv", week=tuple(week))  # type: ignore[arg-type]


def _retry(rng: Random, targets: list[str]) -> Retry:
    edges = {miss: rng.choice(targets) for miss in Miss if rng.random() < 0.2}
    again = {miss: rng.choice([(), ("q",), ("p", "q")]) for miss in Miss if rng.random() < 0.2}
    return Retry(tries=rng.choice([1, 2, 2, 3]), edges=edges, again=again)


def _prompts(rng: Random) -> tuple[Saying, ...]:
    return rng.choice([("p",), ("q", "p"), (), ("p", Slot("digits", "value"))])


def _step(rng: Random, name: str, targets: list[str]) -> DialplanStep:
    def to() -> str:
        return rng.choice(targets)

    keys = {key: to() for key in rng.sample(KEYS, rng.choice([0, 1, 2, 2, 12]))}
    made: list[DialplanStep] = [
        Menu(
            id=name,
            prompts=_prompts(rng),
            keys=keys,
            phrases={
                language: {phrase: to() for phrase in phrases if rng.random() < 0.5}
                for language, phrases in PHRASES.items()
            },
            wait_for=rng.choice([2.0, 5.0]),
            retry=_retry(rng, targets),
        ),
        _question(rng, name, targets),
        Hook(
            id=name,
            url="http://127.0.0.1/",
            prompts=_prompts(rng),
            answers={word: to() for word in ("found", "none") if rng.random() < 0.5},
            then=to(),
            if_failed=to(),
        ),
        Message(id=name, prompts=_prompts(rng), then=to()),
        Wait(
            id=name,
            queue=QUEUE,
            leave_keys={key: target for key, target in keys.items() if rng.random() < 0.3},
            if_full=to(),
            if_waited_too_long=to(),
            if_nobody_logged_in=to(),
            after_talk=to(),
        ),
        TransferOut(id=name, number="1", ring_for=8.0, if_not_answered=to(), after_talk=to()),
        Language(id=name, language=rng.choice(["uk", "en"]), then=to()),
        ByHours(id=name, hours=rng.choice(["day", "desk", "none"]), if_open=to(), if_closed=to()),
        OtherLine(id=name, line=rng.choice(["main", "other"])),
        Farewell(id=name, prompts=_prompts(rng)),
        SetValues(id=name, values={"value": rng.choice(["77", "5"])}, then=to()),
        _choose(rng, name, targets),
        _voicemail(rng, name, targets),
        _call_back(rng, name, targets),
    ]
    weights = [6, 4, 2, 2, 3, 1, 1, 1, 1, 1, 1, 2, 3, 3]
    return rng.choices(made, weights)[0]


def _question(rng: Random, name: str, targets: list[str]) -> Question:
    kind = rng.choice(list(Kind))
    entry = rng.choice(ENTRIES) if kind in (Kind.DIGITS, Kind.NUMBER) else None
    return Question(
        id=name,
        prompts=_prompts(rng),
        kind=kind,
        name="" if kind is Kind.YES_NO else "value",
        then=rng.choice(targets),
        if_no=rng.choice(targets),
        entry=Entry(patterns=("XXXX",)) if kind is Kind.DATE else entry,
        confirm=rng.random() < 0.6,
        wait_for=rng.choice([2.0, 6.0]),
        retry=_retry(rng, targets),
    )


def _voicemail(rng: Random, name: str, targets: list[str]) -> Voicemail:
    return Voicemail(
        id=name,
        queue=QUEUE,
        prompts=_prompts(rng),
        longest_for=rng.choice([2.5, 3.0]),
        end_after=rng.choice([1.0, 5.0]),
        review=rng.random() < 0.6,
        wait_for=rng.choice([2.0, 6.0]),
        retry=_retry(rng, targets),
        then=rng.choice(targets),
        if_empty=rng.choice(targets),
        if_failed=rng.choice(targets),
    )


def _call_back(rng: Random, name: str, targets: list[str]) -> CallBack:
    times = CallingTimes(time_zone="Europe/Kyiv", week=(((540, 1080),),) * 7)
    return CallBack(
        id=name,
        queue=QUEUE,
        prompts=_prompts(rng),
        number=rng.choice(["", "value"]),
        may_type=rng.random() < 0.6,
        entry=rng.choice(NUMBERS),
        choose_time=rng.random() < 0.5,
        times=rng.choice([None, times]),
        wait_for=rng.choice([2.0, 6.0]),
        retry=_retry(rng, targets),
        then=rng.choice(targets),
        if_refused=rng.choice(targets),
        if_failed=rng.choice(targets),
    )


def _choose(rng: Random, name: str, targets: list[str]) -> Choose:
    asked: list[conditions.Single] = [
        conditions.CallerIs(("380XX",)),
        conditions.ValueIs("value", ("77", "0777")),
        conditions.ValueBetween("value", 6, 80),
        conditions.IsOpen("day"),
        conditions.WaitingMoreThan(QUEUE, 2),
        conditions.WaitLongerThan(QUEUE, 60.0),
        conditions.NobodyIn(QUEUE),
        conditions.SwitchOn(SWITCH),
        conditions.LanguageIs("uk"),
        conditions.Share(0, 30),
    ]
    alone = rng.sample(asked, rng.randint(1, 2))
    together = [part for part in rng.sample(asked, 2) if not isinstance(part, conditions.Share)]
    rules = [Rule(condition, rng.choice(targets)) for condition in alone]
    if len(together) > 1 and rng.random() < 0.4:
        rules.insert(rng.randint(0, 1), Rule(conditions.AllOf(tuple(together)), rng.choice(targets)))
    return Choose(id=name, rules=tuple(rules), otherwise=rng.choice(targets))


def with_limits(dialplan: Dialplan, limits: Limits) -> Dialplan:
    lines = {name: replace(line, limits=limits) for name, line in dialplan.lines.items()}
    return replace(dialplan, lines=lines)
