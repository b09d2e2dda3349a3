"""Figures, the line report, the answers to 'why', facts as JSON, masked numbers, and the fakes."""

import json
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args

import pytest

from acd.core.codec import fact_from_json, fact_to_json
from acd.core.errors import CodecError
from acd.core.facts import CallEntered, CallLeft, Fact
from acd.core.line_report import line_report
from acd.core.masking import mask_number
from acd.core.metrics import fold_records
from acd.core.ports import Checkpoint, History
from acd.core.records import changed
from acd.core.settings import Need, Relaxation
from acd.core.state import Operator
from acd.core.testing import Behaviour, MemoryJournal, RecordingSwitch, Simulation, check_journal
from acd.core.why import why
from acd.core.words import CallId, Cause, Ended, LeaveReason, OperatorId, QueueId
from acd.core.work import Reach, WorkEnd, WorkKind
from tests.unit.core_kit import START, Kit, c, e, f, operator, queue, settings

Q = QueueId("q")


def day() -> Kit:
    """Answered after 10 and 30 s, abandoned after 3 and 40 s, one overflow."""
    kit = Kit(
        operator("ann"), queue(wrap_up_for=20.0, answer_within=20.0, max_waiting=2, nobody_grace_for=999)
    )
    kit.log_in()
    kit.enter("c1")
    kit.after(2)
    kit.enter("c2")
    kit.enter("c3")
    kit.enter("c4")  # full
    kit.after(3)
    kit.hang_up("c2")
    kit.after(5)
    kit.talk("c1")  # after 10 s
    kit.after(10)
    kit.end("c1")
    kit.after(20)
    kit.enter("c5")
    kit.talk("c3")  # after 38 s
    kit.after(40)
    kit.hang_up("c5")
    return kit


def test_the_figures_and_all_three_service_levels() -> None:
    kit = day()
    tally = fold_records(kit.records, kit.center.settings).queue(Q, START - 900)
    assert (tally.entered, tally.answered, tally.answered_within) == (5, 2, 1)
    assert (tally.abandoned, tally.short_abandoned, tally.overflowed) == (2, 1, 1)
    assert tally.service_level == 1 / (2 + 2 - 1)
    assert tally.service_level_of_answered == 1 / 2
    assert tally.service_level_of_offered == 1 / 5
    assert tally.mean_wait_for == pytest.approx((10 + 38) / 2)
    assert tally.mean_handle_for == pytest.approx(10 + 20)


def test_the_view_shows_the_same_figures() -> None:
    kit = day()
    (shown,) = kit.center.view(kit.at, day_from=START - 900).queues
    assert (shown.answered, shown.abandoned, shown.overflowed) == (2, 2, 1)
    assert shown.service_level == pytest.approx(1 / 3)
    assert shown.occupancy == pytest.approx((10 + 20 + 40) / 80)


def test_figures_begin_anew_with_the_day() -> None:
    kit = day()
    (shown,) = kit.center.view(kit.at + 7200, day_from=kit.at + 3600).queues
    assert (shown.answered, shown.service_level) == (0, None)


