"""Promises: made once, with the place in line, offered in turn, kept or come again; nothing is lost."""

import json

import pytest

from acd.core.center import Center
from acd.core.ports import Checkpoint, History
from acd.core.words import LeaveReason
from acd.core.work import WorkEnd
from acd.core.work_state import CallerHere, Open
from tests.unit.work_kit import (
    ANN,
    NUMBER,
    START,
    CallBackRules,
    CallId,
    Reach,
    WorkId,
    WorkKind,
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


def busy_kit(**rules: object) -> WorkKit:
    """Ann talks to the caller c0."""
    kit = WorkKit(operator("ann"), **rules).log_in()
    kit.enter("c0")
    kit.talk("c0")
    assert isinstance(kit, WorkKit)
    return kit


def test_a_caller_who_waits_leaves_by_a_call_back_and_keeps_the_place() -> None:
    kit = busy_kit()
    kit.after(10)
    kit.enter("c1", caller=NUMBER)
    kit.after(30)
    kit.promise(call=CallId("c1"))
    assert kit.state_of("c1") == "gone"
    assert kit.said(f.CallLeft)[0].reason is LeaveReason.CALL_BACK
    assert kit.item().waiting_since == START + 10
    assert kit.item().due_at == kit.at + 3600
    kit.after(5)
    kit.enter("c2")
    kit.end("c0")
    assert kit.with_whom(kit.place()) == "ann", "before the caller who came later"
    assert kit.state_of("c2") == "Waiting"


def test_an_operator_first_call_back_is_offered_dealt_with_and_kept() -> None:
    kit = WorkKit(operator("ann")).log_in()
    kit.promise(line="100", language="uk")
    (offered,) = kit.asked(c.Offer)
    assert (offered.work, offered.operator) == (1, "ann")
    assert kit.stage() is WorkStage.OFFERED
    kit.answer(kit.place())
    assert kit.asked(c.Connect)[0].work == 1
    kit.do(e.TalkStarted(at=kit.at, offer=kit.offer_of(kit.place())))
    assert kit.stage() is WorkStage.TALKING
    kit.after(50)
    kit.called(Reach.TALKED, talked_for=40.0)
    assert (kit.closed().end, kit.closed().kept, kit.closed().operator) == (WorkEnd.CALLED_BACK, True, "ann")
    kit.end("work-1-1")
    assert kit.status("ann") == "available/idle"
    assert not kit.center.state.calls
    assert not kit.said(w.WorkLetGo)


def test_a_doubled_promise_is_one_promise() -> None:
    kit = busy_kit()
    kit.promise(token="one")
    kit.promise(token="one")
    assert len(kit.center.open_work()) == 1
    assert isinstance(kit.last.facts[0], f.EventIgnored)
    assert kit.code is None


@pytest.mark.parametrize("again", [NUMBER, "+380501234567", "380 50 123-45-67"])
def test_a_second_call_back_for_the_same_number_and_queue_is_refused(again: str) -> None:
    kit = busy_kit()
    kit.promise()
    kit.promise(again)
    assert kit.code == "already-promised"
    assert len(kit.center.open_work()) == 1


def test_another_queue_or_number_is_another_promise() -> None:
    kit = WorkKit(operator("ann"), queue(), queue("other")).log_in()
    kit.promise()
    kit.promise(queue="other")
    kit.promise("0671234567")
    assert len(kit.center.open_work()) == 3


@pytest.mark.parametrize(
    ("more", "code"),
    [({"queue": "gone"}, "unknown-queue"), ({"caller": ""}, "no-number")],
)
def test_what_cannot_be_promised_is_refused(more: dict[str, str], code: str) -> None:
    kit = busy_kit()
    kit.promise(**more)
    assert kit.code == code
    assert not kit.last.facts


def test_more_than_can_be_kept_is_refused() -> None:
    kit = busy_kit(call_back=CallBackRules(hourly_limit=3, promised_within=1800.0))
    for number in range(4):
        kit.promise(f"05000000{number:02}")
    assert kit.code == "too-many"
    assert len(kit.center.open_work()) == 3


def test_a_refused_promise_leaves_the_caller_in_line() -> None:
    kit = busy_kit()
    kit.promise()
    kit.enter("c1", caller="0671112233")
    kit.promise(call=CallId("c1"), caller=NUMBER)
    assert kit.code == "already-promised"
    assert kit.state_of("c1") == "Waiting"


def test_a_chosen_time_is_moved_into_the_calling_times() -> None:
    # START is 22:13:20 UTC
    kit = busy_kit(call_back=CallBackRules(times=times((8 * 60, 20 * 60)), promised_within=600.0))
    kit.promise()
    midnight = START - START % 86400 + 86400
    assert kit.item().not_before == midnight + 8 * 3600
    assert kit.item().due_at == midnight + 8 * 3600 + 600


def test_only_time_at_which_customers_are_called_counts_for_a_promise() -> None:
    # START is 22:13:20 UTC: 400 s of the hour pass by 22:20, the rest from 8:00
    kit = busy_kit(call_back=CallBackRules(times=times((8 * 60, 22 * 60 + 20)), promised_within=3600.0))
    kit.promise()
    midnight = START - START % 86400 + 86400
    assert kit.item().due_at == midnight + 8 * 3600 + 3600 - 400


def test_a_message_of_the_night_is_due_after_the_morning_has_begun() -> None:
    kit = busy_kit(work=WorkRules(answer_within=7200.0, times=times((8 * 60, 20 * 60))))
    kit.message()
    midnight = START - START % 86400 + 86400
    assert kit.item().due_at == midnight + 8 * 3600 + 7200


def test_opening_hours_that_never_come_let_a_promise_be_due_by_the_clock() -> None:
    kit = busy_kit(work=WorkRules(answer_within=7200.0, times=times()))
    kit.message()
    assert kit.item().due_at == START + 7200


def test_an_unsettled_item_comes_again() -> None:
    kit = WorkKit(operator("ann"), work=WorkRules(again_after=60.0)).log_in()
    kit.message()
    kit.deal()
    kit.after(20)
    kit.end("work-1-1")
    (let_go,) = kit.said(w.WorkLetGo)
    assert (let_go.operator, let_go.not_before) == ("ann", kit.at + 60)
    kit.after(59)
    assert kit.stage() is WorkStage.NEW
    kit.after(1)
    assert kit.with_whom("work-1-2") == "ann"


def test_a_missed_offer_keeps_the_place() -> None:
    kit = WorkKit(operator("ann"), operator("bob")).log_in()
    kit.promise()
    kit.fail(kit.place())
    assert kit.with_whom("work-1-1") == "bob"


def test_a_voicemail_is_closed_with_a_topic() -> None:
    kit = WorkKit(operator("ann")).log_in()
    kit.message()
    kit.deal()
    kit.done(ANN, topic="outage")
    assert (kit.closed().end, kit.closed().topic, kit.closed().kept) == (WorkEnd.HANDLED, "outage", True)


def test_a_voicemail_whose_caller_was_called_from_the_leg_ends_as_called_back() -> None:
    kit = WorkKit(operator("ann")).log_in()
    kit.message()
    kit.deal()
    kit.called(Reach.BUSY)
    kit.called(Reach.TALKED, talked_for=30.0)
    assert kit.stage() is WorkStage.TALKING
    kit.done(ANN)
    assert kit.closed().end is WorkEnd.CALLED_BACK
    assert [fact.attempt for fact in kit.said(w.CustomerTried)] == [1, 2]


def test_a_second_message_of_the_same_caller_is_added_to_the_first() -> None:
    kit = busy_kit()
    kit.message(recording="a")
    kit.message(recording="b")
    kit.message("0671234567", recording="c")
    kit.message("", recording="d")
    kit.message("", recording="e")
    assert [[each.recording for each in item.messages] for item in kit.center.open_work()] == [
        ["a", "b"], ["c"], ["d"], ["e"],
    ]  # fmt: skip


def test_the_text_of_a_message_comes_whenever_it_is_ready() -> None:
    kit = busy_kit()
    kit.message(recording="a")
    kit.do(v.TranscriptCame(at=kit.at, work=WorkId(1), recording="a", text="немає світла", confidence=0.8))
    assert kit.item().messages[0].text == "немає світла"
    kit.done()
    kit.do(v.TranscriptCame(at=kit.at, work=WorkId(1), recording="a", text="світла", confidence=0.9))
    assert kit.said(w.WorkTranscribed)[-1].text == "світла"
    kit.do(v.TranscriptCame(at=kit.at, work=WorkId(9), recording="a", text="", confidence=0.9))
    assert isinstance(kit.last.facts[0], f.EventIgnored)


def test_the_caller_who_calls_in_gets_the_place_and_a_talk_closes_it() -> None:
    kit = busy_kit()
    kit.promise()
    kit.after(5)
    kit.enter("c1")
    kit.after(60)
    kit.enter("c2", caller="+380501234567")
    assert kit.item().hold == CallerHere(CallId("c2"))
    assert kit.stage() is WorkStage.CALLER_HERE
    kit.end("c0")
    assert kit.with_whom("c2") == "ann", "the place of the promise"
    kit.talk("c2")
    assert kit.closed().end is WorkEnd.GOT_THROUGH
    assert kit.closed().kept


def test_the_caller_who_calls_in_and_hangs_up_is_called_back_all_the_same() -> None:
    kit = busy_kit()
    kit.promise()
    kit.enter("c2", caller=NUMBER)
    kit.hang_up("c2")
    assert kit.stage() is WorkStage.NEW
    assert kit.item().waiting_since == START
    kit.end("c0")
    assert kit.with_whom(kit.place()) == "ann"


def test_the_offer_is_withdrawn_when_the_caller_calls_in() -> None:
    kit = WorkKit(operator("ann")).log_in()
    kit.promise()
    kit.enter("c1", caller=NUMBER)
    assert len(kit.asked(c.WithdrawOffer)) == 1
    assert kit.with_whom("c1") == "ann"


def test_a_talk_closes_voicemail_in_any_queue_but_not_what_a_department_has() -> None:
    kit = WorkKit(operator("ann"), operator("bob", "other"), queue(), queue("other")).log_in("ann")
    kit.enter("c0")
    kit.talk("c0")
    kit.message()
    kit.message(queue="other")
    kit.promise(queue="other")
    kit.claim(work=1)
    kit.do(v.WorkPassedOn(at=kit.at, operator=ANN, work=WorkId(1), department="grid"))
    kit.end("c0")
    kit.after(30)
    kit.enter("c1", caller=NUMBER)
    kit.talk("c1")
    assert [fact.work for fact in kit.said(w.WorkClosed)] == [2]
    assert kit.stage(1) is WorkStage.FORWARDED
    assert kit.stage(3) is WorkStage.NEW


def test_a_promise_that_is_late_is_broken_and_stays_open() -> None:
    kit = WorkKit(operator("ann"), call_back=CallBackRules(promised_within=600.0))
    kit.promise()
    kit.after(600)
    assert kit.said(w.WorkBroken)[0].at == START + 600
    kit.log_in()
    kit.deal()
    kit.called(Reach.TALKED, talked_for=10.0)
    assert not kit.closed().kept
    assert kit.closed().end is WorkEnd.CALLED_BACK


def test_a_talk_that_began_in_time_keeps_the_promise() -> None:
    kit = WorkKit(operator("ann"), call_back=CallBackRules(promised_within=600.0)).log_in()
    kit.after(1)
    kit.promise()
    kit.deal()
    kit.after(700)
    assert not kit.said(w.WorkBroken), "an operator is at it"
    kit.called(Reach.TALKED, talked_for=200.0)
    assert kit.closed().kept


def test_a_voicemail_becomes_urgent() -> None:
    kit = busy_kit(work=WorkRules(answer_within=7200.0, urgent_for=3600.0, urgent_priority=7))
    kit.message()
    assert kit.item().priority == -1
    kit.enter("c1")
    kit.after(3600)
    assert kit.said(w.WorkRaised)[0].priority == 7
    kit.end("c0")
    assert kit.with_whom(kit.place()) == "ann"


def test_calls_go_before_voicemail() -> None:
    kit = busy_kit()
    kit.message()
    kit.after(60)
    kit.enter("c1")
    kit.end("c0")
    assert kit.with_whom("c1") == "ann"


def test_nothing_is_lost_by_a_restart() -> None:
    kit = busy_kit()
    kit.promise()
    kit.message("0671234567")
    kit.message("0671234567")
    stored = json.loads(json.dumps(kit.center.checkpoint().state))
    for history in (
        History(None, tuple(kit.records)),
        History(Checkpoint(kit.records[-1].seq, stored), ()),
    ):
        again = Center.restore(kit.center.settings, history, kit.at)
        assert again.open_work() == kit.center.open_work()
        assert again.state == kit.center.state
        assert again.checkpoint() == kit.center.checkpoint()


def test_a_checkpoint_of_before_there_was_work_is_read() -> None:
    kit = busy_kit()
    old = json.loads(json.dumps(kit.center.checkpoint().state))
    for name in ("next_work", "work", "closed", "tokens", "dials"):
        del old["state"][name]
    for name in ("work", "broken"):
        del old["figures"][name]
    for call in old["state"]["calls"].values():
        del call["work"], call["present"]
    for offer in old["state"]["offers"].values():
        del offer["work"]
    again = Center.restore(kit.center.settings, History(Checkpoint(kit.records[-1].seq, old), ()), kit.at)
    assert again.state == kit.center.state


def test_items_of_a_queue_that_is_gone_stay_open_and_go_on_when_it_is_back() -> None:
    both = settings(queue(), queue("other", wrap_up_for=0.0), operator("ann", "q", "other"))
    kit = WorkKit(*both.queues.values(), *both.operators.values())
    kit.promise(queue="other")
    kit.message("0671234567", queue="other")
    kit.do(e.SettingsChanged(at=kit.at, settings=settings(queue(), operator("ann", "q"))))
    assert [item.hold for item in kit.center.open_work()] == [Open(), Open()]
    assert len(kit.center.view(kit.at).work) == 2
    kit.log_in()
    kit.after(30)
    assert not kit.center.live_offers()
    kit.do(e.SettingsChanged(at=kit.at, settings=both))
    assert kit.with_whom(kit.place(1)) == "ann"


def test_the_view_counts_callers_and_promises_apart() -> None:
    kit = busy_kit()
    kit.promise()
    kit.enter("c1", caller="0671234567")
    seen = kit.center.view(kit.at)
    (shown,) = seen.queues
    assert (shown.waiting, shown.work_open, shown.work_due, shown.kept_share) == (1, 1, 0, None)
    assert [(each.caller, each.kind, each.stage) for each in seen.work] == [
        ("050***4567", str(WorkKind.CALL_BACK), "new")
    ]
    assert [each.id for each in seen.calls] == ["c1", "c0"]
    assert seen.calls[0].position == 2, "the promise is ahead"
    kit.end("c0")
    kit.deal()
    kit.called(Reach.TALKED)
    assert kit.center.view(kit.at).queues[0].kept_share == 1.0
    figures = kit.center.view(kit.at).queues[0]
    assert figures.answered == 1, "a work item is no answered call"
