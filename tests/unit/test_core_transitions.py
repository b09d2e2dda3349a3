"""Every (state, event) pair has a result: the tables are complete, and the centre does what they say."""

from collections.abc import Callable
from itertools import product
from typing import get_args

import pytest

from acd.core.calls import call_stage
from acd.core.offers import offer_stage
from acd.core.people import operator_stage
from acd.core.transitions import (
    CALL_STEPS,
    OFFER_STEPS,
    OPERATOR_STEPS,
    Act,
    CallEvent,
    CallStage,
    OfferEvent,
    OfferStage,
    OperatorStage,
    PersonEvent,
    mermaid,
)
from acd.core.words import CallId, OfferId, OperatorId, QueueId
from tests.unit.core_kit import Cause, Kit, e, f, operator, queue

ANN = OperatorId("ann")
C1 = CallId("c1")


def classes(alias: object) -> list[type]:
    return [get_args(each)[0] for each in get_args(alias)]


def test_no_pair_is_left_out() -> None:
    assert set(CALL_STEPS) == set(product(CallStage, classes(CallEvent)))
    assert set(OFFER_STEPS) == set(product(OfferStage, classes(OfferEvent)))
    assert set(OPERATOR_STEPS) == set(product(OperatorStage, classes(PersonEvent)))


def kit() -> Kit:
    return Kit(operator("ann"), queue(wrap_up_for=10.0, leave_if_nobody_logged_in=False))


def waiting() -> Kit:
    made = kit()
    made.enter("c1")
    return made


def offered() -> Kit:
    made = kit().log_in()
    made.enter("c1")
    return made


def rang() -> Kit:
    made = offered()
    made.do(e.PhoneRang(at=made.at, offer=OfferId(1)))
    return made


def answered() -> Kit:
    made = offered()
    made.answer("c1")
    return made


def talking() -> Kit:
    made = offered()
    made.talk("c1")
    return made


def wrapping() -> Kit:
    made = talking()
    made.end("c1")
    return made


def on_break() -> Kit:
    made = kit().log_in()
    made.do(e.BreakChosen(at=made.at, operator=ANN, reason="pause"))
    return made


CALLS: dict[CallStage, Callable[[], Kit]] = {
    CallStage.UNKNOWN: kit,
    CallStage.WAITING: waiting,
    CallStage.OFFERED: offered,
    CallStage.ANSWERED: answered,
    CallStage.TALKING: talking,
}
OFFERS: dict[OfferStage, Callable[[], Kit]] = {
    OfferStage.CALLING: offered,
    OfferStage.RANG: rang,
    OfferStage.ANSWERED: answered,
    OfferStage.TALKING: talking,
    OfferStage.ENDED: wrapping,
}
PEOPLE: dict[OperatorStage, Callable[[], Kit]] = {
    OperatorStage.LOGGED_OUT: kit,
    OperatorStage.ON_BREAK: on_break,
    OperatorStage.IDLE: lambda: kit().log_in(),
    OperatorStage.BUSY: talking,
    OperatorStage.WRAP_UP: wrapping,
}


def names(pair: object) -> str:
    return getattr(pair, "__name__", str(pair))


@pytest.mark.parametrize(("stage", "event"), CALL_STEPS, ids=names)
def test_call_pairs(stage: CallStage, event: type) -> None:
    made = CALLS[stage]()
    step = CALL_STEPS[stage, event]
    assert call_stage(made.center.call(C1)) is stage
    if event is e.CallQueued:
        made.enter("c1")
    else:
        made.do(event(at=made.at, call=C1))
    doubled = step.act is Act.MOVE  # the same queue again
    if step.act is Act.IGNORE or doubled:
        assert [type(fact) for fact in made.last.facts] == [f.EventIgnored]
    else:
        assert call_stage(made.center.call(C1)) == step.to


