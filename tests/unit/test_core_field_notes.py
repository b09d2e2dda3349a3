"""What users of other systems complain about, each as a test; the numbers are those of the field notes."""

from collections.abc import Iterable
from dataclasses import replace

from acd.core.ports import History
from acd.core.settings import MissRule
from acd.core.words import CallId, OfferId, OperatorId, QueueId
from tests.unit.core_kit import START, Cause, Ended, Kit, LeaveReason, c, e, f, operator, queue, settings

NONE: frozenset[OfferId] = frozenset()


def seen(kit: Kit, calls: Iterable[str], talks: Iterable[int] = (), legs: Iterable[int] = ()) -> None:
    kit.do(
        e.SwitchSeen(
            at=kit.at,
            calls=frozenset(CallId(each) for each in calls),
            talks=frozenset(OfferId(each) for each in talks),
            legs=frozenset(OfferId(each) for each in legs),
        )
    )


def test_01_operator_busy_for_ever_after_a_lost_hang_up_is_healed() -> None:
    kit = Kit(operator("ann"), queue(wrap_up_for=0.0)).log_in()
    kit.enter("c1")
    kit.talk("c1")
    kit.after(60)
    seen(kit, calls={"c1"})  # the caller lives on, the talk does not
    assert kit.status("ann") == "available/idle"
    assert [fact.what for fact in kit.said(f.StateHealed)] == ["the talk is over"]
    assert kit.said(f.CallCompleted)[0].by is Ended.UNKNOWN


def test_01_a_ringing_operator_without_a_leg_is_healed() -> None:
    kit = Kit(operator("ann")).log_in()
    kit.enter("c1")
    kit.after(5)
    seen(kit, calls={"c1"})
    assert kit.state_of("c1") == "Waiting"
    assert kit.said(f.OfferMissed)[0].cause is Cause.SWITCH_ERROR


def test_01_an_offer_younger_than_the_look_at_the_switch_is_left_alone() -> None:
    kit = Kit(operator("ann")).log_in()
    kit.after(5)
    kit.enter("c1")
    kit.do(
        e.SwitchSeen(
            at=kit.at + 0.5, began_at=kit.at - 1, calls=frozenset(), talks=NONE, legs=NONE, reachable=None
        )
    )
    assert kit.state_of("c1") == "Offered"
    assert not kit.said(f.StateHealed)


def test_01_an_offer_that_the_switch_forgot_ends_as_a_lease() -> None:
    kit = Kit(operator("ann"), queue(ring_for=12.0)).log_in()
    kit.enter("c1")
    kit.after(12.9)
    assert kit.state_of("c1") == "Offered"
    kit.after(0.2)
    assert kit.said(f.OfferMissed)[0].cause is Cause.NO_ANSWER
    assert kit.said(f.OfferMissed)[0].at == START + 13.0


def test_02_available_but_gone_gets_no_calls_and_comes_back_by_itself() -> None:
    kit = Kit(operator("ann"), queue(leave_if_nobody_logged_in=False)).log_in()
    kit.reach("ann", False)
    kit.enter("c1")
    assert kit.state_of("c1") == "Waiting"
    kit.reach("ann", True)
    assert kit.with_whom("c1") == "ann"


def test_03_a_free_operator_beside_a_waiting_caller_is_found_and_repaired() -> None:
    kit = Kit(operator("ann"), queue(leave_if_nobody_logged_in=False))
    kit.enter("c1")
    kit.center._desk.index.halls[QueueId("q")].busy_lanes.clear()  # a fault that must never be
    kit.log_in()
    assert kit.state_of("c1") == "Waiting"
    kit.center._desk.index.waiting = 0
    kit.after(1.0)
    assert kit.with_whom("c1") == "ann"
    (alarm,) = kit.said(f.IdlePairFound)
    assert 0 <= alarm.stood_for <= 1.0


def test_03_the_watch_never_asks_for_a_moment_that_has_come() -> None:
    people = [operator(f"op{number}") for number in range(70)]  # thirds of a second
    kit = Kit(*people, queue(leave_if_nobody_logged_in=False))
    kit.enter("c1")
    for _ in range(500):
        due = kit.center.next_deadline()
        assert due is not None
        assert due > kit.center.at
        kit.do(e.Tick(at=due))


