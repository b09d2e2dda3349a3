"""Share, hours, limits, wishes of operators, locks: what decides when a work item is offered to whom."""

from dataclasses import replace

import pytest

from acd.core.words import LeaveReason
from acd.core.work import WorkEnd
from acd.core.work_state import Claimed, Open
from tests.unit.work_kit import (
    ANN,
    BOB,
    NUMBER,
    START,
    W1,
    CallBackRules,
    CallId,
    CallingTimes,
    Reach,
    WorkId,
    WorkKit,
    WorkRules,
    WorkStage,
    c,
    e,
    f,
    operator,
    queue,
    settings,
    times,
    v,
    w,
)

FOUR = tuple(operator(name) for name in ("ann", "bob", "eve", "max"))


def in_hand(made: WorkKit) -> list[str]:
    return sorted(offer.operator for offer in made.center.live_offers() if offer.work is not None)


def ask(made: WorkKit, who: str = "ann", work: int | None = None) -> None:
    wanted = None if work is None else WorkId(work)
    made.do(v.WorkAskedFor(at=made.at, operator=operator(who).id, work=wanted))


# The share


def test_half_of_the_operators_at_most_have_voicemail() -> None:
    made = WorkKit(*FOUR, work=WorkRules(share=0.5))
    made.log_in()
    for number in range(4):
        made.message(f"05000000{number:02}")
    assert len(in_hand(made)) == 2
    made.reach("max", False)
    made.reach("eve", False)
    made.talk(made.place(1))
    made.done(work=1)
    made.end("work-1-1")
    assert len(in_hand(made)) == 1, "half of two"


def test_one_operator_may_always() -> None:
    made = WorkKit(operator("ann"), work=WorkRules(share=0.0))
    made.log_in()
    made.message()
    assert in_hand(made) == ["ann"]


def test_call_backs_keep_their_place_whatever_the_share() -> None:
    made = WorkKit(*FOUR, work=WorkRules(share=0.25))
    made.log_in()
    for number in range(3):
        made.promise(f"05000000{number:02}")
    assert len(in_hand(made)) == 3


def test_the_more_urgent_item_takes_the_room_of_the_other() -> None:
    made = WorkKit(operator("ann"))
    made.message("0500000001")
    made.after(1)
    made.message("0500000002", priority=3)
    assert made.stage(1) is made.stage(2) is WorkStage.NEW
    made.log_in()
    assert in_hand(made) == ["ann"]
    assert made.stage(2) is WorkStage.OFFERED


# Hours


def test_operator_first_call_backs_leave_the_line_when_the_hours_end() -> None:
    # START is 22:13:20 UTC
    made = WorkKit(operator("ann"), call_back=CallBackRules(times=times((8 * 60, 22 * 60 + 15))))
    made.promise()
    made.message("0671234567")
    assert made.state_of("work-1-1") == "Waiting"
    made.after(100)
    assert made.state_of("work-1-1") == "gone"
    assert made.said(f.CallLeft)[0].reason is LeaveReason.PUT_OFF
    opens = START - START % 86400 + 86400 + 8 * 3600
    assert made.item(1).not_before == opens
    assert made.state_of(made.place(2)) == "Waiting", "a message may be heard at any time"
    made.log_in()
    made.after(opens - made.at - 1)
    assert made.stage(1) is WorkStage.NEW
    made.after(1)
    assert made.place(1) == "work-1-2"


def test_an_offer_is_withdrawn_when_the_hours_end() -> None:
    made = WorkKit(operator("ann"), ring_for=300.0, call_back=CallBackRules(times=times((0, 22 * 60 + 15))))
    made.log_in()
    made.promise()
    assert in_hand(made) == ["ann"]
    made.after(100)
    assert in_hand(made) == []


def test_whether_a_customer_may_be_called_now_can_be_asked() -> None:
    made = WorkKit(operator("ann"), call_back=CallBackRules(times=times((0, 22 * 60 + 15))))
    made.message()
    assert made.center.may_be_called(W1, made.at)
    assert not made.center.may_be_called(W1, made.at + 100)
    assert not made.center.may_be_called(WorkId(9), made.at)


def test_the_times_follow_the_wall_clock_when_it_is_put_back() -> None:
    """Kyiv, 26 October 2025: 04:00 becomes 03:00, so 03:30 comes twice."""
    until_half_past = CallingTimes(time_zone="Europe/Kyiv", week=(((0, 210),),) * 7)
    first, second = 1_761_438_600.0, 1_761_442_200.0
    assert until_half_past.allowed_until(first - 60) == first
    assert not until_half_past.allows(first)
    again = until_half_past.next_allowed(first)
    assert again is not None
    assert again > first
    assert until_half_past.allowed_until(second - 60) == second