@pytest.mark.parametrize(("stage", "event"), OFFER_STEPS, ids=names)
def test_offer_pairs(stage: OfferStage, event: type) -> None:
    made = OFFERS[stage]()
    step = OFFER_STEPS[stage, event]
    assert offer_stage(made.center.offer(OfferId(1))) is stage
    more = {"cause": Cause.BUSY} if event is e.OfferFailed else {}
    made.do(event(at=made.at, offer=OfferId(1), **more))
    if step.act in (Act.IGNORE, Act.DROP_LEG):
        assert [type(fact) for fact in made.last.facts] == [f.EventIgnored]
        assert bool(made.last.commands) is (step.act is Act.DROP_LEG)
    else:
        assert offer_stage(made.center.offer(OfferId(1))) == step.to


@pytest.mark.parametrize(("stage", "event"), OPERATOR_STEPS, ids=names)
def test_operator_pairs(stage: OperatorStage, event: type) -> None:
    made = PEOPLE[stage]()
    step = OPERATOR_STEPS[stage, event]
    assert operator_stage(made.center.state.operator(ANN)) is stage
    more = {"reason": "lunch"} if event is e.BreakChosen else {}
    more |= {"extra_for": 5.0} if event is e.WrapUpProlonged else {}
    made.do(event(at=made.at, operator=ANN, **more))
    if step.act is Act.REFUSE:
        assert made.last.refusal is not None
        assert made.last.refusal.code is step.refusal
        assert not made.last.facts
    elif step.act is Act.CLEAR_HURDLES:
        assert made.last.refusal is not None, "nothing to clear: ready already"
    else:
        assert made.last.refusal is None
        assert operator_stage(made.center.state.operator(ANN)) == (step.to or stage)


@pytest.mark.parametrize("stage", [CallStage.WAITING, CallStage.OFFERED])
def test_a_call_may_move_to_another_queue(stage: CallStage) -> None:
    made = Kit(
        operator("ann"),
        queue(leave_if_nobody_logged_in=False),
        queue("other", leave_if_nobody_logged_in=False),
    )
    if stage is CallStage.OFFERED:
        made.log_in()
    made.enter("c1")
    assert call_stage(made.center.call(C1)) is stage
    made.enter("c1", "other")
    assert [type(fact) for fact in made.last.facts if isinstance(fact, f.CallLeft | f.CallEntered)] == [
        f.CallLeft,
        f.CallEntered,
    ]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (e.OperatorReady(at=0, operator=OperatorId("nobody")), "unknown-operator"),
        (e.BreakChosen(at=0, operator=ANN, reason="holiday"), "unknown-break-reason"),
        (e.BreakChosen(at=0, operator=ANN, reason="pause"), "already-on-this-break"),
    ],
)
def test_refusals_have_stable_codes(event: e.Event, code: str) -> None:
    made = on_break()
    made.do(event)
    assert made.last.refusal is not None
    assert made.last.refusal.code == code


def test_a_prolongation_must_be_a_positive_time() -> None:
    for extra_for in (0.0, -1.0, float("nan"), float("inf")):
        made = wrapping()
        made.do(e.WrapUpProlonged(at=made.at, operator=ANN, extra_for=extra_for))
        assert made.last.refusal is not None
        assert made.last.refusal.code == "bad-duration"


def test_an_unknown_queue_sends_the_call_back_to_its_dialogue() -> None:
    made = kit()
    made.do(e.CallQueued(at=made.at, call=C1, queue=QueueId("gone"), caller=""))
    assert [type(each).__name__ for each in made.last.commands] == ["ReleaseCall"]
    assert [type(fact) for fact in made.last.facts] == [f.EventIgnored]


@pytest.mark.parametrize("machine", ["call", "offer", "operator"])
def test_the_diagrams_show_every_stage(machine: str) -> None:
    drawn = mermaid(machine)
    assert drawn.startswith("stateDiagram-v2\n")
    stages = {"call": CallStage, "offer": OfferStage, "operator": OperatorStage}[machine]
    for stage in stages:
        name = stage.replace(" ", "_").replace("-", "_")
        assert name in drawn or stage in ("unknown", "ended")
