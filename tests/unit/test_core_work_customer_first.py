"""Customer first: called when an operator is free or soon will be, held for a while, in the kept place."""

import pytest

from acd.core.words import LeaveReason
from acd.core.work import WorkEnd
from acd.core.work_state import CallerHere, Confirmed, Dialling, Open
from tests.unit.work_kit import (
    ANN,
    NUMBER,
    START,
    W1,
    CallBackRules,
    CallId,
    Reach,
    WorkKit,
    WorkStage,
    c,
    customer_first,
    e,
    f,
    operator,
    queue,
    settings,
    times,
    v,
    w,
)


def kit(*names: str, wrap_up_for: float = 0.0, **rules: object) -> WorkKit:
    return WorkKit(
        *(operator(name) for name in names or ("ann",)),
        call_back=customer_first(**rules),
        wrap_up_for=wrap_up_for,
    )


def dialled(made: WorkKit) -> list[int]:
    return [fact.work for fact in made.said(w.CustomerDialled)]


def test_an_idle_operator_is_held_while_the_customer_is_called() -> None:
    made = kit(ring_for=30.0, hold_for=10.0)
    made.log_in()
    made.promise(line="100", language="uk")
    (dial,) = made.asked(c.DialCustomer)
    assert (dial.call, dial.number, dial.line, dial.language, dial.until) == (
        "work-1-1", NUMBER, "100", "uk", START + 30,
    )  # fmt: skip
    assert made.status("ann") == "available/held"
    assert made.center.view(made.at).operators[0].until == START + 10
    made.after(6)
    made.confirm()
    assert made.with_whom("work-1-1") == "ann"
    assert made.asked(c.Offer)[0].work is None, "a caller is on the line"
    made.talk("work-1-1")
    assert made.closed().end is WorkEnd.CALLED_BACK
    assert (made.closed().operator, made.closed().kept) == ("ann", True)
    made.after(30)
    made.end("work-1-1")
    assert not made.center.state.calls
    assert made.status("ann") == "available/idle"


def test_nobody_is_held_beyond_the_time() -> None:
    made = kit(hold_for=10.0)
    made.log_in()
    made.promise()
    made.after(10)
    (ended,) = made.said(w.HoldEnded)
    assert ended.at == START + 10
    assert made.status("ann") == "available/idle"
    made.enter("c1")
    assert made.with_whom("c1") == "ann"
    made.after(1)
    made.confirm()
    assert made.state_of("work-1-1") == "Waiting", "in the kept place"


def test_the_operator_is_free_at_once_when_the_customer_is_not_reached() -> None:
    made = kit()
    made.log_in()
    made.promise()
    made.enter("c1", caller="0671234567")
    made.after(3)
    assert made.state_of("c1") == "Waiting", "held for the one who was first"
    made.called(Reach.BUSY)
    assert made.with_whom("c1") == "ann"
    assert isinstance(made.item().hold, Open)


def test_a_held_operator_goes_to_whoever_is_before_the_customer() -> None:
    made = kit()
    made.log_in()
    made.promise()
    made.enter("vip", priority=5)
    assert made.state_of("vip") == "Waiting"
    made.after(2)
    made.confirm()
    assert made.with_whom("vip") == "ann"
    assert made.state_of("work-1-1") == "Waiting"


def test_the_longest_idle_place_is_kept_by_a_hold() -> None:
    made = kit("ann", "bob")
    made.log_in("ann")
    made.after(5)
    made.log_in("bob")
    made.promise()
    made.called(Reach.BUSY)
    made.enter("c1", caller="0671234567")
    assert made.with_whom("c1") == "ann"


def test_a_customer_is_called_as_a_wrap_up_ends() -> None:
    made = kit(lead_for=15.0, wrap_up_for=40.0)
    made.log_in()
    made.enter("c0")
    made.talk("c0")
    made.promise()
    made.after(100)
    made.end("c0")
    made.after(24)
    assert dialled(made) == []
    made.after(2)
    assert dialled(made) == [1]
    made.after(10)
    made.confirm()
    made.after(10)
    assert made.with_whom("work-1-1") == "ann"


def test_as_many_are_called_as_operators_are_expected() -> None:
    made = kit("ann", "bob", "eve", lead_for=15.0, wrap_up_for=60.0)
    made.log_in()
    for number in range(3):
        made.enter(f"c{number}")
        made.talk(f"c{number}")
    for number in range(5):
        made.promise(f"05000000{number:02}")
        made.after(1)
    made.end("c0")
    made.end("c1")
    made.after(50)
    assert dialled(made) == [1, 2], "two wrap-ups end within the lead"


def test_callers_ahead_in_line_are_counted() -> None:
    made = kit("ann", "bob", lead_for=15.0, wrap_up_for=60.0)
    made.log_in()
    for number in range(2):
        made.enter(f"c{number}")
        made.talk(f"c{number}")
    made.enter("ahead")
    made.after(1)
    made.promise()
    made.end("c0")
    made.after(50)
    assert dialled(made) == [], "the next operator is the caller's"
    made.end("c1")
    made.after(11)
    made.talk("ahead")
    made.after(39)
    assert dialled(made) == [1]


