"""Who gets whom, when needs relax, waiting for the last operator, and the promise of 3 seconds."""

import pytest

from acd.core.settings import Need, Relaxation
from acd.core.words import CallId, OperatorId, QueueId
from tests.unit.core_kit import START, Cause, Kit, e, f, operator, queue

ANN = OperatorId("ann")


def test_priority_first_then_the_longest_wait() -> None:
    kit = Kit(operator("ann"), queue(leave_if_nobody_logged_in=False))
    kit.enter("c1")
    kit.after(1)
    kit.enter("c2")
    kit.after(1)
    kit.enter("c3", priority=5)
    assert [call.id for call in kit.center.waiting_calls()] == ["c3", "c1", "c2"]
    kit.log_in()
    assert kit.with_whom("c3") == "ann"


def test_the_longest_idle_operator_takes_it() -> None:
    kit = Kit(operator("ann"), operator("bob"), queue(wrap_up_for=0.0))
    kit.log_in("bob").after(1).log_in("ann")
    kit.enter("c1")
    assert kit.with_whom("c1") == "bob"
    assert kit.said(f.CallOffered)[-1].chosen_for == "longest idle"
    kit.talk("c1")
    kit.after(5)
    kit.end("c1")
    kit.enter("c2")
    assert kit.with_whom("c2") == "ann"


def test_an_operator_serves_many_queues_by_rank() -> None:
    kit = Kit(operator("ann", "a", "b"), queue("a", leave_if_nobody_logged_in=False), queue("b", priority=1))
    kit.reach("ann")
    kit.enter("c1", "a")
    kit.log_in()
    assert kit.with_whom("c1") == "ann"
    kit.enter("c2", "a")
    kit.enter("c3", "b")
    kit.talk("c1")
    kit.end("c1")
    kit.after(10)
    assert kit.with_whom("c3") == "ann"


def test_skills_relax_exactly_at_their_moment() -> None:
    need = Need("uk", 5, (Relaxation(10.0, 3), Relaxation(30.0, 0)))
    kit = Kit(operator("ann", uk=3), operator("bob"), queue(needs=(need,))).log_in()
    kit.enter("c1")
    kit.enter("c2")
    assert kit.state_of("c1") == "Waiting"
    kit.after(9.75)
    assert kit.state_of("c1") == "Waiting"
    kit.after(0.25)
    assert kit.with_whom("c1") == "ann"
    assert kit.said(f.CallOffered)[-1].pair_at == START + 10.0
    kit.talk("c1")
    kit.after(19.75)
    assert kit.state_of("c2") == "Waiting"
    kit.after(0.25)
    assert kit.with_whom("c2") == "bob"
    assert kit.said(f.CallOffered)[-1].pair_at == START + 30.0


def test_the_callers_own_need_counts_beside_the_queues() -> None:
    kit = Kit(operator("ann"), operator("bob", en=1)).log_in()
    kit.enter("c1", needs=(Need("en"),))
    assert kit.with_whom("c1") == "bob"


def again(last_free: bool, wait_for: float = 20.0) -> Kit:
    """Caller 0501 talked to Ann; Ann is free or talks to another when 0501 calls again."""
    rules = queue(wrap_up_for=0.0, last_operator_for=600.0, wait_for_last_operator_for=wait_for)
    kit = Kit(operator("ann"), operator("bob"), rules).log_in("ann")
    kit.enter("c1", caller="0501")
    kit.talk("c1")
    kit.end("c1")
    if not last_free:
        kit.enter("other")
        kit.talk("other")
    kit.log_in("bob").after(5)
    kit.enter("c2", caller="0501")
    return kit


def test_the_last_operator_is_first_choice() -> None:
    kit = again(last_free=True)
    assert kit.with_whom("c2") == "ann"
    assert kit.said(f.CallOffered)[-1].chosen_for == "last operator"


def test_a_caller_waits_a_little_for_the_busy_last_operator() -> None:
    kit = again(last_free=False)
    assert kit.state_of("c2") == "Waiting"
    kit.after(19.9)
    assert kit.state_of("c2") == "Waiting"
    kit.after(0.1)
    assert kit.with_whom("c2") == "bob"
    assert kit.said(f.CallOffered)[-1].pair_at == kit.at