def test_04_one_call_is_never_answered_twice_and_the_late_leg_is_dropped() -> None:
    kit = Kit(operator("ann"), operator("bob")).log_in()
    kit.enter("c1")
    old = kit.offer_of("c1")
    kit.fail("c1")
    assert kit.with_whom("c1") == "bob"
    kit.do(e.OperatorAnswered(at=kit.at, offer=old))
    assert kit.with_whom("c1") == "bob"
    assert kit.asked(c.WithdrawOffer) == [c.WithdrawOffer(offer=old, operator=OperatorId("ann"))]
    assert not kit.asked(c.Connect)
    assert isinstance(kit.last.facts[0], f.EventIgnored)


def test_04_the_offer_is_withdrawn_the_moment_the_caller_leaves() -> None:
    kit = Kit(operator("ann"), operator("bob")).log_in()
    kit.after(10)
    kit.enter("c1")
    assert kit.with_whom("c1") == "ann"
    kit.after(2)
    kit.hang_up("c1")
    assert len(kit.asked(c.WithdrawOffer)) == 1
    assert kit.status("ann") == "available/idle"
    kit.enter("c2")
    assert kit.with_whom("c2") == "ann", "the longest idle place was kept"


def test_05_wrap_up_is_real_has_a_deadline_and_can_be_moved_or_ended() -> None:
    kit = Kit(operator("ann"), queue(wrap_up_for=10.0)).log_in()
    kit.enter("c1")
    kit.talk("c1")
    kit.enter("c2")
    kit.end("c1")
    assert kit.status("ann") == "available/wrap-up"
    assert kit.center.view(kit.at).operators[0].until == kit.at + 10
    kit.do(e.WrapUpProlonged(at=kit.at, operator=OperatorId("ann"), extra_for=5.0))
    kit.after(14.9)
    assert kit.status("ann") == "available/wrap-up"
    kit.after(0.1)
    assert kit.with_whom("c2") == "ann"
    kit.talk("c2")
    kit.end("c2")
    kit.do(e.OperatorReady(at=kit.at, operator=OperatorId("ann")))
    assert kit.status("ann") == "available/idle"


def test_06_breaks_keep_their_reasons_and_times() -> None:
    kit = Kit(operator("ann")).log_in()
    kit.do(e.BreakChosen(at=kit.at, operator=OperatorId("ann"), reason="lunch"))
    kit.after(600)
    kit.do(e.BreakChosen(at=kit.at, operator=OperatorId("ann"), reason="pause"))
    kit.after(300)
    kit.do(e.OperatorReady(at=kit.at, operator=OperatorId("ann")))
    log = [(fact.at - START, fact.status, fact.reason) for fact in kit.said(f.StatusChanged)]
    assert log[1:] == [(0, "on break", "lunch"), (600, "on break", "pause"), (900, "available", "")]
    tally = kit.center._desk.figures.operator(OperatorId("ann"), START - 900, kit.at)
    assert tally.on_break_for == 900


def test_07_break_after_this_call_is_kept() -> None:
    kit = Kit(operator("ann"), queue(leave_if_nobody_logged_in=False)).log_in()
    kit.enter("c1")
    kit.talk("c1")
    kit.enter("c2")
    kit.do(e.BreakChosen(at=kit.at, operator=OperatorId("ann"), reason="lunch"))
    assert kit.center.view(kit.at).operators[0].next_status == "on break"
    kit.end("c1")
    kit.after(10)
    assert kit.status("ann") == "on break/idle"
    assert kit.state_of("c2") == "Waiting"


def test_08_a_restart_loses_nothing() -> None:
    kit = Kit(operator("ann"), operator("bob")).log_in()
    kit.enter("c1")
    kit.talk("c1")
    kit.do(e.BreakChosen(at=kit.at, operator=OperatorId("bob"), reason="lunch"))
    kit.enter("c2")
    again = type(kit.center).restore(kit.center.settings, History(kit.center.checkpoint(), ()), kit.at)
    assert again.view(kit.at) == kit.center.view(kit.at)
    assert again.live_offers() == kit.center.live_offers()
    assert again.live_offers()[0].phone == "phone-ann"


