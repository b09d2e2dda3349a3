"""Any event about promises, with anything in its fields, in any state, gives a result; promises end."""

import json
import random
from typing import Any, get_args, get_type_hints

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd.core import events as e
from acd.core import work_events as v
from acd.core import work_facts as w
from acd.core.codec import fact_to_json
from acd.core.testing import Behaviour, CustomerBehaviour, Simulation
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work import Reach, WorkId, WorkKind
from tests.property.core_world import START, settings_choices
from tests.property.test_core_properties import Walk
from tests.property.work_world import check_work

quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXTS = st.one_of(st.sampled_from(["", "q", "plain", "tight", "ann", "nobody", "0501"]), st.text(max_size=5))
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    float: st.floats(),
    str: TEXTS,
    int: st.integers(-3, 40),
    WorkKind: st.sampled_from(WorkKind),
    Reach: st.sampled_from(Reach),
}


def _value(kind: Any) -> st.SearchStrategy[Any]:
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    if kind in VALUES:
        return VALUES[kind]
    if type(None) in get_args(kind):
        return st.one_of(st.none(), *(_value(each) for each in get_args(kind) if each is not type(None)))
    return st.just(())


def _event(kind: type) -> st.SearchStrategy[Any]:
    fields = {name: _value(hint) for name, hint in get_type_hints(kind).items() if name != "at"}
    return st.builds(kind, at=st.floats(START, START + 900.0), **fields)


ANY_EVENT = st.one_of(*(_event(kind) for kind in get_args(v.WorkEvent)))


@quick
@given(st.integers(0, 2**32), st.lists(ANY_EVENT, min_size=1, max_size=8))
def test_anything_in_any_state_gives_a_result(seed: int, events: list[v.WorkEvent]) -> None:
    walk = Walk(seed, steps=40).run()
    for event in events:
        outcome = walk.center.apply(event)
        for fact in outcome.facts:
            json.dumps(fact_to_json(fact))
        assert outcome.refusal is None or outcome.refusal.text
        check_work(walk.center)
    json.dumps(walk.center.checkpoint().state)
    walk.center.view(walk.center.at)


def _simulated(rng: random.Random, way: int) -> Simulation:
    """Phones and customers that behave as they like."""

    def phone(_offer: Any) -> Behaviour:
        if rng.random() < 0.1:
            return Behaviour(answers_after=None)
        reach = rng.choice([Reach.TALKED, Reach.TALKED, Reach.BUSY, Reach.WRONG_PERSON, None])
        return Behaviour(talks_for=rng.uniform(1.0, 40.0), reach=reach)

    def customer(_dial: Any) -> CustomerBehaviour:
        if rng.random() < 0.6:
            return CustomerBehaviour(confirms_after=rng.uniform(0.5, 9.0))
        return CustomerBehaviour(None, rng.uniform(0.5, 9.0), rng.choice([Reach.BUSY, Reach.MACHINE]))

    sim = Simulation(settings_choices()[way], at=START, decide=phone)
    sim.switch.decide_customer = customer
    return sim


@quick
@given(st.integers(0, 2**32), st.integers(0, 1))
def test_every_promise_comes_to_its_end_with_a_switch_that_works(seed: int, way: int) -> None:
    rng = random.Random(seed)
    sim = _simulated(rng, way)
    for number in range(25):
        at = START + rng.uniform(0.0, 240.0)
        queue = QueueId(rng.choice(["plain", "tight"]))
        if rng.random() < 0.5:
            sim.call(CallId(f"c{number}"), queue, at=at, caller=f"05{number % 7}")
        else:
            kind = rng.choice([WorkKind.CALL_BACK, WorkKind.VOICEMAIL])
            promised = v.WorkPromised(
                at=at, token=f"t{number}", promise=kind, queue=queue, caller=f"05{number % 7}", recording="r"
            )
            sim.later(promised)
    sim.log_in()
    sim.run(START + 400.0)
    for _ in range(200):
        if not sim.center.open_work():
            break
        _settle_by_hand(sim)
        sim.run(sim.at + 60.0)
    assert not sim.center.open_work(), "a promise without an end"
    made = [record.fact.work for record in sim.records if isinstance(record.fact, w.WorkMade)]
    ended = [record.fact.work for record in sim.records if isinstance(record.fact, w.WorkClosed)]
    assert sorted(ended) == made


def _settle_by_hand(sim: Simulation) -> None:
    """Operators come back from breaks, and an admin closes what an operator has to decide about."""
    for operator in sim.settings.operators:
        sim.post(e.OperatorReady(at=sim.at, operator=OperatorId(operator)))
    for item in sim.center.open_work():
        if item.hand:
            sim.post(v.WorkDone(at=sim.at, work=WorkId(item.id), topic="settled"))
