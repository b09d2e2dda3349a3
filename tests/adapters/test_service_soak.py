"""Thousands of calls through service and call control on a simulated switch: nothing is left behind."""

import asyncio
import gc
import tracemalloc
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
import structlog

from acd import service as acd_service
from acd.clock import Clock
from acd.core.center import Center
from acd.core.events import CallerHungUp, CallQueued, OperatorLoggedIn
from acd.core.facts import CallCompleted, CallLeft, Record
from acd.core.ports import Checkpoint, History
from acd.core.settings import CenterSettings, OperatorSettings, QueueSettings
from acd.core.words import CallId, LeaveReason, OfferId, OperatorId, QueueId
from acd.service import AcdService
from ivr.app import day_start_in
from ivr.asterisk import translate as t
from ivr.asterisk.ami import LinkState
from ivr.asterisk.call_control import CallControl
from ivr.asterisk.leg_calls import LegWords
from ivr.asterisk.legs import offer_of
from ivr.asterisk.surroundings import Surroundings
from tests.eventually import eventually

Q = QueueId("q")
CREW = [OperatorId(f"o{number}") for number in range(20)]
SETTINGS = CenterSettings(
    queues={Q: QueueSettings(id=Q, name="Q", wrap_up_for=0.0, leave_if_nobody_logged_in=False)},
    operators={o: OperatorSettings(id=o, name=o, phone=o, queues=frozenset({Q})) for o in CREW},
)


class Forgetful:
    """A journal that keeps nothing, so that only what the server itself keeps is measured."""

    def append(self, records: Sequence[Record]) -> None:
        pass

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        pass

    async def load(self) -> History:
        return History(None, ())

    async def close(self) -> None:
        pass


class Switch:
    """Every phone answers; each talk ends at once; every seventh caller hangs up while the phone rings."""

    def __init__(self) -> None:
        self.control: CallControl
        self.calls: dict[OfferId, CallId] = {}
        self.live: dict[str, str] = {}

    def say(self, *events: t.SwitchEvent) -> None:
        for event in events:
            asyncio.get_running_loop().call_soon(self.control.on_event, event)

    async def _done(self) -> None:
        pass

    def action(self, name: str, headers: Mapping[str, str | Sequence[str]]) -> object:
        if name == "Originate":
            self._ring(str(headers["ChannelId"]), str(headers["Channel"]))
        elif name == "Hangup" and str(headers["Channel"]) in self.live:
            self._gone(str(headers["Channel"]))
        return self._done()

    def _ring(self, leg: str, phone: str) -> None:
        self.live[leg] = f"{phone}-{len(self.live):08x}"
        seen = t.ChannelSeen(leg, self.live[leg], phone.removeprefix("PJSIP/"), "Down", leg)
        self.say(seen, t.ChannelState(leg, self.live[leg], "Ringing"))
        offer = offer_of(leg)
        if offer is not None and offer % 7:
            self.say(t.ChannelState(leg, self.live[leg], "Up"))

    def _gone(self, leg: str) -> None:
        self.say(t.ChannelGone(leg, self.live.pop(leg), 16))

    async def picture(self) -> t.SwitchPicture:
        return t.picture_of((), frozenset(CREW))

    # Callers, as call control knows them

    def join(self, call: CallId, offer: OfferId, leg: str) -> bool:
        channel = next(channel for channel, name in self.live.items() if name == leg)
        self.say(t.BridgeEntered("b", call, "PJSIP/c-1"), t.BridgeEntered("b", channel, leg))
        self.say(t.BridgeLeft("b", channel, leg))
        asyncio.get_running_loop().call_soon(self._gone, channel)
        return True

    def release(self, call: CallId, reason: LeaveReason) -> None: ...

    def key(self, call: CallId, key: str) -> None: ...

    def is_live(self, call: CallId) -> bool:
        return True

    def is_queued(self, call: CallId) -> bool:
        return True


