"""Very much at once, in virtual time: nothing is lost, order is kept, one event stays cheap."""

import time
from collections.abc import Sequence

import pytest

from acd.core import events as e
from acd.core.facts import CallConnected, CallEntered, CallLeft, CallOffered
from acd.core.settings import CenterSettings, OperatorSettings, QueueSettings
from acd.core.testing import Behaviour, Simulation
from acd.core.words import CallId, LeaveReason, OperatorId, QueueId

Q = QueueId("q")
COST = 0.002
"""Seconds of one event; generous beside the 0.1 ms aimed at: it is the order of growth that counts."""


def simulation(operators: int, **rules: object) -> Simulation:
    crew = [OperatorId(f"o{number:04d}") for number in range(operators)]
    settings = CenterSettings(
        queues={Q: QueueSettings(id=Q, name="Q", wrap_up_for=0.0, leave_if_nobody_logged_in=False, **rules)},  # type: ignore[arg-type]
        operators={o: OperatorSettings(id=o, name=o, phone=o, queues=frozenset({Q})) for o in crew},
    )
    return Simulation(settings, decide=lambda offer: Behaviour(talks_for=1e6))


def seen(sim: Simulation, kind: type) -> list:  # type: ignore[type-arg]
    return [record.fact for record in sim.records if isinstance(record.fact, kind)]


def call_in(sim: Simulation, count: int, within: float = 1.0) -> list[CallId]:
    calls = [CallId(f"c{number:05d}") for number in range(count)]
    for number, call in enumerate(calls):
        sim.call(call, Q, at=sim.at + within * number / count, caller=f"050{number:07d}")
    sim.run(sim.at + within)
    return calls


def cost(sim: Simulation, events: Sequence[e.Event]) -> float:
    """Processor seconds of one of these events, on average: another program's work is not counted."""
    began = time.process_time()
    for event in events:
        sim.post(event)
    return (time.process_time() - began) / len(events)


def test_a_thousand_calls_in_a_second_for_a_thousand_free_operators() -> None:
    sim = simulation(1000)
    sim.log_in()
    calls = call_in(sim, 1000)
    sim.run(sim.at + 5)
    assert [fact.call for fact in seen(sim, CallOffered)] == calls
    connected = seen(sim, CallConnected)
    assert {fact.call for fact in connected} == set(calls)
    assert len({fact.operator for fact in connected}) == 1000
    assert max(fact.took_for for fact in connected) < 1.0


def test_a_thousand_operators_free_at_once_beside_two_thousand_waiting_calls() -> None:
    """All talks end in the same moment, the longest waiting get in, in their order."""
    sim = simulation(1000)
    sim.log_in()
    call_in(sim, 3000)
    talking = [offer.offer for offer in sim.center.live_offers()]
    assert len(talking) == 1000
    before = len(sim.records)
    each = cost(sim, [e.TalkEnded(at=sim.at, offer=offer) for offer in talking])
    offered = [r.fact.call for r in sim.records[before:] if isinstance(r.fact, CallOffered)]
    assert offered == [CallId(f"c{number:05d}") for number in range(1000, 2000)]
    assert each < COST


def test_all_thousand_log_in_in_one_moment_beside_waiting_calls() -> None:
    """As after a restart of the switch: every phone registers again."""
    sim = simulation(1000)
    calls = call_in(sim, 1500)
    for operator in sim.settings.operators:
        sim.post(e.OperatorLoggedIn(at=sim.at, operator=operator))
    back = [e.PhoneReachable(at=sim.at, operator=o, reachable=True) for o in sim.settings.operators]
    each = cost(sim, back)
    assert [fact.call for fact in seen(sim, CallOffered)] == calls[:1000]
    assert each < COST


def test_five_thousand_abandon_in_one_moment() -> None:
    sim = simulation(0)
    calls = call_in(sim, 5000)
    each = cost(sim, [e.CallerHungUp(at=sim.at, call=call) for call in calls])
    left = seen(sim, CallLeft)
    assert [fact.call for fact in left] == calls
    assert {fact.reason for fact in left} == {LeaveReason.HUNG_UP}
    assert not sim.center.state.calls
    assert sim.center.state.waiting == 0
    assert each < COST


def test_overload_is_refused_politely_and_ends_by_itself() -> None:
    """Three times more callers than can be served, for ten minutes: the queue is bounded, FCFS is kept."""
    sim = simulation(10, max_waiting=20)
    sim.decide = lambda offer: Behaviour(talks_for=30.0)
    sim.log_in()
    started = sim.at
    for number in range(600):
        sim.call(CallId(f"c{number:05d}"), Q, at=started + number, caller="")
    sim.run(started + 600)
    assert sim.center.state.waiting <= 20
    refused = [fact for fact in seen(sim, CallLeft) if fact.reason is LeaveReason.QUEUE_FULL]
    served = [fact.call for fact in seen(sim, CallConnected)]
    assert 350 <= len(refused) <= 410, "two thirds of the callers hear at once that it is full"
    assert served == sorted(served), "first come, first served"
    sim.run(started + 800)
    assert not sim.center.state.calls, "recovered without a restart"
    assert len(seen(sim, CallEntered)) == 600 == len(refused) + len(seen(sim, CallConnected))


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_an_hour_of_jump_of_the_time_ends_no_wait_wrongly(jump: float) -> None:
    """The server's own clock never jumps; should an event carry such a time, order and places are kept."""
    sim = simulation(1)
    sim.log_in()
    call_in(sim, 3)
    sim.post(e.Tick(at=sim.at + jump))
    talking = sim.center.live_offers()
    sim.post(e.TalkEnded(at=sim.at, offer=talking[0].offer))
    assert [fact.call for fact in seen(sim, CallOffered)] == ["c00000", "c00001"]
    assert sim.center.position(CallId("c00002")) is not None