def test_08_a_talk_that_began_unheard_is_not_cut_after_a_long_absence() -> None:
    kit = Kit(operator("ann"), queue(ring_for=12.0)).log_in()
    kit.enter("c1")
    kit.answer("c1")
    kit.at += 120  # the server was down; the lease of the offer ran out meanwhile
    seen(kit, calls={"c1"}, talks={1}, legs={1})
    assert kit.state_of("c1") == "InTalk"
    assert not kit.asked(c.WithdrawOffer)
    assert not kit.said(f.OfferMissed)


def test_08_new_settings_keep_calls_talks_and_statuses() -> None:
    kit = Kit(operator("ann"), operator("bob"), queue(leave_if_nobody_logged_in=False)).log_in()
    kit.enter("c1")
    kit.talk("c1")
    kit.enter("c2")
    kit.enter("c3")
    renamed = replace(queue(leave_if_nobody_logged_in=False), name="Renamed")
    kit.do(e.SettingsChanged(at=kit.at, settings=settings(renamed, operator("ann"), operator("eve"))))
    assert (kit.state_of("c1"), kit.state_of("c2"), kit.state_of("c3")) == ("InTalk", "Offered", "Waiting")
    kit.log_in("eve")
    assert kit.with_whom("c3") == "eve"
    kit.talk("c2")
    kit.end("c2")
    kit.after(10)
    assert isinstance(kit.said(f.StatusChanged)[-1], f.StatusChanged)
    assert (kit.said(f.StatusChanged)[-1].operator, kit.said(f.StatusChanged)[-1].status) == (
        "bob",
        "logged out",
    )


def test_08_calls_of_a_removed_queue_leave_with_a_reason() -> None:
    kit = Kit(operator("ann", "a"), queue("a", leave_if_nobody_logged_in=False), queue("b"))
    kit.enter("c1", "a")
    kit.do(e.SettingsChanged(at=kit.at, settings=settings(queue("b"), operator("ann", "b"))))
    assert kit.said(f.CallLeft)[0].reason is LeaveReason.NOBODY_LOGGED_IN
    assert len(kit.asked(c.ReleaseCall)) == 1


def test_10_after_a_miss_the_call_keeps_its_place_and_goes_to_another() -> None:
    kit = Kit(operator("ann"), operator("bob")).log_in()
    kit.enter("c1")
    first = kit.with_whom("c1")
    kit.enter("c2")
    kit.enter("c3")
    assert kit.center.position(CallId("c1")) == 1
    kit.fail("c1", Cause.NO_ANSWER)
    assert kit.center.position(CallId("c1")) == 1
    assert kit.state_of("c1") == "Waiting"
    kit.fail("c2", Cause.SWITCH_ERROR)
    kit.after(1)
    assert kit.with_whom("c1") not in (None, first), "the next free operator takes the one who was missed"


def test_10_each_cause_has_its_own_rule() -> None:
    rules = {
        Cause.BUSY: MissRule(set_aside_for=7.0),
        Cause.NO_ANSWER: MissRule(set_aside_for=3.0, break_after=2),
    }
    kit = Kit(operator("ann"), queue(miss_rules=rules, leave_if_nobody_logged_in=False)).log_in()
    kit.enter("c1")
    kit.fail("c1", Cause.BUSY)
    kit.after(6.9)
    assert kit.state_of("c1") == "Waiting"
    kit.after(0.1)
    assert kit.state_of("c1") == "Offered"
    kit.fail("c1", Cause.NO_ANSWER)
    kit.after(3.0)
    kit.fail("c1", Cause.NO_ANSWER)
    assert kit.status("ann") == "on break/idle"
    last = kit.said(f.StatusChanged)[-1]
    assert (last.reason, last.by) == ("missed calls", "missed calls")


def test_10_a_talk_forgives_the_misses() -> None:
    rules = {Cause.NO_ANSWER: MissRule(set_aside_for=1.0, break_after=2)}
    kit = Kit(operator("ann"), queue(miss_rules=rules, wrap_up_for=0.0)).log_in()
    kit.enter("c1")
    kit.fail("c1")
    kit.after(1.0)
    kit.talk("c1")
    kit.end("c1")
    kit.enter("c2")
    kit.fail("c2")
    assert kit.status("ann") == "available/idle"


