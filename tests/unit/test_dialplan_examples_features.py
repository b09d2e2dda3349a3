"""What the five contact centres of dialplans/examples have to show is really in them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from acd.core.words import QueueId
from acd.core.work import CallBackMode, moment_after
from ivr.flow import conditions
from ivr.flow.model import (
    ByHours,
    CallBack,
    Choose,
    Dialplan,
    Hook,
    Kind,
    Language,
    OtherLine,
    Question,
    SetValues,
    TransferOut,
    Voicemail,
    Wait,
)
from tests.dialplan_examples import NAMES, at, conditions_of, conditions_rules, example, plan, steps_of

EACH = pytest.mark.parametrize("name", NAMES)


def test_several_lines_with_own_hours_and_time_zones() -> None:
    lenta, ukrposhta = plan("lenta"), plan("ukrposhta")
    assert {"petersburg", "yekaterinburg", "novosibirsk"} <= lenta.lines.keys()
    assert {lenta.lines[city].hours for city in ("petersburg", "yekaterinburg", "novosibirsk")} == {None}
    assert {hours.time_zone for hours in lenta.hours.values()} == {
        "Europe/Moscow",
        "Asia/Yekaterinburg",
        "Asia/Novosibirsk",
    }
    assert len({ukrposhta.lines[line].hours for line in ("main", "business", "staff")}) == 3


def test_holidays_and_exceptions() -> None:
    experts = plan("lenta").hours["experts-yekaterinburg"]
    assert experts.is_open(at("lenta", "2026-11-03T12:00"))
    assert not experts.is_open(at("lenta", "2026-11-04T12:00"))  # a public holiday
    business = plan("ukrposhta").hours["business-hours"]
    assert business.is_open(at("ukrposhta", "2026-12-24T14:00"))
    assert not business.is_open(at("ukrposhta", "2026-12-24T16:00"))
    assert [hours.id for name in NAMES for hours in plan(name).hours.values() if hours.yearly] != []


@pytest.mark.parametrize("name", ["kyiv-energy", "rosseti-siberia"])
def test_emergency_news_by_district_before_the_menu(name: str) -> None:
    switched = {
        rule.name for rule in conditions_of(name, conditions.SwitchOn) if rule.name.startswith("outage-")
    }
    assert len(switched) == 3
    assert switched <= example(name).names.switches.keys()


def test_direct_lines_are_open_for_one_event_between_two_dates() -> None:
    name = "rosseti-siberia"
    for line, first, last in (("altai-direct", 1, 2), ("khakassia-direct", 14, 18)):
        direct = plan(name).lines[line]
        hours = plan(name).hours[direct.hours or ""]
        open_on = [day for day in range(1, 32) if hours.is_open(at(name, f"2026-12-{day:02}T11:00"))]
        assert open_on[-1] == last
        assert set(range(first, last + 1)) <= set(open_on)
        assert direct.if_closed == "direct-closed"
        assert not hours.is_open(at(name, "2027-12-01T11:00"))


def test_business_and_staff_lines() -> None:
    lines = plan("ukrposhta").lines
    assert lines["business"].operator == "ask-business"
    assert lines["staff"].operator == "ask-staff"
    assert any(conditions_of("ukrposhta", conditions.CallerIs))
    assert example("ukrposhta").settings.queues[QueueId("business")].priority > 0


@pytest.mark.parametrize("name", ["kyiv-energy", "rosseti-siberia"])
def test_meter_readings_by_phone(name: str) -> None:
    reading = plan(name).steps["reading"]
    assert isinstance(reading, Question)
    assert (reading.kind, reading.confirm) == (Kind.NUMBER, True)
    taking = plan(name).steps[reading.then]
    assert isinstance(taking, Hook)
    assert set(taking.send or ()) == {"account", "reading"}


def test_first_and_second_line() -> None:
    queues = example("lenta").settings.queues
    first, second = queues[QueueId("first-line")], queues[QueueId("claims")]
    assert (first.answer_within, first.needs) == (30.0, ())
    (need,) = second.needs
    assert need.skill == "claims"
    assert [relax.level for relax in need.relaxations] == [3, 1]
    able = [
        one
        for one in example("lenta").settings.operators.values()
        if one.skills.get("claims", 0) >= need.level
    ]
    assert {one.id for one in able} == {"marina", "ruslan"}


def test_sharing_between_centres_by_percentages_and_hours() -> None:
    gate = plan("lenta").steps["share-by-hours"]
    assert isinstance(gate, ByHours)
    shares = [(share.first, share.count) for share in conditions_of("lenta", conditions.Share)]
    assert shares == [(0, 25), (25, 20), (45, 15), (0, 45), (45, 30)]
    assert {out.number for out in steps_of("lenta", TransferOut)} == {"9101", "9102", "9103"}
    assert {by.hours for by in steps_of("lenta", ByHours)} >= {
        "center-a",
        "center-b",
        "center-c",
        "own-staff",
    }


def chain_from(dialplan: Dialplan, name: str) -> list[str]:
    """Queues in which a caller is, one after the other, when none of them can help."""
    found: list[str] = []
    way = dialplan.steps.get(name)
    while isinstance(way, Wait | Choose):
        if isinstance(way, Wait):
            found.append(str(way.queue))
        way = dialplan.steps.get(way.otherwise if isinstance(way, Choose) else way.if_waited_too_long)
    return found


def test_overflow_chains() -> None:
    assert chain_from(plan("nova-poshta"), "general-queue") == ["general", "advice", "social"]
    assert chain_from(plan("ukrposhta"), "ask-business") == ["business", "general"]
    assert chain_from(plan("kyiv-energy"), "ask-charges") == ["charges", "accounts"]


@EACH
def test_nobody_is_lost(name: str) -> None:
    """After hours and where nobody can answer a message is taken; who waits may be called back by a key."""
    messages, calls = steps_of(name, Voicemail), steps_of(name, CallBack)
    settings = example(name).settings.queues
    assert messages
    assert calls
    keys = {target for wait in steps_of(name, Wait) for target in wait.leave_keys.values()}
    assert {call.id for call in calls} <= keys
    for call in calls:
        times = settings[call.queue].call_back.times
        assert times is not None
        assert not times.allows(at(name, "2026-11-24T03:00").timestamp())
        assert times.allows(at(name, "2026-11-24T12:00").timestamp())
    assert example(name).names.topics
    assert example(name).names.departments


def test_a_call_back_on_request_is_offered_before_a_long_wait_begins() -> None:
    rules = {rule.then for rule in conditions_rules("ukrposhta", conditions.WaitLongerThan)}
    assert rules == {"call-back-offer"}
    general = example("ukrposhta").settings.queues[QueueId("general")]
    assert general.call_back.mode is CallBackMode.CUSTOMER_FIRST
    announced = [wait.announcements for wait in steps_of("ukrposhta", Wait) if wait.queue == "general"]
    assert any(one.expected_wait and one.position for one in announced)


def test_a_message_goes_to_the_department_in_charge_and_is_answered_by_a_call() -> None:
    assert list(example("rosseti-siberia").names.departments)[:2] == ["dispatchers", "networks"]
    general = example("rosseti-siberia").settings.queues[QueueId("general")]
    assert general.work.answer_within == 24 * 3600
    assert general.call_back.mode is CallBackMode.OPERATOR_FIRST
    assert example("rosseti-siberia").media.messages_kept == {"general": 365}


def test_what_came_by_night_goes_before_the_calls_of_the_morning() -> None:
    work = example("kyiv-energy").settings.queues[QueueId("accounts")].work
    left_at = datetime(2026, 11, 24, 22, 0, tzinfo=ZoneInfo("Europe/Kyiv")).timestamp()
    urgent_at = moment_after(work.times, left_at, work.answer_within) - work.urgent_for
    assert urgent_at <= left_at + 10 * 3600, "when the centre opens at 8"
    assert work.urgent_priority > 0


@EACH
def test_after_a_talk_a_survey_that_no_queue_follows(name: str) -> None:
    dialplan = plan(name)
    survey = dialplan.lines["survey"]
    score = dialplan.steps[survey.start]
    assert isinstance(score, Question)
    assert score.entry is not None
    assert score.entry.patterns[0] == "1"
    assert score.retry.edges  # silence ends it
    assert isinstance(dialplan.steps[survey.otherwise], Hook)
    leading = [wait.after_talk for wait in steps_of(name, Wait)]
    assert "to-survey" in leading
    assert any(other.line == "survey" for other in steps_of(name, OtherLine))


@pytest.mark.parametrize("name", ["ukrposhta", "nova-poshta", "lenta"])
def test_recommendation_from_0_to_10_and_words(name: str) -> None:
    asked = steps_of(name, Question)
    ten = tuple(map(str, range(11)))
    assert [one.id for one in asked if one.entry and one.entry.patterns == ten] != []
    words = plan(name).steps["survey-words"]
    assert isinstance(words, Question)
    assert words.kind is Kind.UTTERANCE


def test_language_choice() -> None:
    assert {one.language for one in steps_of("ukrposhta", Language)} == {"uk", "ru", "en"}
    assert plan("ukrposhta").lines["main"].if_language_known == "news"
    assert [example(name).media.languages for name in ("rosseti-siberia", "lenta")] == [("ru",), ("ru",)]


def test_a_menu_of_several_lines_that_know_where_the_caller_dialled() -> None:
    cities = [plan("lenta").steps[plan("lenta").lines[line].start] for line in ("petersburg", "novosibirsk")]
    assert all(isinstance(one, SetValues) and "city" in one.values for one in cities)
    assert {one.then for one in cities if isinstance(one, SetValues)} == {"news"}


def test_every_kind_of_condition_is_shown() -> None:
    kinds: Sequence[type] = (
        conditions.CallerIs,
        conditions.ValueIs,
        conditions.ValueBetween,
        conditions.IsOpen,
        conditions.WaitingMoreThan,
        conditions.WaitLongerThan,
        conditions.NobodyIn,
        conditions.SwitchOn,
        conditions.Share,
        conditions.AllOf,
    )
    shown = {type(rule.condition) for name in NAMES for one in steps_of(name, Choose) for rule in one.rules}
    assert shown == set(kinds)


@EACH
def test_promises_and_limits_of_waiting(name: str) -> None:
    settings = example(name).settings
    assert settings.talk_within == 3.0
    assert all(queue.max_wait_for for queue in settings.queues.values())
    assert 4 <= len(settings.operators) <= 6


def test_in_a_mass_outage_everybody_may_wait() -> None:
    assert example("rosseti-siberia").settings.queues[QueueId("general")].max_waiting is None
