"""The ledger and the centre tell the same of every promise, whatever happens in whatever order."""

from hypothesis import example, given

from acd.core.ledger import Ledger
from acd.core.metrics import BUCKET_FOR, KEPT_BUCKETS
from acd.core.promise import Outcome
from acd.core.work import WorkId, WorkStage
from acd.core.work_stage import operator_of, work_stage
from acd.core.work_state import Forwarded
from tests.property.core_world import START
from tests.property.test_core_properties import Walk, quick, seeds


@quick
@given(seeds)
@example(200660)
def test_open_promises_and_their_stages_are_those_of_the_centre(seed: int) -> None:
    walk = Walk(seed)
    ledger = Ledger()
    for _ in range(80):
        _, outcome = walk.step()
        for fact in outcome.facts:
            ledger.fold(fact)
        state = walk.center.state
        open_rows = {row.id: row for row in ledger.promises.values() if row.is_open}
        assert set(open_rows) == set(state.work), "nobody is lost"
        for work, item in state.work.items():
            row = open_rows[WorkId(work)]
            assert row.known
            assert row.stage == work_stage(state, item), row.history[-6:]
            assert (row.caller, row.queue, row.due_at) == (item.caller, item.queue, item.due_at)
            assert (row.outcome is Outcome.BROKEN) == item.broken
            assert row.not_before == item.not_before
            if row.stage in (WorkStage.OFFERED, WorkStage.TALKING, WorkStage.CLAIMED):
                assert row.holder == operator_of(state, item)
            if isinstance(item.hold, Forwarded):
                assert (row.holder, row.note) == (item.hold.department, item.hold.note)
            assert len([a for a in row.attempts if a.reach is not None]) == item.tries


@quick
@given(seeds)
def test_figures_of_the_day_agree_with_the_ledger(seed: int) -> None:
    walk = Walk(seed)
    ledger = Ledger()
    for _ in range(120):
        if walk.at - START > KEPT_BUCKETS * BUCKET_FOR - 3600:
            break  # the figures forget what is older
        for fact in walk.step()[1].facts:
            ledger.fold(fact)
    if walk.center.at - START > KEPT_BUCKETS * BUCKET_FOR:
        return
    for queue in walk.center.settings.queues:
        rows = [row for row in ledger.promises.values() if row.queue == queue]
        tally = walk.center._desk.figures.promises(queue, 0.0)
        assert tally.made == len(rows), queue
        assert tally.kept == sum(row.outcome is Outcome.KEPT for row in rows)
        assert tally.broken == sum(row.outcome is Outcome.BROKEN for row in rows)
        assert tally.dropped == sum(row.outcome is Outcome.CALLED_OFF for row in rows)
