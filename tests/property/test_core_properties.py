"""The core's promises over thousands of random event orders, with doubles, losses, nonsense and late news."""

import copy
import json
import random
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from acd.core import events as e
from acd.core import facts as f
from acd.core.center import Center
from acd.core.codec import fact_from_json, fact_to_json
from acd.core.facts import Record
from acd.core.ports import Checkpoint, History
from acd.core.state import Waiting
from acd.core.view import Viewer
from acd.core.words import CallId
from tests.property.core_world import (
    START,
    Ledger,
    free_to_work,
    may_take,
    random_event,
    settings_choices,
)
from tests.property.work_world import check_dialled_in_order

quick = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32)


class Walk:
    """A centre under random events, with everything said so far."""

    def __init__(self, seed: int, steps: int = 120) -> None:
        self.rng = random.Random(seed)
        self.center = Center(settings_choices()[0], START)
        self.ledger = Ledger()
        self.records: list[Record] = []
        self.at = START
        self.steps = steps

    def next_event(self) -> e.Event:
        """Time passes by a little, to the deadline exactly, or (in a late event) not at all."""
        due = self.center.next_deadline()
        if due is not None and self.rng.random() < 0.3:
            self.at = max(self.at, due)
            return e.Tick(at=self.at)
        self.at += self.rng.choice([0.0, 0.01, 0.5, 2.0, 7.0])
        late = self.rng.choice([0.0, 0.0, 0.0, 5.0])
        return random_event(self.rng, self.center, self.at - late)

    def step(self) -> tuple[e.Event, Any]:
        event = self.next_event()
        outcome = self.center.apply(event)
        self.records.extend(outcome.records)
        self.ledger.take(self.center, outcome)
        return event, outcome

    def run(self) -> "Walk":
        for _ in range(self.steps):
            self.step()
        return self


def same(one: Center, other: Center, at: float) -> None:
    """Equal in everything that can be asked."""
    assert one.state == other.state
    assert one.view(at) == other.view(at)
    assert one.checkpoint() == other.checkpoint()
    assert one.waiting_calls() == other.waiting_calls()


@quick
@given(seeds)
def test_invariants_hold_after_every_event(seed: int) -> None:
    Walk(seed).run()


@quick
@given(seeds)
def test_replay_of_the_facts_gives_the_same_centre(seed: int) -> None:
    walk = Walk(seed).run()
    again = Center.restore(walk.center.settings, History(None, tuple(walk.records)), walk.at)
    assert again.state.operators == walk.center.state.operators
    assert again.state.calls == walk.center.state.calls
    assert again.state.offers == walk.center.state.offers
    assert again.open_work() == walk.center.open_work()
    assert again.state.dials == walk.center.state.dials
    assert again.state.tokens == walk.center.state.tokens
    assert again.state.next_work == walk.center.state.next_work
    assert again.waiting_calls() == walk.center.waiting_calls()


@quick
@given(seeds, st.integers(0, 119))
def test_a_restart_anywhere_changes_nothing_that_follows(seed: int, restart_at: int) -> None:
    walk = Walk(seed)
    twin: Center | None = None
    checkpoint: Checkpoint | None = None
    for number in range(walk.steps):
        if number == restart_at // 2:
            checkpoint = copy.deepcopy(walk.center.checkpoint())
        if number == restart_at:
            after = tuple(r for r in walk.records if checkpoint and r.seq > checkpoint.seq)
            stored = json.loads(json.dumps(checkpoint.state)) if checkpoint else {}
            history = History(Checkpoint(checkpoint.seq if checkpoint else 0, stored), after)
            if not any(isinstance(r.fact, f.SettingsApplied) for r in after):
                twin = Center.restore(walk.center.settings, history, walk.at)
                same(walk.center, twin, walk.at)
        event, outcome = walk.step()
        if twin is not None:
            twin_outcome = twin.apply(_not_before(event, walk.center.at))
            assert twin_outcome == outcome
    if twin is not None:
        same(walk.center, twin, walk.at)


def _not_before(event: e.Event, at: float) -> e.Event:
    """A restored centre knows the last fact's time, not the last event's: give it the time that counted."""
    if isinstance(event, e.SwitchSeen) and event.began_at is None:
        event = replace(event, began_at=event.at)
    return replace(event, at=max(event.at, at))