def test_times_that_never_end_have_no_end() -> None:
    assert times((0, 1440)).allowed_until(START) is None
    assert times((0, 700), (700, 1440)).allowed_until(START) is None
    assert times().next_allowed(START) is None


def test_without_any_hours_nothing_is_promised() -> None:
    made = WorkKit(operator("ann"), call_back=CallBackRules(times=times()))
    made.promise()
    assert made.code == "too-many"


# The limit of an hour


def test_operator_first_call_backs_are_limited_by_the_hour() -> None:
    made = WorkKit(operator("ann"), call_back=CallBackRules(hourly_limit=1))
    made.log_in()
    made.promise("0500000001")
    made.deal()
    made.called(Reach.TALKED, talked_for=5.0)
    made.end("work-1-1")
    made.after(10)
    made.promise("0500000002")
    made.after(3589)
    assert made.stage(2) is WorkStage.NEW
    made.after(1)
    assert made.stage(2) is WorkStage.OFFERED


# Wishes


def test_an_operator_asks_for_an_item_that_waits_for_its_time() -> None:
    made = WorkKit(operator("ann"), work=WorkRules(again_after=600.0))
    made.log_in()
    made.message()
    made.deal()
    made.end("work-1-1")
    assert in_hand(made) == []
    ask(made, work=1)
    assert in_hand(made) == ["ann"]
    assert made.said(f.CallOffered)[-1].chosen_for == "asked for"


def test_an_operator_asks_for_the_next_item_beyond_the_share() -> None:
    made = WorkKit(*FOUR[:2], work=WorkRules(share=0.5))
    made.log_in()
    made.message("0500000001")
    made.message("0500000002")
    assert in_hand(made) == ["ann"]
    ask(made, "bob")
    assert in_hand(made) == ["ann", "bob"]


def test_a_claimed_item_is_offered_to_its_own_operator_only() -> None:
    made = WorkKit(*FOUR[:2])
    made.message()
    made.claim(ANN)
    made.log_in()
    ask(made, "bob", 1)
    assert made.code == "work-taken"
    ask(made, "ann", 1)
    assert in_hand(made) == ["ann"]


@pytest.mark.parametrize(
    ("who", "work", "code"),
    [
        ("ann", None, "no-work"),
        ("ann", 7, "unknown-work"),
        ("bob", None, "not-logged-in"),
        ("eve", 1, "no-work"),
    ],
)
def test_a_wish_that_cannot_be_met(who: str, work: int | None, code: str) -> None:
    people = (operator("ann"), operator("bob"), operator("eve", "other"))
    made = WorkKit(*people, queue(leave_if_nobody_logged_in=False), queue("other"))
    made.message(not_before=made.at + 60)
    made.log_in("ann", "eve")
    ask(made, who, work)
    assert made.code == code


def test_a_call_back_is_not_made_before_its_time_by_a_wish() -> None:
    made = WorkKit(operator("ann"))
    made.log_in()
    made.promise(not_before=made.at + 600)
    ask(made, work=1)
    assert made.code == "no-work"


def test_an_operator_with_a_call_is_busy() -> None:
    made = WorkKit(operator("ann"))
    made.log_in()
    made.enter("c1")
    made.message()
    ask(made, work=1)
    assert made.code == "busy"


def test_a_caller_who_has_waited_as_long_goes_before_a_call_back_that_was_asked_for() -> None:
    made = WorkKit(operator("ann"), wrap_up_for=11.0)
    made.log_in()
    made.enter("c0")
    made.talk("c0")
    made.enter("c2")
    made.enter("c1", caller=NUMBER)
    made.promise(call=CallId("c1"))
    made.end("c0")
    made.at += 11.0  # the wrap-up ends in the moment of the wish
    ask(made, work=1)
    assert made.code == "busy"
    assert made.with_whom("c2") == "ann"
    assert in_hand(made) == []


def test_a_call_back_that_was_asked_for_goes_before_a_caller_behind_it() -> None:
    made = WorkKit(operator("ann"), wrap_up_for=11.0)
    made.log_in()
    made.enter("c0")
    made.talk("c0")
    made.promise()
    made.enter("c2")
    made.end("c0")
    made.at += 11.0
    ask(made, work=1)
    assert made.code is None
    assert in_hand(made) == ["ann"]


# Locks


def test_what_comes_of_a_call_does_not_take_it_from_a_department() -> None:
    made = WorkKit(operator("ann"), call_back=CallBackRules(attempts=1))
    made.log_in()
    made.promise()
    made.deal()
    made.do(v.WorkPassedOn(at=made.at, operator=ANN, work=W1, department="grid"))
    made.called(Reach.BUSY)
    assert made.stage() is WorkStage.FORWARDED
    assert made.item().by_hand