class Run:
    def __init__(self) -> None:
        clock = Clock()
        self.service = AcdService(Center(SETTINGS, clock.now()), Forgetful(), clock)
        self.switch = Switch()
        around = Surroundings(
            post=self.service.post,
            now=self.service.now,
            words=lambda offer: LegWords(number="050", title="Q"),
            operator_of={o: o for o in CREW}.get,  # type: ignore[arg-type]
            live_offer=self.service.center.offer,
        )
        self.control = CallControl(link=self.switch, around=around, callers=self.switch, run="s1")  # type: ignore[arg-type]
        self.switch.control = self.control
        self.service.attach(self.control)
        self.over = 0
        self.service.add_sink(self._sink)

    def _sink(self, records: Sequence[Record]) -> None:
        self.over += sum(isinstance(record.fact, CallCompleted | CallLeft) for record in records)

    async def start(self) -> asyncio.Task[None]:
        running = asyncio.create_task(self.service.run())
        self.control.on_link(LinkState.READY)
        for operator in CREW:
            self.control.on_event(t.DevicePhone(operator, "NOT_INUSE", True))
            await self.service.ask(OperatorLoggedIn(at=self.service.now(), operator=operator))
        return running

    async def calls(self, first: int, count: int) -> None:
        """In bunches of fifty; those whose phone only rings hang up."""
        for start in range(first, first + count, 50):
            goal = self.over + 50
            for number in range(start, start + 50):
                call = CallId(f"c{number}")
                caller = f"{number % 100:010d}"
                self.service.post(CallQueued(at=self.service.now(), call=call, queue=Q, caller=caller))
            while self.over < goal:
                await asyncio.sleep(0)
                for live in self.service.center.live_offers():
                    if live.rang_at is not None and not live.offer % 7:
                        self.service.post(CallerHungUp(at=self.service.now(), call=live.call))


async def test_two_thousand_calls_leave_nothing_behind() -> None:
    run = Run()
    running = await run.start()
    await run.calls(0, 500)
    gc.collect()
    tasks = len(asyncio.all_tasks())
    tracemalloc.start()
    await run.calls(500, 100)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    await run.calls(600, 1400)
    await eventually(lambda: len(run.control.legs) == 0 and not run.switch.live)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert run.over == 2000
    assert run.service.faults == 0
    await eventually(lambda: len(asyncio.all_tasks()) <= tasks, what="the tasks of the calls have ended")
    state = run.service.center.state
    assert not state.calls
    assert not state.offers
    assert len(state.places) <= 100, "by caller, not by call"
    assert not any(run.control.own_calls.busy(phone) for phone in CREW)
    assert grown < 500_000, f"{grown} bytes more after 1,400 further calls"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await run.control.close()


async def test_a_blocked_event_loop_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setattr(acd_service, "STALL_FOR", 0.02)
    run = Run()
    with structlog.testing.capture_logs() as logs:

        def late_for() -> float:
            """The longest: a busy machine may block the loop, too."""
            blocked = (line for line in logs if line["event"] == "the event loop was blocked")
            return max((line["late_for"] for line in blocked), default=0.0)

        running = asyncio.create_task(run.service.run())
        await asyncio.sleep(0.03)
        time.sleep(0.2)  # noqa: ASYNC251 - the fault itself
        await eventually(lambda: late_for() > 0.1)
    assert late_for() < 60
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_who_asks_a_service_that_has_ended_is_told_so() -> None:
    run = Run()
    running = asyncio.create_task(run.service.run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    with pytest.raises(acd_service.Stopped):
        await run.service.ask(OperatorLoggedIn(at=run.service.now(), operator=CREW[0]))


@pytest.mark.parametrize(
    ("moment", "begins"),
    [
        (datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 3, 28, 22, tzinfo=UTC)),  # clocks go forward
        (datetime(2026, 3, 30, 12, tzinfo=UTC), datetime(2026, 3, 29, 21, tzinfo=UTC)),
        (datetime(2026, 10, 25, 12, tzinfo=UTC), datetime(2026, 10, 24, 21, tzinfo=UTC)),  # and back
        (datetime(2026, 10, 26, 12, tzinfo=UTC), datetime(2026, 10, 25, 22, tzinfo=UTC)),
    ],
)
def test_the_day_of_the_figures_begins_at_midnight_by_the_wall_clock(
    moment: datetime, begins: datetime
) -> None:
    assert day_start_in("Europe/Kyiv")(moment.timestamp()) == begins.timestamp()
