"""Every (stage of a work item, event) pair has a result, and the centre does what the table says."""

from collections.abc import Callable
from itertools import product
from typing import get_args

import pytest

from acd.core.transitions import mermaid
from acd.core.work_steps import WORK_STEPS, WorkAct, WorkEventKind
from tests.unit.work_kit import (
    ANN,
    BOB,
    NUMBER,
    W1,
    CallId,
    QueueId,
    Reach,
    WorkKind,
    WorkKit,
    WorkStage,
    c,
    call_of,
    customer_first,
    f,
    operator,
    v,
)


def kit(**rules: object) -> WorkKit:
    return WorkKit(operator("ann"), operator("bob"), **rules)


def new() -> WorkKit:
    made = kit()
    made.promise()
    return made


def caller_here() -> WorkKit:
    made = new()
    made.enter("c1", caller=NUMBER)
    return made


def dialling() -> WorkKit:
    made = kit(call_back=customer_first())
    made.log_in("ann")
    made.promise()
    return made


def offered() -> WorkKit:
    made = kit()
    made.log_in("ann")
    made.promise()
    return made


def talking() -> WorkKit:
    made = offered()
    made.deal()
    return made


def claimed() -> WorkKit:
    made = new()
    made.claim()
    return made


def forwarded() -> WorkKit:
    made = claimed()
    made.do(v.WorkPassedOn(at=made.at, operator=ANN, work=W1, department="grid"))
    return made


def closed() -> WorkKit:
    made = new()
    made.done()
    return made


STAGES: dict[WorkStage, Callable[[], WorkKit]] = {
    WorkStage.NEW: new,
    WorkStage.CALLER_HERE: caller_here,
    WorkStage.DIALLING: dialling,
    WorkStage.OFFERED: offered,
    WorkStage.CLAIMED: claimed,
    WorkStage.FORWARDED: forwarded,
    WorkStage.TALKING: talking,
    WorkStage.CLOSED: closed,
}


def event_of(kind: type, made: WorkKit, stage: WorkStage) -> v.WorkEvent:
    """Of the operator whose own the item is, about the attempt that goes on."""
    item = made.center.work(W1)
    attempt = call_of(W1, item.turn if item else 1)
    fields = {
        v.WorkPromised: {
            "token": "again", "promise": WorkKind.CALL_BACK, "queue": QueueId("q"), "caller": NUMBER,
        },
        v.TranscriptCame: {"work": W1, "recording": "r1", "text": "text", "confidence": 0.5},
        v.WorkAskedFor: {"operator": BOB, "work": W1},
        v.WorkClaimed: {"operator": ANN, "work": W1},
        v.ClaimGivenBack: {"operator": ANN, "work": W1},
        v.WorkPassedOn: {"operator": ANN, "work": W1, "department": "grid"},
        v.NoteSpoken: {"operator": BOB, "work": W1, "recording": "n1", "seconds": 4.0},
        v.WorkHandedBack: {
            "work": W1, "reason": "no", "operator": None if stage is WorkStage.FORWARDED else ANN,
        },
        v.WorkDone: {"work": W1},
        v.WorkCalledOff: {"work": W1, "by": "caller"},
        v.CustomerConfirmed: {"work": W1, "call": attempt},
        v.CustomerCalled: {"work": W1, "call": attempt, "reach": Reach.BUSY},
    }  # fmt: skip
    event: v.WorkEvent = kind(at=made.at, **fields[kind])
    return event


def classes(alias: object) -> list[type]:
    return [get_args(each)[0] for each in get_args(alias)]


def test_no_pair_is_left_out() -> None:
    assert set(WORK_STEPS) == set(product(WorkStage, classes(WorkEventKind)))
    assert set(classes(WorkEventKind)) == set(get_args(v.WorkEvent))


@pytest.mark.parametrize("stage", WorkStage)
def test_the_stages_are_what_they_are_called(stage: WorkStage) -> None:
    assert STAGES[stage]().stage() is stage