@quick
@given(seeds)
@example(61000042)
def test_only_free_fitting_operators_are_offered_and_nobody_is_overtaken(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(walk.steps):
        before = walk.center.state.next_offer
        _, outcome = walk.step()
        offered = [fact for fact in outcome.facts if isinstance(fact, f.CallOffered)]
        assert [fact.offer for fact in offered] == list(range(before, walk.center.state.next_offer))
        for fact in offered:
            later = outcome.facts[outcome.facts.index(fact) + 1 :]
            entered_later = {each.call for each in later if isinstance(each, f.CallEntered)}
            _check_not_overtaking(walk.center, fact, entered_later)
        check_dialled_in_order(walk.center, outcome)


def _check_not_overtaking(center: Center, fact: f.CallOffered, entered_later: set[CallId]) -> None:
    """`entered_later`: came into line after the offer, in the same step; for instance the item of a caller
    who had waited in its place and left.
    """
    state = center.state
    call = state.calls.get(fact.call)
    if call is None or fact.offer not in state.offers:
        return  # it ended in the same step
    operator = state.operators[fact.operator]
    assert operator.reachable
    assert may_take(center, call, operator, center.at) or fact.chosen_for == "asked for"
    for other in state.calls.values():
        in_line = isinstance(other.state, Waiting) and other.id not in entered_later
        if in_line and may_take(center, other, operator, center.at):
            assert call.rank < other.rank, "a caller was overtaken"
    if fact.chosen_for not in ("last operator", "asked for"):
        for rival in state.operators.values():
            if free_to_work(rival) and may_take(center, call, rival, center.at):
                assert (operator.idle_since, operator.id) < (rival.idle_since, rival.id)


@quick
@given(seeds)
def test_wrap_up_ends_exactly_at_its_deadline(seed: int) -> None:
    walk = Walk(seed)
    until: dict[str, float] = {}
    for _ in range(walk.steps):
        event, outcome = walk.step()
        for fact in outcome.facts:
            match fact:
                case f.WrapUpStarted() | f.WrapUpMoved():
                    until[fact.operator] = fact.until
                case f.OperatorFreed() if fact.operator in until:
                    ended_early = isinstance(event, e.OperatorReady) and event.operator == fact.operator
                    due = until.pop(fact.operator)
                    assert fact.at == due or (ended_early and fact.at < due)


@quick
@given(seeds)
def test_facts_survive_json(seed: int) -> None:
    for record in Walk(seed, steps=80).run().records:
        written = json.loads(json.dumps(fact_to_json(record.fact)))
        assert fact_from_json(written) == record.fact


@quick
@given(seeds)
def test_deadlines_are_in_the_future_and_a_tick_there_always_helps(seed: int) -> None:
    walk = Walk(seed, steps=60)
    for _ in range(walk.steps):
        walk.step()
        due = walk.center.next_deadline()
        assert due is None or due > walk.center.at, "a deadline that has passed was not served"


@quick
@given(seeds)
def test_refused_and_ignored_events_leave_the_state_alone(seed: int) -> None:
    walk = Walk(seed, steps=80)
    for _ in range(walk.steps):
        walk.center.apply(e.Tick(at=walk.at))
        before = copy.deepcopy(walk.center.state)
        event = random_event(walk.rng, walk.center, walk.at)
        outcome = walk.center.apply(event)
        if outcome.refusal or (outcome.facts and all(isinstance(x, f.EventIgnored) for x in outcome.facts)):
            before.at = walk.center.state.at
            assert walk.center.state == before


@quick
@given(seeds)
def test_a_view_after_many_views_is_the_view_that_a_newcomer_sees(seed: int) -> None:
    """What a view takes over from the one before it is what it would find anew."""
    walk = Walk(seed)
    for _ in range(walk.steps):
        walk.step()
        seen = walk.center.view(walk.at)
        assert seen == Viewer(walk.center._desk).view(walk.at, walk.at - walk.at % 86400)
        for queue in seen.queues:
            line = walk.center._desk.index.halls[queue.id].line
            callers = [rank for rank in line if walk.center.state.calls[rank[3]].present]
            waits = [walk.at - rank[1] for rank in callers]
            assert queue.waiting == len(callers)
            assert queue.longest_wait_for == max([0.0, *waits])