def test_a_stretch_over_midnight_is_split() -> None:
    kit = Kit(operator("ann")).log_in()
    kit.after(7200)
    kit.do(e.OperatorLoggedOut(at=kit.at, operator=OperatorId("ann")))
    figures = fold_records(kit.records, kit.center.settings)
    middle = (START // 900 + 4) * 900
    tally = figures.operator(OperatorId("ann"), middle, kit.at)
    assert tally.available_for == pytest.approx(START + 7200 - middle)


def simulated() -> Simulation:
    """Bob never answers; Ann answers after 0.1 s."""
    slow = Behaviour(answers_after=None)
    rules = settings(operator("ann"), operator("bob"))
    sim = Simulation(rules, START, decide=lambda o: slow if o.operator == "bob" else Behaviour(talks_for=40))
    sim.log_in()
    for number in range(4):
        sim.call(CallId(f"c{number}"), Q, START + 1 + number, caller="0501234567")
    sim.run(START + 400)
    return sim


def test_the_line_report_has_every_offer_its_times_and_breaches() -> None:
    report = line_report(simulated().records)
    assert len(report.took) == 4
    assert report.p50 == pytest.approx(0.11)
    assert report.p99 == pytest.approx(0.11)
    assert report.causes == {"phone rang": len(report.breaches)}
    first = report.assignments[0]
    assert first.operator_free_at <= first.pair_at <= first.offered_at < (first.rang_at or 0)
    assert (first.rang_at or 0) < (first.answered_at or 0) < (first.talking_at or 0)
    assert {each.outcome for each in report.breaches} == {"no answer"}


def test_an_empty_line_report_says_nothing() -> None:
    report = line_report([])
    assert (report.p50, report.breaches, report.causes) == (None, (), {})


def test_percentiles_are_by_nearest_rank() -> None:
    report = line_report(simulated().records)
    assert report.percentile(1.0) == report.took[-1]
    assert report.percentile(0.0) == report.took[0]


def test_why_tells_the_wait_and_the_choice() -> None:
    sim = simulated()
    story = why(sim.records, CallId("c1"), sim.settings)
    text = story.text()
    assert "Bob missed it: no answer" in text
    assert "Of its 2 operators: 1 with another call, 1 free." in text
    assert "Offered to Ann: only one free." in text
    assert sum(story.spent.values()) == pytest.approx(story.waited_for)
    first = why(sim.records, CallId("c0"), sim.settings).text()
    assert "also free: Bob" in first


def test_why_of_an_unknown_call_says_so() -> None:
    story = why(simulated().records, CallId("never"), simulated().settings)
    assert story.summary == "Nothing is known of the call never."


def sample(kind: Any) -> Any:
    """A fact of this class with something in every field."""
    values: dict[str, Any] = {
        "at": 1.5, "offer": 7, "needs": (Need("uk", 3, (Relaxation(5.0, 0),)),), "priority": 2, "misses": 1,
        "changed": (OperatorId("ann"),), "queues": 3, "operators": 4, "reachable": True,
        "reason": LeaveReason.LOST if kind is CallLeft else "why",
    }  # fmt: skip
    values |= {
        "chosen_for": "longest idle",
        "cause": Cause.BUSY if kind is f.OfferMissed else "joining",
        "by": "operator",
    }
    values |= {
        "work": 5, "promise": WorkKind.VOICEMAIL, "reach": Reach.BUSY, "end": WorkEnd.HANDLED, "attempt": 2,
        "kept": True, "present": False, "seconds": 3.5, "not_before": 9.5, "confidence": 0.75,
    }  # fmt: skip
    if kind is f.CallCompleted:
        values["by"] = Ended.CALLER
    made = {}
    for each in fields(kind):
        floats = each.name.endswith(("_for", "_at", "until", "since")) or each.name == "forecast"
        made[each.name] = values.get(each.name, 2.25 if floats else "text")
    return kind(**made)


@pytest.mark.parametrize("kind", get_args(Fact))
def test_every_fact_can_be_written_and_read(kind: Any) -> None:
    assert is_dataclass(kind)
    fact = sample(kind)
    written = json.loads(json.dumps(fact_to_json(fact)))
    assert written["kind"] == kind.__name__
    assert fact_from_json(written) == fact


def test_old_facts_without_newer_fields_can_be_read() -> None:
    written = fact_to_json(sample(CallEntered))
    del written["forecast"]
    fact = fact_from_json({**written, "of_a_later_version": 1})
    assert isinstance(fact, CallEntered)
    assert fact.forecast is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        {"kind": "Nonsense"},
        {"kind": "CallLeft", "at": 1.0},
        {"kind": "SetAsideEnded", "at": "x", "operator": "a"},
    ],
)
def test_what_is_no_fact_is_refused(data: Any) -> None:
    with pytest.raises(CodecError):
        fact_from_json(data)


def test_a_checkpoint_of_another_version_is_refused() -> None:
    kit = Kit(operator("ann"))
    with pytest.raises(CodecError):
        type(kit.center).restore(kit.center.settings, History(Checkpoint(1, {"version": 99}), ()), START)


@pytest.mark.parametrize(
    ("number", "masked"),
    [("0501234567", "050***4567"), ("+380501234567", "+38***4567"), ("", ""), ("12", "**"), ("1234", "***4")],
)
def test_numbers_are_masked(number: str, masked: str) -> None:
    assert mask_number(number) == masked


async def test_the_memory_journal_is_a_journal() -> None:
    shelf: list[Any] = []
    await check_journal(lambda: MemoryJournal(shelf))


class Forgetful(MemoryJournal):
    def append(self, records: Any) -> None:
        super().append(records[:1])


async def test_the_contract_check_finds_a_journal_that_forgets() -> None:
    shelf: list[Any] = []
    with pytest.raises(AssertionError, match="all, in order"):
        await check_journal(lambda: Forgetful(shelf))


def test_the_recording_switch_remembers() -> None:
    switch = RecordingSwitch()
    kit = Kit(operator("ann")).log_in()
    kit.enter("c1")
    for command in kit.last.commands:
        switch.perform(command)
    assert [type(each) for each in switch.commands] == [c.Offer]


def test_a_changed_record_is_what_replace_makes() -> None:
    before = Operator(id=OperatorId("ann"))
    after = changed(before, reachable=True, idle_since=3.0)
    assert after == replace(before, reachable=True, idle_since=3.0)
    assert not before.reachable
    with pytest.raises(KeyError):
        changed(before, no_such_field=1)


def test_a_view_may_list_only_the_head_of_each_line() -> None:
    kit = Kit(operator("ann")).log_in()
    for number in range(9):
        kit.enter(f"c{number}")
    shown = kit.center.view(kit.at, calls_per_queue=2)
    assert [each.id for each in shown.calls] == ["c0", "c1"]
    assert shown.queues[0].waiting == 9