SPECIAL = {
    (WorkStage.CLAIMED, v.WorkAskedFor): "work-taken",  # by another operator
    (WorkStage.NEW, v.WorkAskedFor): "not-logged-in",
}
KEEPING = (WorkStage.CALLER_HERE, WorkStage.FORWARDED)
"""Whoever has it keeps it, whatever is heard of an attempt."""


@pytest.mark.parametrize(
    ("stage", "event"), WORK_STEPS, ids=lambda pair: getattr(pair, "__name__", str(pair))
)
def test_pairs(stage: WorkStage, event: type) -> None:
    made, step = STAGES[stage](), WORK_STEPS[stage, event]
    made.do(event_of(event, made, stage))
    special = SPECIAL.get((stage, event))
    if event is v.CustomerCalled and stage in KEEPING:
        assert made.stage() is stage
    if special is not None:
        assert made.code == special
    elif step.act is WorkAct.REFUSE:
        assert made.code == step.refusal
        assert not made.last.facts
    elif step.act is WorkAct.MAKE_AGAIN:
        assert made.code == "already-promised"
    elif step.act in (WorkAct.IGNORE, WorkAct.STOP):
        assert [type(fact) for fact in made.last.facts] == [f.EventIgnored]
        assert bool(made.asked(c.StopDialling)) is (step.act is WorkAct.STOP)
    else:
        assert made.code is None
        assert made.last.facts
        assert step.to is None or stage is made.stage() or made.stage() is _to(step.to, made)


def _to(to: WorkStage, made: WorkKit) -> WorkStage:
    """An item that waits again is offered at once where somebody is free, unless its time is to come."""
    return made.stage() if to is WorkStage.NEW and made.stage() is WorkStage.OFFERED else to


@pytest.mark.parametrize("stage", [WorkStage.CLAIMED, WorkStage.TALKING])
@pytest.mark.parametrize(
    "event",
    [
        v.WorkPassedOn(at=0, operator=BOB, work=W1, department="grid"),
        v.WorkHandedBack(at=0, operator=BOB, work=W1, reason="no"),
        v.WorkHandedBack(at=0, work=W1, reason="no"),
        v.WorkDone(at=0, operator=BOB, work=W1),
    ],
    ids=lambda event: type(event).__name__,
)
def test_only_whoever_has_it_settles_it(stage: WorkStage, event: v.WorkEvent) -> None:
    made = STAGES[stage]()
    made.do(event)
    assert made.code == "not-yours"
    assert made.stage() is stage


def test_an_unknown_operator_is_told_so() -> None:
    made = new()
    made.do(v.WorkClaimed(at=made.at, operator="nobody", work=W1))  # type: ignore[arg-type]
    assert made.code == "unknown-operator"


def test_another_operator_cannot_claim_it() -> None:
    made = claimed()
    made.claim(BOB)
    assert made.code == "work-taken"


def test_a_late_attempt_is_ignored() -> None:
    made = talking()
    made.called(Reach.BUSY)
    tries = made.item().tries
    made.called(Reach.BUSY)
    assert isinstance(made.last.facts[0], f.EventIgnored)
    assert made.item().tries == tries == 1


def test_what_is_known_of_the_attempt_may_come_after_the_leg_is_gone() -> None:
    """The switch says that the operator's leg is gone, then that the customer was talked to."""
    made = talking()
    made.after(60)
    made.end(CallId("work-1-1"))
    assert made.stage() is WorkStage.NEW
    made.called(Reach.TALKED, talked_for=45.0)
    assert made.closed().operator == "ann"
    assert made.closed().end == "called back"


def test_the_diagram_shows_every_stage() -> None:
    drawn = mermaid("work")
    for stage in WorkStage:
        assert stage.replace(" ", "_") in drawn or stage is WorkStage.CLOSED
