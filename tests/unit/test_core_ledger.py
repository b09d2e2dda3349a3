"""The ledger of promises: what each fact does to a row, and the figures."""

from dataclasses import replace

from acd.core import work_facts as w
from acd.core.codec import from_json, to_json
from acd.core.ledger import LEDGER_KINDS, ledger_of, promise_of
from acd.core.promise import Deed, Outcome, Promise, PromiseFigures, figures_of
from acd.core.words import CallId
from acd.core.work import Reach, WorkEnd, WorkId, WorkKind, WorkStage, call_of, work_of
from tests.promise_facts import (
    METER,
    OLENA,
    START,
    a_few,
    broken,
    closed,
    completed,
    connected,
    dialled,
    kept_call_back,
    made,
    missed,
    noted,
    offered,
    taken,
    tried,
    voicemail,
)


def row(*facts: object) -> Promise:
    (found,) = ledger_of(facts).promises.values()  # type: ignore[arg-type]
    return found


def test_a_call_back_that_was_kept() -> None:
    promise = row(*kept_call_back(1))
    assert promise.outcome is Outcome.KEPT
    assert not promise.is_open
    assert (promise.end, promise.closed_by, promise.decided_at) == (WorkEnd.CALLED_BACK, "olena", START + 300)
    assert [(each.number, each.reach) for each in promise.attempts] == [(1, Reach.BUSY), (2, Reach.TALKED)]
    assert promise.attempts[0].next_at == START + 200
    assert [entry.what for entry in promise.history] == [
        Deed.MADE,
        Deed.DIALLED,
        Deed.TRIED,
        Deed.DIALLED,
        Deed.TRIED,
        Deed.CLOSED,
    ]


def test_a_message_with_its_transcript_and_its_ways_through_the_house() -> None:
    promise = row(*voicemail(2))
    assert promise.kind is WorkKind.VOICEMAIL
    (heard,) = promise.messages
    assert (heard.recording, heard.seconds, heard.text) == ("r2", 14.5, "немає світла на Садовій")
    assert (promise.department, promise.note) == ("networks", "вулиця Садова, 12")
    assert promise.returned_because == "not our street"
    assert promise.stage is WorkStage.NEW
    assert promise.holder == ""
    assert promise.outcome is Outcome.BROKEN
    assert promise.is_open, "a broken promise stays open until somebody settles it"


def test_a_spoken_note_stands_beside_the_messages_with_its_speaker() -> None:
    promise = row(*voicemail(2), *noted(2, START + 170))
    message, note = promise.messages
    assert (message.by, note.by) == ("", "olena")
    assert (note.recording, note.seconds, note.text) == ("n2", 4.5, "кабель на розі")
    entry = next(entry for entry in promise.history if entry.what is Deed.NOTED)
    assert (entry.who, entry.number) == ("olena", 4.5)
    assert promise.stage is WorkStage.NEW, "who has it does not change"


def test_who_has_it_follows_the_facts() -> None:
    begun = [made(1), taken(1, START + 5)]
    assert (row(*begun).stage, row(*begun).holder) == (WorkStage.CLAIMED, "olena")
    let_go = w.WorkLetGo(
        at=START + 9, work=WorkId(1), operator=OLENA, not_before=START + 60, why="given back"
    )
    assert (row(*begun, let_go).stage, row(*begun, let_go).holder) == (WorkStage.NEW, "")
    assert row(made(1), offered(1, START + 3)).stage is WorkStage.OFFERED
    assert row(made(1), offered(1, START + 3), missed(1, START + 9)).stage is WorkStage.NEW
    talking = row(made(1), offered(1, START + 3), connected(1, START + 6))
    assert (talking.stage, talking.holder) == (WorkStage.TALKING, "olena")
    over = row(made(1), offered(1, START + 3), connected(1, START + 6), completed(1, START + 56))
    assert (over.stage, over.holder) == (WorkStage.NEW, "")


def test_the_last_attempt_of_an_operator_on_the_phone_leaves_it_with_them() -> None:
    begun = [made(1), offered(1, START), connected(1, START + 1)]
    last = row(*begun, tried(1, START + 9, 2, Reach.BUSY))
    assert (last.stage, last.holder) == (WorkStage.TALKING, "olena")
    again = row(*begun, tried(1, START + 9, 1, Reach.BUSY, next_at=START + 69))
    assert (again.stage, again.holder) == (WorkStage.NEW, "")


def test_a_lock_outlives_the_leg_on_which_it_was_taken() -> None:
    promise = row(
        made(1), offered(1, START), connected(1, START + 1), taken(1, START + 2), completed(1, START + 9)
    )
    assert (promise.stage, promise.holder) == (WorkStage.CLAIMED, "olena")
    assert promise.held_until == START + 902


def test_a_customer_who_waits_stays_with_the_switch_while_operators_miss_the_call() -> None:
    call = call_of(WorkId(1), 1)
    waits = w.CustomerWaits(at=START + 12, work=WorkId(1), call=call)
    customers = replace(offered(1, START + 13), work=None)
    promise = row(made(1), dialled(1, START + 5, 1), waits, customers, missed(1, START + 20))
    assert promise.stage is WorkStage.DIALLING
    gone = row(made(1), dialled(1, START + 5, 1), waits, tried(1, START + 30, 1, Reach.GAVE_UP))
    assert gone.stage is WorkStage.NEW


