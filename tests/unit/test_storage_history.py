"""What is found in several places becomes one history: each fact once, in order, no hole."""

from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.ports import Checkpoint
from acd.storage.history import merge, newest
from acd.storage.rows import Row, line_of, row_of_line
from tests.storage_writer import record, records


def row(seq: int) -> Row:
    found = row_of_line(line_of(record(seq)))
    assert found is not None
    return found


@settings(max_examples=200, deadline=None)
@given(
    database=st.sets(st.integers(1, 30)),
    spool=st.sets(st.integers(1, 30)),
    base=st.integers(0, 30),
    order=st.randoms(use_true_random=False),
)
def test_the_longest_run_after_the_checkpoint(
    database: set[int], spool: set[int], base: int, order: object
) -> None:
    checkpoint = Checkpoint(base, {}) if base else None
    shuffled = sorted(spool, key=lambda _: order.random())
    found = merge(checkpoint, map(row, sorted(database)), map(row, shuffled))
    later = {seq for seq in database | spool if seq > base}
    end = base
    while end + 1 in later:
        end += 1
    assert list(found.history.records) == records(base + 1, end)
    assert found.last_seq == end
    assert found.missing == (end + 1 if later and max(later) > end else None)


def test_local_disk_wins_over_a_database_that_says_otherwise() -> None:
    other = row(2)._replace(body=row(5).body)
    assert list(merge(None, [row(1), other], [row(2)]).history.records) == records(1, 2)


def test_a_fact_of_an_unknown_kind_ends_the_history() -> None:
    strange = row(2)._replace(body='{"kind":"FromTheFuture","at":2.0}')
    found = merge(None, [row(1), strange, row(3)])
    assert list(found.history.records) == records(1, 1)
    assert found.missing == 2
    assert "FromTheFuture" in found.why


def test_the_newest_checkpoint() -> None:
    old, new = Checkpoint(3, {}), Checkpoint(9, {})
    assert newest(None, old, new) == new
    assert newest(None, None) is None
