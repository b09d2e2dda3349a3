"""The ledger under any facts in any order."""

from collections.abc import Sequence
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from acd.core import work_facts as w
from acd.core.codec import from_json, to_json
from acd.core.facts import Fact
from acd.core.ledger import Ledger, after, ledger_of, promise_of
from acd.core.promise import Outcome, Promise, figures_of
from acd.core.words import CallId
from acd.core.work import KEEPING, WorkId, call_of
from tests.promise_facts import a_few, completed, connected, missed, offered

_works = st.integers(1, 4).map(WorkId)
_times = st.floats(1e9, 2e9)
_calls = st.builds(call_of, _works, st.integers(1, 3)) | st.just(CallId("1798000000.5"))
_given: dict[str, st.SearchStrategy[Any]] = {
    "work": _works,
    "at": _times,
    "call": _calls,
    "priority": st.integers(0, 1000),
    "attempt": st.integers(1, 1000),
    "seconds": st.floats(0, 180),
    "confidence": st.floats(0, 1),
    "talked_for": st.floats(0, 600),
    "due_at": _times,
    "not_before": _times,
    "waiting_since": _times,
    "until": _times,
    "recording": st.sampled_from(["", "r1", "r2"]),
}


def _facts_of(kind: Any) -> st.SearchStrategy[Fact]:
    fields = {name: _given[name] for name in kind.__dataclass_fields__ if name in _given}
    return st.builds(kind, **fields)


_talks = st.builds(
    lambda make, work, at: make(work, at),
    st.sampled_from([offered, missed, connected, completed]),
    _works,
    _times,
)
facts = st.lists(st.one_of(*map(_facts_of, get_args(w.WorkFact)), _talks), max_size=25)


@given(facts)
def test_any_facts_in_any_order_give_rows(many: Sequence[Fact]) -> None:
    rows = ledger_of(many).promises
    assert set(rows) == {promise_of(fact) for fact in many}
    for work, row in rows.items():
        assert row.id == work
        assert row.known == any(isinstance(fact, w.WorkMade) and fact.work == work for fact in many)
        assert (row.stage is None) == (row.closed_at is not None) == (not row.is_open)
        assert (row.outcome is Outcome.KEPT) <= (not row.is_open)
        assert row.history
        assert from_json(Promise, to_json(Promise, row)) == row


@given(facts, st.integers(0, 25))
def test_a_fold_in_two_parts_is_the_fold_of_all(many: Sequence[Fact], cut: int) -> None:
    ledger = ledger_of(many[:cut])
    kept = {work: from_json(Promise, to_json(Promise, row)) for work, row in ledger.promises.items()}
    again = Ledger(kept)
    for fact in many[cut:]:
        again.fold(fact)
    assert again.promises == ledger_of(many).promises


@given(facts)
def test_rows_do_not_depend_on_other_items(many: Sequence[Fact]) -> None:
    for work, row in ledger_of(many).promises.items():
        alone: Promise | None = None
        for fact in many:
            if promise_of(fact) == work:
                alone = after(alone, work, fact)  # type: ignore[arg-type]
        assert alone == row


@given(st.permutations(a_few()))
def test_every_promise_that_was_made_is_one_row_in_any_order(many: Sequence[Fact]) -> None:
    rows = ledger_of(many).promises
    made = [fact for fact in many if isinstance(fact, w.WorkMade)]
    assert sorted(rows) == sorted(fact.work for fact in made)
    for fact in made:
        row = rows[fact.work]
        assert (row.caller, row.queue, row.made_at, row.due_at) == (
            fact.caller,
            fact.queue,
            fact.at,
            fact.due_at,
        )


@given(facts)
def test_the_share_kept_is_kept_by_kept_and_broken(many: Sequence[Fact]) -> None:
    rows = list(ledger_of(many).promises.values())
    figures = figures_of(rows)
    assert figures.made == len(rows)
    open_in_time = sum(row.is_open and row.outcome is Outcome.OPEN for row in rows)
    assert figures.kept + figures.broken + figures.called_off + open_in_time == figures.made
    decided = [row for row in rows if row.outcome in (Outcome.KEPT, Outcome.BROKEN)]
    share = figures.share_kept
    assert share == (figures.kept / len(decided) if decided else None)
    late = [row for row in rows if row.end in KEEPING and not row.kept]
    assert all(row.outcome is Outcome.BROKEN for row in late)
