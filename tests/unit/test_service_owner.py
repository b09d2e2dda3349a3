"""The service around the centre: order, timers, checkpoints, and that nothing around it can stop it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from acd.clock import Clock
from acd.core.center import Center, Outcome
from acd.core.commands import Command, Offer
from acd.core.events import (
    CallerHungUp,
    CallQueued,
    Event,
    OperatorLoggedIn,
    OperatorReady,
    PhoneReachable,
    SwitchSeen,
)
from acd.core.facts import CallEntered, CallLeft, Fact, Record
from acd.core.ports import Checkpoint, History
from acd.core.settings import CenterSettings, OperatorSettings, QueueSettings
from acd.core.testing import MemoryJournal
from acd.core.words import CallId, LeaveReason, OperatorId, QueueId
from acd.service import AcdService
from tests.eventually import eventually

Q, ANNA = QueueId("q"), OperatorId("anna")
SETTINGS = CenterSettings(
    queues={Q: QueueSettings(id=Q, name="Q", max_wait_for=0.05, leave_if_nobody_logged_in=False)},
    operators={ANNA: OperatorSettings(id=ANNA, name="Anna", phone="701", queues=frozenset({Q}))},
)


class Switch:
    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.broken = False

    def perform(self, command: Command) -> None:
        self.commands.append(command)
        if self.broken:
            raise RuntimeError("a fault on purpose")


class Noting:
    """A switch that only notes that it was told something."""

    def __init__(self, order: list[str], name: str) -> None:
        self.order, self.name = order, name

    def perform(self, command: Command) -> None:
        self.order.append(self.name)


class Running:
    def __init__(self, service: AcdService, journal: MemoryJournal, switch: Switch) -> None:
        self.service, self.journal, self.switch = service, journal, switch
        self.facts: list[Fact] = []
        service.add_sink(lambda records: self.facts.extend(record.fact for record in records))

    def queue(self, call: str) -> None:
        self.service.post(CallQueued(at=self.service.now(), call=CallId(call), queue=Q, caller="050"))

    async def anna_works(self) -> None:
        now = self.service.now()
        self.service.post(PhoneReachable(at=now, operator=ANNA, reachable=True))
        await self.service.ask(OperatorLoggedIn(at=now, operator=ANNA))


@asynccontextmanager
async def running(see_first_for: float = 0.0, checkpoint_every: int = 5000) -> AsyncIterator[Running]:
    clock, journal, switch = Clock(), MemoryJournal(), Switch()
    service = AcdService(
        Center(SETTINGS, clock.now()),
        journal,
        clock,
        see_first_for=see_first_for,
        checkpoint_every=checkpoint_every,
    )
    service.attach(switch)
    task = asyncio.create_task(service.run())
    try:
        yield Running(service, journal, switch)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_events_become_facts_commands_and_journal_in_order() -> None:
    async with running() as it:
        await it.anna_works()
        it.queue("c1")
        await eventually(lambda: it.switch.commands)
        assert isinstance(it.switch.commands[0], Offer)
        records = list((await it.journal.load()).records)
        assert [record.fact for record in records] == it.facts
        assert [record.seq for record in records] == list(range(1, len(records) + 1))


async def test_a_deadline_comes_by_itself() -> None:
    async with running() as it:
        it.queue("c1")
        await eventually(lambda: [fact for fact in it.facts if isinstance(fact, CallLeft)])
        entered = next(fact for fact in it.facts if isinstance(fact, CallEntered))
        left = next(fact for fact in it.facts if isinstance(fact, CallLeft))
        assert left.reason is LeaveReason.WAITED_TOO_LONG
        assert 0.05 <= left.at - entered.at < 5.0


async def test_broken_neighbours_do_not_stop_it() -> None:
    async with running() as it:

        def broken_sink(records: Sequence[Record]) -> None:
            raise RuntimeError("a fault on purpose")

        it.service.add_sink(broken_sink)
        it.switch.broken = True
        await it.anna_works()
        it.queue("c1")
        it.queue("c2")
        await eventually(lambda: len([f for f in it.facts if isinstance(f, CallEntered)]) == 2)
        assert it.service.faults >= 3


async def test_an_event_that_cannot_be_applied_fails_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as it:
        center = it.service.center
        with monkeypatch.context() as broken:
            broken.setattr(center, "apply", lambda event: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                await it.service.ask(CallerHungUp(at=it.service.now(), call=CallId("c1")))
        await it.anna_works()
        assert it.facts


async def test_a_refusal_is_told_to_who_asked() -> None:
    async with running() as it:
        outcome = await it.service.ask(OperatorReady(at=it.service.now(), operator=ANNA))
        assert outcome.refusal is not None
        assert not outcome.records


async def test_checkpoints_every_so_many_facts_and_at_the_end() -> None:
    async with running(checkpoint_every=2) as it:
        await it.anna_works()
        await eventually(lambda: any(isinstance(kept, Checkpoint) for kept in it.journal.shelf))
        first = (await it.journal.load()).checkpoint
        assert first is not None
        it.queue("c1")
        await eventually(lambda: it.switch.commands)
    last = (await it.journal.load()).checkpoint
    assert last is not None
    assert last.seq == len(it.facts)
    again = Center.restore(SETTINGS, History(Checkpoint(last.seq, last.state), ()), Clock().now())
    assert again.call(CallId("c1")) is not None


async def test_a_checkpoint_is_of_its_moment_whatever_happens_while_it_is_written() -> None:
    async with running() as it:
        await it.anna_works()
        it.queue("c1")
        snapshot, then = it.service.center.snapshot(), it.service.center.checkpoint()
        it.queue("c2")
        it.service.post(CallerHungUp(at=it.service.now(), call=CallId("c1")))
        assert it.service.center.checkpoint() != then
        assert snapshot.checkpoint() == then


async def test_what_the_switch_shall_do_is_journalled_first_and_done_at_once_before_anybody_is_told() -> None:
    order: list[str] = []
    async with running() as it:
        await it.anna_works()
        it.service.attach(Noting(order, "switch"))
        it.service.add_sink(lambda records: order.append("sink"))
        it.journal.append = lambda records: order.append("journal")  # type: ignore[method-assign]
        it.queue("c1")
        assert order == ["journal", "switch", "sink"]


async def test_a_restored_centre_hears_first_what_the_switch_holds() -> None:
    async with running(see_first_for=5.0) as it:
        it.queue("c1")
        await asyncio.sleep(0)
        assert not it.facts
        seen = SwitchSeen(at=it.service.now(), calls=frozenset(), talks=frozenset(), legs=frozenset())
        it.service.post(seen)
        await eventually(lambda: it.facts)
        assert isinstance(it.facts[0], CallEntered)


async def test_it_does_not_wait_for_the_switch_for_ever() -> None:
    async with running(see_first_for=0.05) as it:
        it.queue("c1")
        await eventually(lambda: it.facts)


def test_the_clock_never_jumps() -> None:
    wall, ticks = [1000.0], [50.0]
    clock = Clock(wall=lambda: wall[0], monotonic=lambda: ticks[0])
    assert clock.now() == 1000.0
    wall[0], ticks[0] = 5.0, 51.0
    assert clock.now() == 1001.0
    assert Clock(2000.0, wall=lambda: 1000.0, monotonic=lambda: 0.0).now() == 2000.0


async def test_a_deadline_that_stays_in_the_past_does_not_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as it:
        center, applied = it.service.center, []
        apply = center.apply

        def counted(event: Event) -> Outcome:
            applied.append(event)
            return apply(event)

        monkeypatch.setattr(center, "apply", counted)
        monkeypatch.setattr(center, "next_deadline", lambda: 1.0)
        it.queue("c1")
        await eventually(lambda: len(applied) >= 2)
        await asyncio.sleep(0.1)
        assert len(applied) <= 4