def test_late_news_of_an_attempt_leaves_it_with_whoever_has_it_by_now() -> None:
    news = tried(1, START + 9, 1, Reach.BUSY, next_at=START + 69)
    passed_on = w.WorkForwarded(at=START + 6, work=WorkId(1), operator=OLENA, department="grid", note="")
    away = row(made(1), taken(1, START + 5), passed_on, news)
    assert (away.stage, away.holder, away.not_before) == (WorkStage.FORWARDED, "grid", START + 69)
    here = w.CallerReturned(at=START + 5, work=WorkId(1), call=CallId("c1"))
    assert row(made(1), dialled(1, START, 1), here, news).stage is WorkStage.CALLER_HERE


def test_an_operators_own_attempt_is_on_record_without_a_dialled_fact() -> None:
    own = [made(1), taken(1, START + 5), tried(1, START + 60, 1, Reach.NO_ANSWER, next_at=START + 600)]
    promise = row(*own)
    assert [(each.number, each.reach) for each in promise.attempts] == [(1, Reach.NO_ANSWER)]
    assert (promise.stage, promise.not_before) == (WorkStage.NEW, START + 600)


def test_whoever_decides_by_hand_goes_on_after_an_attempt() -> None:
    by_hand = w.WorkByHand(at=START + 4, work=WorkId(1), why="not reached")
    begun = [made(1), by_hand, taken(1, START + 5), tried(1, START + 60, 1, Reach.NO_ANSWER)]
    assert (row(*begun).stage, row(*begun).holder) == (WorkStage.CLAIMED, "olena")


def test_the_outcomes_that_are_neither_kept_nor_broken() -> None:
    cancelled = row(made(1), closed(1, START + 9, WorkEnd.CANCELLED, kept=False, operator=None, by="caller"))
    assert (cancelled.outcome, cancelled.closed_by) == (Outcome.CALLED_OFF, "caller")
    assert row(made(1), closed(1, START + 9, WorkEnd.WRONG_PERSON, kept=False)).outcome is Outcome.CALLED_OFF
    assert row(made(1), closed(1, START + 9, WorkEnd.FORBIDDEN, kept=False)).outcome is Outcome.CALLED_OFF
    assert row(made(1)).outcome is Outcome.OPEN


def test_late_is_broken_also_where_it_was_settled_afterwards() -> None:
    late = row(made(1), broken(1, START + 3600), closed(1, START + 4000, kept=False))
    assert (late.outcome, late.decided_at) == (Outcome.BROKEN, START + 3600)
    assert row(made(1), closed(1, START + 4000, kept=False)).outcome is Outcome.BROKEN


def test_figures_name_their_formula() -> None:
    figures = figures_of(ledger_of(a_few()).promises.values())
    assert figures == PromiseFigures(made=6, kept=1, broken=2, called_off=1, open=3)
    assert figures.share_kept == 1 / 3
    assert PromiseFigures().share_kept is None


def test_a_beginning_that_is_missing_does_not_hide_the_promise() -> None:
    promise = row(broken(7, START, METER))
    assert not promise.known
    assert (promise.queue, promise.outcome) == (METER, Outcome.BROKEN)
    found = row(broken(7, START + 3600, METER), made(7, queue=METER))
    assert found.known
    assert (found.made_at, found.due_at) == (START, START + 3600)


def test_a_transcript_before_its_message_is_kept() -> None:
    heard = w.WorkTranscribed(at=START, work=WorkId(1), recording="r", text="добрий день", confidence=0.9)
    promise = row(heard, made(1, START + 1, WorkKind.VOICEMAIL, recording="r", seconds=3.0))
    assert [(each.recording, each.seconds, each.text) for each in promise.messages] == [
        ("r", 3.0, "добрий день")
    ]


def test_what_comes_after_the_end_does_not_open_it_again() -> None:
    end = [made(1), closed(1, START + 9)]
    promise = row(*end, taken(1, START + 10), closed(1, START + 11, WorkEnd.CANCELLED, kept=False))
    assert (promise.stage, promise.holder, promise.closed_at) == (None, "", START + 9)
    assert promise.outcome is Outcome.KEPT


def test_the_calls_of_a_work_item_lead_back_to_it() -> None:
    assert work_of(call_of(WorkId(12), 3)) == 12
    for other in ("1798000000.12", "work-", "work-1", "work-1-2-3", "work-x-1", "work-١-1", "", None):
        assert work_of(CallId(other) if other is not None else None) is None
    assert promise_of(missed(12, START)) == 12


def test_rows_are_written_and_read_as_they_are() -> None:
    for promise in ledger_of(a_few()).promises.values():
        assert from_json(Promise, to_json(Promise, promise)) == promise


def test_every_work_fact_is_read() -> None:
    assert {type(fact).__name__ for fact in a_few()} <= LEDGER_KINDS
    assert len(LEDGER_KINDS) == 23
