"""A call-back: nothing is promised for a number, or for a time, that the caller has not confirmed."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from acd.core.words import QueueId
from acd.core.work import CallingTimes
from ivr.flow.actions import Ask, CheckNumber, PromiseCallBack
from ivr.flow.hearing import Entry, Miss, Retry
from ivr.flow.inputs import CallerGone, Input, NumberChecked, Promised, Silence
from ivr.flow.model import CallBack, Dialplan, Farewell, Limits, Line, Message, Wait
from ivr.flow.said import Digits, TimeOfDay
from ivr.flow.testing import Transcript, call, press, say, type_in
from ivr.flow.work_prompts import CallBackPrompt, CallTimePrompt

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""A Monday; 14:00 in Kyiv."""
OWN = "0501234567"
LINE = Line(
    id="main",
    names={},
    numbers=("100",),
    languages=("uk", "en"),
    start="back",
    operator="help",
    otherwise="last",
    language_key="*",
    limits=Limits(silences=3, wrong_keys=4, misheard=4, steps=20),
)
WORKDAYS = CallingTimes(
    time_zone="Europe/Kyiv",
    week=(*(((9 * 60, 18 * 60),) for _ in range(5)), (), ()),
    dates={date(2026, 11, 24): ((10 * 60, 12 * 60),)},
)
CALL_BACK = CallBack(
    id="back",
    queue=QueueId("desk"),
    prompts=("welcome",),
    entry=Entry(patterns=tuple("X" * length for length in range(5, 13))),
    retry=Retry(tries=3, edges={Miss.NOT_UNDERSTOOD: "unclear"}),
    times=WORKDAYS,
    then="bye",
    if_refused="refused",
    if_failed="broken",
)
PLAN = Dialplan(
    version="1",
    lines={"main": LINE},
    steps={
        "back": CALL_BACK,
        "help": Wait(id="help", queue=QueueId("q")),
        **{
            name: Message(id=name, prompts=(name,), then="end")
            for name in ("bye", "refused", "broken", "unclear")
        },
        "last": Farewell(id="last", prompts=("last",)),
        "end": Farewell(id="end"),
    },
)
AT_A_TIME = replace(PLAN, steps={**PLAN.steps, "back": replace(CALL_BACK, choose_time=True)})


def talk(
    *script: Input,
    plan: Dialplan = PLAN,
    caller: str = OWN,
    hears: tuple[str, ...] = (),
    agreeable: bool = True,
    at: datetime = NOON,
) -> Transcript:
    return call(plan, "100", script, at=at, caller=caller, hears=hears, agreeable=agreeable)


def promised(transcript: Transcript) -> list[tuple[str, float | None]]:
    return [(promise.number, promise.at) for promise in transcript.promised]


def test_the_own_number_is_checked_said_and_confirmed() -> None:
    done = talk()
    assert done.actions[2] == CheckNumber(OWN)
    assert isinstance(done.last, Ask)
    assert done.last.said == ("welcome", CallBackPrompt.NUMBER, Digits(OWN), "confirm-question-keys")
    assert done.promised == ()
    done = talk(*press("1"))
    assert promised(done) == [(OWN, None)]
    assert done.promised[0].queue == "desk"
    assert done.prompts[-2:] == (CallBackPrompt.PROMISED, "bye")


def test_another_number_is_typed_and_confirmed() -> None:
    done = talk(*press("2"), type_in("0671112233"))
    assert done.promised == ()
    assert done.last == Ask(
        (CallBackPrompt.NUMBER, Digits("0671112233"), "confirm-question-keys"), CALL_BACK.wait_for
    )
    done = talk(*press("2"), type_in("0671112233"), *press("1"))
    assert promised(done) == [("0671112233", None)]
    assert done.session.wrong_keys == done.session.misheard == 0


def test_another_number_is_said_and_confirmed_by_voice() -> None:
    number = "нуль шість сім один один один два два три три"
    done = talk(say("ні"), say(number), say("так"), hears=("uk",))
    assert promised(done) == [("0671112233", None)]
    assert CallBackPrompt.SAY_NUMBER in done.prompts


def test_a_withheld_number_is_asked_for() -> None:
    for caller in ("", "anonymous", "12"):
        done = talk(caller=caller)
        assert isinstance(done.last, Ask)
        assert done.last.said == ("welcome", CallBackPrompt.TYPE_NUMBER)
    done = talk(type_in("0671112233"), *press("1"), caller="")
    assert promised(done) == [("0671112233", None)]


def test_the_number_is_called_as_it_was_checked() -> None:
    checked = NumberChecked("+380501234567", ok=True)
    done = talk(checked, *press("1"), agreeable=False)
    assert Digits("380501234567") in done.prompts
    assert promised(done) == [("+380501234567", None)]


def test_a_number_that_cannot_be_called_is_not_offered() -> None:
    no = NumberChecked(OWN, ok=False)
    done = talk(no, agreeable=False)
    assert isinstance(done.last, Ask)
    assert done.last.said == ("welcome", CallBackPrompt.NOT_THIS_NUMBER, CallBackPrompt.TYPE_NUMBER)
    done = talk(no, type_in("112233"), no, type_in("112234"), no, type_in("112235"), no, agreeable=False)
    assert done.prompts.count(CallBackPrompt.NOT_THIS_NUMBER) == 3
    assert done.session.wrong_keys == 3
    assert done.prompts[-2:] == (CallBackPrompt.REFUSED, "refused")
    only_own = replace(PLAN, steps={**PLAN.steps, "back": replace(CALL_BACK, may_type=False)})
    done = talk(no, plan=only_own, agreeable=False)
    assert done.prompts[-2:] == (CallBackPrompt.REFUSED, "refused")
    done = talk(plan=only_own, caller="")
    assert done.prompts[-2:] == (CallBackPrompt.REFUSED, "refused")