def test_a_claim_is_a_lock_that_expires() -> None:
    made = WorkKit(*FOUR[:2], work=WorkRules(claim_for=900.0))
    made.message()
    made.claim(ANN)
    assert made.item().hold == Claimed(ANN, START + 900)
    made.log_in("bob")
    assert in_hand(made) == []
    made.after(600)
    made.claim(ANN)
    made.after(899)
    assert in_hand(made) == []
    made.after(1)
    assert in_hand(made) == ["bob"]
    assert made.said(w.WorkLetGo)[0].why == "the claim expired"
    made.done(ANN)
    assert made.code == "not-yours"


def test_the_operator_to_whom_it_is_offered_may_claim_it_instead() -> None:
    made = WorkKit(operator("ann"))
    made.log_in()
    made.message()
    made.claim(ANN)
    assert made.asked(c.WithdrawOffer)
    assert made.stage() is WorkStage.CLAIMED
    assert made.status("ann") == "available/idle"


def test_given_back_it_comes_again_later() -> None:
    made = WorkKit(operator("ann"), work=WorkRules(again_after=60.0))
    made.message()
    made.claim(ANN)
    made.do(v.ClaimGivenBack(at=made.at, operator=ANN, work=W1))
    assert made.item().hold == Open()
    assert made.item().not_before == made.at + 60


def test_to_a_department_and_back_with_a_reason() -> None:
    made = WorkKit(*FOUR[:2])
    made.message()
    made.claim(ANN)
    made.do(v.WorkPassedOn(at=made.at, operator=ANN, work=W1, department="grid", note="pole 12"))
    assert made.center.view(made.at).work[0].department == "grid"
    made.log_in()
    assert in_hand(made) == []
    made.do(v.WorkHandedBack(at=made.at, work=W1, reason="not ours"))
    assert made.said(w.WorkReturned)[0].reason == "not ours"
    assert in_hand(made) == ["ann"]


def test_a_spoken_note_goes_with_the_item_once_and_gets_its_text() -> None:
    made = WorkKit(*FOUR[:2])
    made.message()
    made.claim(ANN)
    made.do(v.WorkPassedOn(at=made.at, operator=ANN, work=W1, department="grid"))
    note = v.NoteSpoken(at=made.at, operator=ANN, work=W1, recording="note", seconds=4.0)
    made.do(note)
    made.do(note)
    (said,) = made.said(w.WorkNoted)
    assert (said.operator, said.seconds) == ("ann", 4.0)
    made.do(v.TranscriptCame(at=made.at, work=W1, recording="note", text="pole 12", confidence=0.9))
    assert [(each.by, each.text) for each in made.item().messages] == [(None, ""), ("ann", "pole 12")]
    assert made.stage() is WorkStage.FORWARDED
    made.done(work=1)
    made.do(replace(note, recording="late"))
    assert len(made.said(w.WorkNoted)) == 1


def test_a_message_for_a_matter_that_a_department_has_is_a_new_item() -> None:
    made = WorkKit(operator("ann"))
    made.message()
    made.claim(ANN)
    made.do(v.WorkPassedOn(at=made.at, operator=ANN, work=W1, department="grid"))
    made.message()
    assert len(made.center.open_work()) == 2


def test_an_operator_dealing_with_it_may_forward_it_and_hang_up() -> None:
    made = WorkKit(operator("ann"))
    made.log_in()
    made.message()
    made.deal()
    made.do(v.WorkPassedOn(at=made.at, operator=ANN, work=W1, department="grid"))
    made.end("work-1-1")
    assert made.stage() is WorkStage.FORWARDED
    assert not made.said(w.WorkLetGo)
    made.done(work=1, topic="outage")
    assert made.closed().end is WorkEnd.HANDLED


def test_a_call_back_by_hand_that_was_talked_to_never_comes_again() -> None:
    made = WorkKit(operator("ann"), call_back=CallBackRules(attempts=1))
    made.log_in()
    made.promise()
    made.deal()
    made.called(Reach.NO_ANSWER)
    assert made.item().by_hand
    made.end("work-1-1")
    made.after(60)
    made.deal()
    made.called(Reach.TALKED, talked_for=20.0)
    made.end(made.place())
    assert made.closed().end is WorkEnd.CALLED_BACK


# The field notes


def test_13_what_is_ahead_is_counted_whether_anybody_is_on_the_line_or_not() -> None:
    made = WorkKit(operator("ann"))
    made.promise()
    made.after(1)
    made.enter("c1", caller="0671234567")
    assert made.center.position(CallId("c1")) == 2