def test_09_the_answer_is_connected_at_once() -> None:
    kit = Kit(operator("ann")).log_in()
    kit.enter("c1")
    kit.answer("c1")
    assert [each.call for each in kit.asked(c.Connect)] == ["c1"]


def test_12_a_caller_never_waits_where_nobody_can_come() -> None:
    kit = Kit(operator("ann"), queue(nobody_grace_for=20.0)).log_in()
    kit.enter("c1")
    kit.fail("c1", Cause.NO_ANSWER)
    kit.do(e.OperatorLoggedOut(at=kit.at, operator=OperatorId("ann")))
    kit.after(19.9)
    assert kit.state_of("c1") == "Waiting"
    kit.after(0.1)
    assert kit.said(f.CallLeft)[0].reason is LeaveReason.NOBODY_LOGGED_IN
    kit.enter("c2")
    assert kit.asked(c.ReleaseCall)[0].reason is LeaveReason.NOBODY_LOGGED_IN


def test_12_a_full_queue_and_a_long_wait_end_in_an_edge() -> None:
    kit = Kit(operator("ann"), queue(max_waiting=1, max_wait_for=30.0)).log_in()
    for call in ("c1", "c2", "c3"):
        kit.enter(call)
    assert [(each.call, each.reason) for each in kit.asked(c.ReleaseCall)] == [("c3", LeaveReason.QUEUE_FULL)]
    kit.talk("c1")
    kit.after(30.0)
    assert kit.said(f.CallLeft)[-1].reason is LeaveReason.WAITED_TOO_LONG
    assert kit.said(f.CallLeft)[-1].at == START + 30.0


def test_13_no_waiting_time_is_said_before_it_was_measured_to_be_right() -> None:
    kit = Kit(operator("ann"), queue(wrap_up_for=0.0)).log_in()
    assert kit.center.expected_wait(QueueId("q"), kit.at) == 0.0
    for number in range(40):
        kit.enter(f"c{number}")
    assert kit.center.expected_wait(QueueId("q"), kit.at) is None
    for number in range(40):
        kit.talk(f"c{number}")
        kit.after(30.0)
        kit.enter(f"d{number}")
        kit.end(f"c{number}")
    expected = kit.center.expected_wait(QueueId("q"), kit.at)
    assert expected is None, "no forecast has been judged yet: those who were told it still wait"
    for number in range(20):
        kit.talk(f"d{number}")
        kit.after(30.0)
        kit.end(f"d{number}")
    expected = kit.center.expected_wait(QueueId("q"), kit.at)
    assert expected is not None
    assert abs(expected - 20 * 30.0) < 60


def test_15_a_dropped_line_gets_its_place_back() -> None:
    kit = Kit(operator("ann"), queue(keep_place_for=180.0)).log_in()
    kit.enter("c1", caller="0501")
    kit.enter("c2", caller="0502")
    kit.after(1)
    kit.enter("c3", caller="0503")
    kit.hang_up("c2")
    kit.after(60)
    kit.enter("c4", caller="0502")
    assert (kit.center.position(CallId("c4")), kit.center.position(CallId("c3"))) == (2, 3)
    assert kit.said(f.CallEntered)[-1].place_of == "c2"
    kit.hang_up("c4")
    kit.after(181)
    kit.enter("c5", caller="0502")
    assert kit.said(f.CallEntered)[-1].place_of is None


def test_15_also_for_a_line_that_dropped_while_an_offer_rang() -> None:
    kit = Kit(operator("ann")).log_in()
    kit.enter("c1", caller="0501")
    kit.hang_up("c1")
    kit.after(5)
    kit.enter("c2", caller="0501")
    assert kit.said(f.CallEntered)[-1].waiting_since == START


def test_15_a_place_is_given_back_once() -> None:
    kit = Kit(operator("ann")).log_in()
    kit.enter("c0")
    kit.enter("c1", caller="0501")
    kit.hang_up("c1")
    kit.enter("c2", caller="0501")
    kit.enter("c3", caller="0501")
    assert [fact.place_of for fact in kit.said(f.CallEntered)] == [None, None, "c1", None]


def test_15_not_for_a_withheld_number() -> None:
    kit = Kit(operator("ann")).log_in()
    kit.enter("c0")
    kit.enter("c1")
    kit.hang_up("c1")
    kit.enter("c2")
    assert kit.said(f.CallEntered)[-1].place_of is None