def test_an_operator_who_gets_free_first_is_held_for_the_customer_on_the_way() -> None:
    made = kit(lead_for=15.0, wrap_up_for=10.0, hold_for=10.0)
    made.log_in()
    made.enter("c0")
    made.talk("c0")
    made.promise()
    made.after(30)
    made.end("c0")
    made.after(2)
    assert dialled(made) == [1]
    made.enter("c1", caller="0671234567")
    made.after(8)
    assert made.status("ann") == "available/held"
    assert made.state_of("c1") == "Waiting"
    made.after(3)
    made.confirm()
    assert made.with_whom("work-1-1") == "ann"


def test_without_a_hold_the_operator_takes_the_next_caller() -> None:
    made = kit(hold_for=0.0)
    made.log_in()
    made.promise()
    assert dialled(made) == [1]
    assert made.status("ann") == "available/idle"
    made.enter("c1", caller="0671234567")
    assert made.with_whom("c1") == "ann"


def test_the_caller_who_calls_in_meanwhile_is_not_called_any_more() -> None:
    made = kit()
    made.log_in()
    made.promise()
    made.enter("c1", caller=NUMBER)
    assert [stop.call for stop in made.asked(c.StopDialling)] == ["work-1-1"]
    assert made.with_whom("c1") == "ann"
    assert made.item().hold == CallerHere(CallId("c1"))
    made.do(v.CustomerConfirmed(at=made.at, work=W1, call=CallId("work-1-1")))
    assert len(made.asked(c.StopDialling)) == 1, "whoever answers now is not kept"
    made.talk("c1")
    assert made.closed().end is WorkEnd.GOT_THROUGH


def test_late_news_of_an_attempt_does_not_take_the_place_from_the_caller_who_is_here() -> None:
    made = kit(retry_after={Reach.BUSY: (60.0,)})
    made.log_in()
    made.promise()
    made.enter("vip", priority=5)
    made.enter("c1", caller=NUMBER)
    made.talk("vip")
    made.called(Reach.BUSY, call="work-1-1")
    assert made.item().hold == CallerHere(CallId("c1"))
    assert made.item().tries == 1
    made.after(300)
    assert dialled(made) == [1], "whoever waits is not called"
    made.hang_up("c1")
    made.end("vip")
    assert made.stage() is WorkStage.DIALLING


def test_a_customer_who_hangs_up_in_line_is_tried_again() -> None:
    made = kit()
    made.log_in()
    made.promise()
    made.enter("vip", priority=5)
    made.confirm()
    assert made.item().hold == Confirmed(CallId("work-1-1"))
    made.after(4)
    made.hang_up("work-1-1")
    (tried,) = made.said(w.CustomerTried)
    assert (tried.reach, tried.next_at) == (Reach.GAVE_UP, made.at + 120)
    left = made.said(f.CallLeft)[-1]
    assert (left.reason, left.place_until) == (LeaveReason.HUNG_UP, None), "the promise keeps the place"
    made.called(Reach.GAVE_UP)
    assert isinstance(made.last.facts[0], f.EventIgnored), "it is known already"


@pytest.mark.parametrize("reach", Reach)
def test_a_customer_who_waits_in_line_is_not_called_again_for_late_news(reach: Reach) -> None:
    made = kit()
    made.log_in()
    made.promise()
    made.enter("vip", priority=5)
    made.confirm()
    made.talk("vip")
    made.called(reach, call="work-1-1")
    assert isinstance(made.last.facts[0], f.EventIgnored), "the call itself tells what becomes of it"
    assert made.item().hold == Confirmed(CallId("work-1-1"))
    made.hang_up("work-1-1")
    assert made.said(w.CustomerTried)[0].reach is Reach.GAVE_UP


def test_the_switch_that_forgets_an_attempt_loses_no_promise() -> None:
    made = kit(ring_for=30.0)
    made.log_in()
    made.promise()
    made.after(75)
    (tried,) = made.said(w.CustomerTried)
    assert tried.reach is Reach.FAILED
    assert made.asked(c.StopDialling) or made.said(w.HoldEnded)
    assert made.stage() is WorkStage.NEW
    made.after(31)
    assert made.stage() is WorkStage.DIALLING


def seen(made: WorkKit, calls: set[str], began_at: float | None = None) -> None:
    made.do(
        e.SwitchSeen(
            at=made.at,
            calls=frozenset(CallId(each) for each in calls),
            talks=frozenset(),
            legs=frozenset(),
            began_at=began_at,
        )
    )


def test_a_channel_that_the_switch_does_not_hold_is_an_attempt_that_failed() -> None:
    made = kit()
    made.log_in()
    made.promise()
    made.after(1)
    seen(made, set())
    assert isinstance(made.item().hold, Dialling), "it may be too young to be seen"
    made.after(5)
    seen(made, {"work-1-1"})
    assert isinstance(made.item().hold, Dialling)
    seen(made, set())
    assert made.said(w.CustomerTried)[0].reach is Reach.FAILED
    assert made.status("ann") == "available/idle"