def test_a_value_may_hold_the_number() -> None:
    step = replace(CALL_BACK, number="phone")
    plan = replace(PLAN, steps={**PLAN.steps, "back": step})
    assert isinstance(talk(plan=plan).last, Ask)  # no such value: it is asked for
    assert talk(plan=plan).promised == ()


def test_a_number_that_is_not_confirmed_is_asked_for_again_and_never_called() -> None:
    done = talk(*press("2"), *[part for _ in range(3) for part in (type_in("112233"), *press("2"))])
    assert done.promised == ()
    assert done.session.misheard == 3
    assert done.prompts[-1] == "unclear"


@pytest.mark.parametrize("script", [[Silence()] * 3, press("999"), [CallerGone()]])
def test_silence_and_wrong_keys_confirm_nothing(script: list[Input]) -> None:
    done = talk(*script)
    assert done.promised == ()
    assert done.session.ended


def test_the_operator_and_another_language_can_be_asked_for() -> None:
    assert talk(*press("0")).queue == "q"
    assert talk(*press("2"), type_in("0")).queue == "q"
    assert talk(say("оператор"), hears=("uk",)).queue == "q"
    done = talk(*press("*"))
    assert done.session.language == "en"
    assert done.heard[-1] == ("en", "confirm-question-keys")
    assert talk(*press("0"), plan=AT_A_TIME).queue == "q"
    assert talk(*press("1"), *press("0"), plan=AT_A_TIME).queue == "q"
    assert talk(*press("12"), type_in("0"), plan=AT_A_TIME).queue == "q"


def test_in_turn_or_by_saying_nothing() -> None:
    for answer in (press("1"), [Silence()]):
        done = talk(*press("1"), *answer, plan=AT_A_TIME)
        assert promised(done) == [(OWN, None)]
        assert CallTimePrompt.WHEN in done.prompts
    assert talk(*press("1"), Silence(), plan=AT_A_TIME).session.silences == 0
    assert promised(talk(say("так"), say("по черзі"), plan=AT_A_TIME, hears=("uk",))) == [(OWN, None)]


@pytest.mark.parametrize(
    ("typed", "clock", "day", "prompt"),
    [
        ("15", time(15), 23, CallTimePrompt.TODAY),
        ("1430", time(14, 30), 23, CallTimePrompt.TODAY),
        ("930", time(9, 30), 24, CallTimePrompt.TOMORROW),
    ],
)
def test_a_time_is_today_or_else_tomorrow(typed: str, clock: time, day: int, prompt: str) -> None:
    open_days = replace(CALL_BACK, choose_time=True, times=replace(WORKDAYS, dates={}))
    plan = replace(PLAN, steps={**PLAN.steps, "back": open_days})
    done = talk(*press("12"), type_in(typed), plan=plan)
    assert isinstance(done.last, Ask)
    assert done.last.said == (prompt, TimeOfDay(clock), "confirm-question-keys")
    assert done.promised == ()
    done = talk(*press("12"), type_in(typed), *press("1"), plan=plan)
    there = datetime(2026, 11, day, clock.hour - 2, clock.minute, tzinfo=UTC)
    assert promised(done) == [(OWN, there.timestamp())]
    assert CallTimePrompt.PROMISED_AT in done.prompts


@pytest.mark.parametrize("typed", ["22", "0930", "1330", "18"])
def test_a_time_at_which_nobody_is_called_is_told_and_asked_for_again(typed: str) -> None:
    """Late in the evening; on a short day tomorrow; past; at closing time."""
    done = talk(*press("12"), type_in(typed), plan=AT_A_TIME)
    assert isinstance(done.last, Ask)
    assert done.last.said == (CallTimePrompt.NOT_THIS_TIME, CallTimePrompt.TYPE_TIME)
    assert done.session.wrong_keys == 1
    assert done.promised == ()


def test_no_time_of_day_is_a_wrong_key() -> None:
    done = talk(*press("12"), type_in("2570"), plan=AT_A_TIME)
    assert isinstance(done.last, Ask)
    assert done.last.said == ("wrong-key", CallTimePrompt.TYPE_TIME)


def test_a_time_that_is_not_confirmed_is_asked_for_again() -> None:
    done = talk(*press("12"), type_in("15"), *press("2"), plan=AT_A_TIME)
    assert isinstance(done.last, Ask)
    assert done.last.said == (CallTimePrompt.TYPE_TIME,)
    assert done.promised == ()


@pytest.mark.parametrize(
    ("refused", "prompt", "end"),
    [
        ("already-promised", CallBackPrompt.ALREADY, "bye"),
        ("too-many", CallBackPrompt.REFUSED, "refused"),
        ("no-number", CallBackPrompt.REFUSED, "refused"),
        ("unknown-queue", CallBackPrompt.FAILED, "broken"),
        ("", CallBackPrompt.FAILED, "broken"),
    ],
)
def test_a_refused_promise_is_told_and_leads_on(refused: str, prompt: str, end: str) -> None:
    answer = Promised(ok=False, refused=refused)
    done = talk(NumberChecked(OWN, ok=True), *press("1"), answer, agreeable=False)
    assert done.prompts[-2:] == (prompt, end)


def test_two_promises_of_one_call_are_told_apart() -> None:
    plan = replace(PLAN, steps={**PLAN.steps, "back": replace(CALL_BACK, then="back")})
    done = talk(*press("11"), plan=plan)
    visits = [action.visit for action in done.actions if isinstance(action, PromiseCallBack)]
    assert len(set(visits)) == len(visits) == 2