def test_the_last_operator_takes_the_waiting_caller_when_free() -> None:
    kit = again(last_free=False)
    kit.after(3)
    kit.end("other")
    assert kit.with_whom("c2") == "ann"


@pytest.mark.parametrize("how", ["break", "log out", "phone gone"])
def test_the_reservation_ends_when_the_last_operator_goes(how: str) -> None:
    kit = again(last_free=False)
    match how:
        case "break":
            kit.do(e.BreakChosen(at=kit.at, operator=ANN, reason="lunch"))
        case "log out":
            kit.do(e.OperatorLoggedOut(at=kit.at, operator=ANN))
        case _:
            kit.reach("ann", False)
    assert kit.with_whom("c2") == "bob"
    assert len(kit.said(f.ReservationEnded)) == 1


def test_the_promise_is_broken_said_at_its_moment_and_once() -> None:
    kit = Kit(operator("ann")).log_in()
    kit.enter("c1")
    kit.do(e.PhoneRang(at=kit.at + 0.5, offer=kit.offer_of("c1")))
    kit.after(10)
    (broken,) = kit.said(f.RuleBroken)
    assert broken.at == START + 3.0
    assert broken.cause == "phone rang"


@pytest.mark.parametrize(
    ("rings", "answers", "cause"), [(False, False, "phone did not ring"), (True, True, "joining")]
)
def test_the_cause_names_where_the_time_went(rings: bool, answers: bool, cause: str) -> None:
    kit = Kit(operator("ann")).log_in()
    kit.enter("c1")
    if rings:
        kit.do(e.PhoneRang(at=kit.at + 0.1, offer=kit.offer_of("c1")))
    if answers:
        kit.answer("c1")
    kit.after(5)
    assert kit.said(f.RuleBroken)[0].cause == cause


def test_an_earlier_miss_counts_against_the_promise() -> None:
    kit = Kit(operator("ann"), operator("bob")).log_in("ann")
    kit.after(1).log_in("bob")
    kit.enter("c1")
    kit.after(6)
    kit.fail("c1", Cause.NO_ANSWER)
    assert kit.with_whom("c1") == "bob"
    assert kit.said(f.RuleBroken)[-1].cause == "earlier offer missed"
    assert kit.said(f.RuleBroken)[-1].at == kit.at


def test_a_talk_in_time_breaks_nothing() -> None:
    kit = Kit(operator("ann")).log_in()
    kit.enter("c1")
    kit.after(2.9)
    kit.talk("c1")
    kit.after(60)
    assert not kit.said(f.RuleBroken)
    assert kit.said(f.CallConnected)[0].took_for == pytest.approx(2.9)


def test_time_never_goes_back() -> None:
    kit = Kit(operator("ann"), queue(leave_if_nobody_logged_in=False))
    kit.after(10)
    kit.do(e.Tick(at=kit.at))
    kit.do(e.CallQueued(at=START - 500, call=CallId("c1"), queue=QueueId("q"), caller=""))
    assert kit.said(f.CallEntered)[0].at == START + 10


def test_a_late_tick_ends_the_wrap_up_at_its_deadline_all_the_same() -> None:
    kit = Kit(operator("ann"), queue(wrap_up_for=10.0)).log_in()
    kit.enter("c1")
    kit.talk("c1")
    kit.enter("c2")
    kit.end("c1")
    kit.do(e.Tick(at=START + 12.0))
    assert kit.said(f.OperatorFreed)[-1].at == START + 10.0
    offered = kit.said(f.CallOffered)[-1]
    assert (offered.at, offered.pair_at) == (START + 12.0, START + 10.0)


def test_position_counts_those_who_are_being_offered() -> None:
    kit = Kit(operator("ann")).log_in()
    for call in ("c1", "c2", "c3"):
        kit.enter(call)
    assert [kit.center.position(CallId(each)) for each in ("c1", "c2", "c3")] == [1, 2, 3]
    kit.talk("c1")
    assert [kit.center.position(CallId(each)) for each in ("c1", "c2", "c3")] == [None, 1, 2]
    assert kit.center.talk_of(CallId("c1")) is not None
    assert kit.center.talk_of(CallId("c2")) is None