def test_the_place_of_a_work_item_is_no_channel_that_could_be_missed() -> None:
    made = WorkKit(operator("ann"))
    made.promise()
    made.after(60)
    seen(made, set())
    assert made.state_of("work-1-1") == "Waiting"
    assert not made.said(f.StateHealed)


def test_a_work_talk_lives_as_long_as_its_leg() -> None:
    made = WorkKit(operator("ann"))
    made.log_in()
    made.promise()
    made.deal()
    made.after(60)
    live = made.offer_of("work-1-1")
    look = e.SwitchSeen(at=made.at, calls=frozenset(), talks=frozenset(), legs=frozenset({live}))
    made.do(look)
    assert made.stage() is WorkStage.TALKING
    seen(made, set())
    assert made.stage() is WorkStage.NEW
    assert made.said(w.WorkLetGo)[0].why == "not settled"


@pytest.mark.parametrize("away", ["unreachable", "break", "log out"])
def test_a_held_operator_who_goes_is_held_no_longer(away: str) -> None:
    made = kit()
    made.log_in()
    made.promise()
    if away == "unreachable":
        made.reach("ann", False)
    elif away == "break":
        made.do(e.BreakChosen(at=made.at, operator=ANN, reason="pause"))
    else:
        made.do(e.OperatorLoggedOut(at=made.at, operator=ANN))
    assert made.code is None
    assert len(made.said(w.HoldEnded)) == 1
    assert isinstance(made.item().hold, Dialling), "the customer is called all the same"
    assert "held" not in made.status("ann")


def test_attempts_at_growing_intervals_then_an_operator_decides() -> None:
    made = kit(attempts=3, retry_after={Reach.NO_ANSWER: (60.0, 600.0)})
    made.log_in()
    made.promise()
    for wait in (60.0, 600.0):
        made.called(Reach.NO_ANSWER)
        assert made.item().not_before == made.at + wait
        made.after(wait - 1)
        assert made.stage() is WorkStage.NEW
        made.after(1)
        assert made.stage() is WorkStage.DIALLING
    made.called(Reach.NO_ANSWER)
    assert made.said(w.WorkByHand)[0].why == "not reached in 3 attempts"
    assert made.item().by_hand
    assert made.with_whom(made.place()) == "ann", "offered like a voicemail"
    made.deal()
    made.done(ANN, topic="wrong number")
    assert (made.closed().end, made.closed().topic) == (WorkEnd.HANDLED, "wrong number")


@pytest.mark.parametrize("reach", [Reach.WRONG_PERSON, Reach.FORBIDDEN])
def test_who_must_not_be_called_is_not_called_again(reach: Reach) -> None:
    made = kit()
    made.log_in()
    made.promise()
    made.called(reach)
    assert made.closed().end == reach.value
    assert not made.closed().kept
    assert made.status("ann") == "available/idle"


def test_the_next_attempt_is_moved_into_the_calling_times() -> None:
    # START is 22:13:20 UTC
    made = kit(times=times((8 * 60, 22 * 60 + 15)), retry_after={Reach.BUSY: (300.0,)})
    made.log_in()
    made.promise()
    made.called(Reach.BUSY)
    assert made.item().not_before == START - START % 86400 + 86400 + 8 * 3600


def test_called_off_while_the_customer_is_called() -> None:
    made = kit()
    made.log_in()
    made.promise()
    made.do(v.WorkCalledOff(at=made.at, work=W1, by="admin"))
    assert made.asked(c.StopDialling)
    assert (made.closed().end, made.closed().by) == (WorkEnd.CANCELLED, "admin")
    assert made.status("ann") == "available/idle"


def test_a_change_of_the_way_takes_the_place_out_of_line() -> None:
    first, then = (
        queue(leave_if_nobody_logged_in=False),
        queue(leave_if_nobody_logged_in=False, call_back=customer_first()),
    )
    made = WorkKit(first, operator("ann"))
    made.promise()
    assert made.state_of("work-1-1") == "Waiting"
    made.do(e.SettingsChanged(at=made.at, settings=settings(then, operator("ann"))))
    assert made.state_of("work-1-1") == "gone"
    made.log_in()
    assert made.stage() is WorkStage.DIALLING


def test_the_hourly_limit_holds() -> None:
    made = kit("ann", "bob", "eve", hourly_limit=2)
    made.log_in()
    for number in range(2):
        made.promise(f"05000000{number:02}")
    assert dialled(made) == [1, 2]
    made.called(Reach.WRONG_PERSON, work=1)
    made.promise("0500000009")
    assert made.code is None
    assert dialled(made) == [1, 2]
    made.called(Reach.WRONG_PERSON, work=2)
    made.after(3599)
    assert dialled(made) == [1, 2]
    made.after(1)
    assert dialled(made) == [1, 2, 3]


def test_the_default_rules_are_operator_first() -> None:
    assert CallBackRules().mode == "operator-first"
