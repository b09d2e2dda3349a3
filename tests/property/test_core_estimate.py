"""Whether the waiting times said aloud come true: busy hours in virtual time, random callers and talks."""

import random

import pytest

from acd.core.commands import Offer
from acd.core.facts import CallConnected
from acd.core.testing import Behaviour, Simulation
from acd.core.words import CallId, QueueId
from tests.property.core_world import START, center_settings, operator, queue

Q = QueueId("q")


def busy_hours(seed: int, load: float, hours: float = 3.0) -> tuple[int, list[tuple[float, float]]]:
    """(callers, [(said, came true)]) with 8 operators, mean talk 90 s, `load` times their capacity coming."""
    rng = random.Random(seed)

    def decide(_offer: Offer) -> Behaviour:
        return Behaviour(talks_for=rng.expovariate(1 / 90))

    people = [operator(f"op{number}", "q") for number in range(8)]
    sim = Simulation(center_settings([queue("q", wrap_up_for=10.0)], people), START, decide)
    sim.log_in()
    said: dict[CallId, float] = {}
    callers = 0
    while sim.at < START + hours * 3600:
        sim.run(sim.at + rng.expovariate(load * 8 / 100))
        callers += 1
        call = CallId(f"c{callers}")
        told = sim.center.expected_wait(Q, sim.at)
        if told is not None:
            said[call] = told
        sim.call(call, Q)
    sim.run(sim.at + 3600)
    talks = [record.fact for record in sim.records if isinstance(record.fact, CallConnected)]
    return callers, [(said[fact.call], fact.waited_for) for fact in talks if fact.call in said]


@pytest.mark.parametrize("load", [0.7, 0.95, 1.1])
def test_what_is_said_comes_true(load: float) -> None:
    outcomes = [busy_hours(seed, load) for seed in range(3)]
    pairs = [pair for _, told in outcomes for pair in told]
    right = sum(abs(said - came) <= 20 or said / 2 <= came <= said * 2 for said, came in pairs)
    assert len(pairs) > 0.3 * sum(callers for callers, _ in outcomes), "silence is honest, but no help"
    assert right >= 0.8 * len(pairs), f"{right} of {len(pairs)} came true"