def test_14_one_promise_for_a_number_attempts_limited_each_with_an_outcome() -> None:
    made = WorkKit(operator("ann"), call_back=CallBackRules(attempts=2, retry_after={Reach.BUSY: (60.0,)}))
    made.log_in()
    made.promise()
    made.promise()
    assert made.code == "already-promised"
    for turn in (1, 2):
        made.deal()
        made.called(Reach.BUSY)
        made.end(f"work-1-{turn}")
        made.after(60)
    assert [fact.reach for fact in made.said(w.CustomerTried)] == [Reach.BUSY] * 2
    assert made.item().by_hand
    made.enter("c1", caller=NUMBER)
    made.talk("c1")
    assert made.closed().end is WorkEnd.GOT_THROUGH


def test_15_a_promise_keeps_the_place_longer_than_a_dropped_line_does() -> None:
    made = WorkKit(operator("ann"), keep_place_for=30.0)
    made.enter("c1", caller=NUMBER)
    made.after(10)
    made.promise(call=CallId("c1"))
    made.after(600)
    made.enter("c2", caller=NUMBER)
    entered = made.said(f.CallEntered)[-1]
    assert entered.waiting_since == START
    assert made.said(w.CallerReturned)[0].call == "c2"


def test_limits_of_the_queue_are_those_of_callers_on_the_line() -> None:
    made = WorkKit(operator("ann"), max_waiting=1, max_wait_for=20.0, leave_if_nobody_logged_in=True)
    for number in range(3):
        made.promise(f"05000000{number:02}")
    made.after(60)
    assert len(made.center.waiting_calls()) == 3, "places wait without limit, also when nobody is logged in"
    made.log_in("ann")
    made.enter("c1")
    assert made.state_of("c1") == "Waiting"
    made.enter("c2")
    assert made.said(f.CallLeft)[-1].reason is LeaveReason.QUEUE_FULL


def test_work_is_no_breach_of_the_three_second_rule() -> None:
    made = WorkKit(operator("ann"), ring_for=20.0)
    made.log_in()
    made.promise()
    made.after(19)
    assert not made.said(f.RuleBroken)


def test_an_event_about_the_place_of_an_item_is_ignored() -> None:
    made = WorkKit(operator("ann"))
    made.promise()
    for event in (
        e.CallerHungUp(at=made.at, call=CallId("work-1-1")),
        e.CallTakenBack(at=made.at, call=CallId("work-1-1")),
        e.CallQueued(at=made.at, call=CallId("work-1-1"), queue=queue().id, caller=""),
    ):
        made.do(event)
        assert isinstance(made.last.facts[0], f.EventIgnored)
    assert made.state_of("work-1-1") == "Waiting"


def test_an_operator_who_is_no_longer_named_lets_go() -> None:
    made = WorkKit(operator("ann"), operator("bob"))
    made.log_in("ann")
    made.promise()
    made.do(e.SettingsChanged(at=made.at, settings=settings(queue(), operator("bob"))))
    made.fail("work-1-1")
    assert made.stage() is WorkStage.NEW
    assert BOB not in made.center.state.operators


def test_the_operator_of_the_last_attempt_decides_while_on_the_phone() -> None:
    made = WorkKit(*FOUR[:2], call_back=CallBackRules(attempts=1))
    made.log_in("ann")
    made.promise()
    made.deal()
    made.called(Reach.MACHINE)
    made.log_in("bob")
    assert made.item().by_hand
    assert in_hand(made) == ["ann"], "nobody else is offered it meanwhile"
    made.done(ANN, topic="left a message")
    assert (made.closed().end, made.closed().topic) == (WorkEnd.HANDLED, "left a message")


# The figures


def test_each_promise_is_kept_broken_or_dropped_once() -> None:
    made = WorkKit(
        operator("ann"), call_back=CallBackRules(promised_within=600.0), work=WorkRules(answer_within=600.0)
    )
    for number in range(4):
        made.promise(f"05000000{number:02}")
    made.do(v.WorkCalledOff(at=made.at, work=WorkId(1), by="caller"))
    made.done(work=2)
    made.after(600)
    made.done(work=3)
    tally = made.center._desk.figures.promises(queue().id, START)
    assert (tally.made, tally.kept, tally.broken, tally.dropped) == (4, 1, 2, 1)
    assert tally.kept_share == pytest.approx(1 / 3)
    made.do(v.WorkCalledOff(at=made.at, work=WorkId(4), by="admin"))
    assert made.center._desk.figures.promises(queue().id, START) == tally, "broken once, whatever comes later"


def test_time_on_work_items_is_the_operators_not_that_of_calls() -> None:
    made = WorkKit(operator("ann"), wrap_up_for=10.0)
    made.log_in()
    made.message()
    made.deal()
    made.after(50)
    made.done(ANN)
    made.end("work-1-1")
    made.after(10)
    (shown,) = made.center.view(made.at).queues
    assert shown.mean_handle_for is None
    assert shown.occupancy == pytest.approx(1.0)
    assert made.center._desk.figures.promises(queue().id, START).work_for == pytest.approx(50.0)
