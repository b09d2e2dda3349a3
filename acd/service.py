"""The one task that owns the centre: events in, facts to the journal and to who listens, commands out.

    service = AcdService(center, journal, clock)
    service.attach(switch)
    running = asyncio.create_task(service.run())
    service.post(OperatorAnswered(at=service.now(), offer=offer))

Whatever fails around it (a sink, the switch, the journal) is logged and passed over: routing goes on.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from acd.clock import Clock
from acd.core.center import Center, Outcome, Snapshot
from acd.core.commands import Command
from acd.core.errors import CodecError
from acd.core.events import Event, SwitchSeen, Tick
from acd.core.facts import IdlePairFound, Record, RuleBroken, StateHealed
from acd.core.ports import FactSink, Journal, Switch
from acd.core.views import CenterView

log = structlog.get_logger(__name__)

STALL_FOR = 0.25
"""A loop that comes later than this to a waiting task is reported: the three-second rule lives on it."""
AT_ONCE = 32
"""Events in one turn of the loop: a flood lets other tasks run in between."""
RETRY_FOR = 1.0
"""A deadline whose `Tick` left it in the past (a fault of ours) is tried again after so long."""


DayStart = Callable[[float], float]
"""From a moment to the beginning of its day; both epoch seconds."""


def utc_midnight(at: float) -> float:
    return at - at % 86400


class Stopped(RuntimeError):
    """The service ended before it could answer."""


class AcdService:
    """`checkpoint_every`: so many facts lie between two checkpoints, which bounds the time of a restart.

    `see_first_for`: a restored centre must learn first what the switch holds. Events wait for the first
    `SwitchSeen`, at most so many seconds. `day_start`: since when the view's figures count.
    """

    def __init__(
        self,
        center: Center,
        journal: Journal,
        clock: Clock,
        *,
        checkpoint_every: int = 5000,
        see_first_for: float = 0.0,
        day_start: DayStart = utc_midnight,
    ) -> None:
        self._center = center
        self._journal = journal
        self._clock = clock
        self._checkpoint_every = checkpoint_every
        self._see_first_for = see_first_for
        self._day_start = day_start
        self._since_checkpoint = 0
        self._switch: Switch | None = None
        self._sinks: list[FactSink] = []
        self._inbox: deque[tuple[Event, asyncio.Future[Outcome] | None]] = deque()
        self._open = False
        self._working = False
        self._ended = False
        self._seen = asyncio.Event()
        self._checkpointing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self._retry_at = 0.0
        self._watch: asyncio.Task[None] | None = None
        self.faults = 0
        """Events whose handling failed since the start; anything but 0 is a fault of ours."""

    def attach(self, switch: Switch) -> None:
        """From now on commands go to `switch`."""
        self._switch = switch

    def add_sink(self, sink: FactSink) -> None:
        """From now on `sink` gets every new record, in order; it returns at once."""
        self._sinks.append(sink)

    @property
    def center(self) -> Center:
        """To look at; only the service applies events to it."""
        return self._center

    def now(self) -> float:
        return self._clock.now()

    def view(self, calls_per_queue: int | None = None) -> CenterView:
        """The centre now; `calls_per_queue`: only the first so many waiting calls of each queue."""
        now = self.now()
        return self._center.view(now, self._day_start(now), calls_per_queue)

    def post(self, event: Event) -> None:
        """Hand over an event; call it on the event loop. Events are applied in the order of posting.

        Mostly at once: what the switch is to do is written before `post` returns. One that is posted while
        another is carried out waits for its turn.
        """
        self._take(event, None)

    async def ask(self, event: Event) -> Outcome:
        """Like `post`, and wait for what came of it. Stopped: the service ended before."""
        if self._ended:
            raise Stopped("the centre has ended")
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._take(event, answer)
        return await answer

    def _take(self, event: Event, answer: asyncio.Future[Outcome] | None) -> None:
        self._inbox.append((event, answer))
        if isinstance(event, SwitchSeen):
            self._seen.set()
        self._work()

    def _work(self) -> None:
        if self._working or not self._open:
            return
        self._working = True
        try:
            for _ in range(min(AT_ONCE, len(self._inbox))):
                self._handle(*self._inbox.popleft())
        finally:
            self._working = False
        if self._inbox:
            asyncio.get_running_loop().call_soon(self._work)

    async def run(self) -> None:
        """Apply events until cancelled; then apply what waits and leave a checkpoint."""
        self._watch = asyncio.create_task(_watch_stalls(), name="event loop watchdog")
        try:
            await self._see_first()
            self._open = True
            self._arm()
            self._work()
            await asyncio.get_running_loop().create_future()
        finally:
            await self._stop()

    async def _see_first(self) -> None:
        if self._see_first_for <= 0:
            return
        try:
            async with asyncio.timeout(self._see_first_for):
                await self._seen.wait()
        except TimeoutError:
            log.warning("the switch did not say what it holds; the centre goes on as it was")
        self._inbox = deque(sorted(self._inbox, key=lambda pair: not isinstance(pair[0], SwitchSeen)))

    async def _stop(self) -> None:
        self._open = False
        for task in (self._watch, self._checkpointing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        while self._inbox:
            self._handle(*self._inbox.popleft())
        if self._timer is not None:
            self._timer.cancel()
        self._ended = True
        self._guarded("checkpoint", lambda: self._journal.keep_checkpoint(self._center.checkpoint()))

    def _handle(self, event: Event, answer: asyncio.Future[Outcome] | None) -> None:
        try:
            outcome = self._center.apply(event)
        except Exception as fault:
            self.faults += 1
            log.exception("an event could not be applied", event_name=type(event).__name__)
            if answer is not None and not answer.done():
                answer.set_exception(fault)
            return
        finally:
            self._arm()
        self._carry_out(outcome)
        if answer is not None and not answer.done():
            answer.set_result(outcome)

    def _carry_out(self, outcome: Outcome) -> None:
        """The journal first (some 0.1 ms): after a crash it is known what the switch was told, and no offer's
        number is used twice. Then the switch, so that a phone rings before anybody is told.
        """
        if outcome.records:
            self._guarded("journal", lambda: self._journal.append(outcome.records))
        for command in outcome.commands:
            self._command(command)
        if outcome.records:
            self._tell(outcome.records)

    def _command(self, command: Command) -> None:
        switch = self._switch
        if switch is None:
            log.error("no switch for a command", command=type(command).__name__)
            return
        self._guarded(f"switch, {type(command).__name__}", lambda: switch.perform(command))

    def _tell(self, records: Sequence[Record]) -> None:
        for record in records:
            _say_alarms(record)
        for sink in self._sinks:
            self._guarded("sink", lambda to=sink: to(records))  # type: ignore[misc]
        self._since_checkpoint += len(records)
        if self._since_checkpoint >= self._checkpoint_every:
            self._keep_checkpoint()

    def _keep_checkpoint(self) -> None:
        """Its state is of this moment; writing it out as text goes on beside the calls."""
        if self._checkpointing is not None and not self._checkpointing.done():
            return
        self._since_checkpoint = 0
        work = self._write_checkpoint(self._center.snapshot())
        self._checkpointing = asyncio.get_running_loop().create_task(work, name="checkpoint")

    async def _write_checkpoint(self, snapshot: Snapshot) -> None:
        try:
            checkpoint = await asyncio.to_thread(snapshot.checkpoint)
        except CodecError as error:
            self.faults += 1
            log.error("no checkpoint", why=str(error))
            return
        self._guarded("checkpoint", lambda: self._journal.keep_checkpoint(checkpoint))

    def _guarded(self, what: str, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception:
            self.faults += 1
            log.exception("a part around the centre failed, calls go on", part=what)

    def _arm(self) -> None:
        """One timer, for the nearest deadline."""
        deadline = self._center.next_deadline()
        if deadline is not None:
            deadline = max(deadline, self._retry_at)
        if deadline == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = None, deadline
        if deadline is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(loop.time() + max(0.0, deadline - self.now()), self._tick)

    def _tick(self) -> None:
        deadline, now = self._timer_at, self.now()
        self._timer = self._timer_at = None
        if deadline is not None and now < deadline:  # the loop's clock is a little coarser than ours
            self._arm()
            return
        self._handle(Tick(at=now), None)
        left = self._center.next_deadline()
        if left is not None and left <= now:
            log.error("a deadline stayed in the past", behind_for=round(now - left, 3))
            self._retry_at = now + RETRY_FOR
            self._timer_at = -1.0
            self._arm()


def _say_alarms(record: Record) -> None:
    match record.fact:
        case RuleBroken() as fact:
            log.warning(
                "three-second rule broken",
                call=fact.call,
                operator=fact.operator,
                queue=fact.queue,
                cause=fact.cause,
                since_pair_for=round(fact.at - fact.pair_at, 3),
            )
        case IdlePairFound() as fact:
            log.warning(
                "a free operator stood beside a waiting call; repaired",
                call=fact.call,
                operator=fact.operator,
                stood_for=round(fact.stood_for, 3),
            )
        case StateHealed() as fact:
            told = log.info if fact.call is None and fact.offer is None else log.warning
            told("state healed", what=fact.what, call=fact.call, operator=fact.operator)


async def _watch_stalls() -> None:
    """Report an event loop that something blocked."""
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        await asyncio.sleep(STALL_FOR)
        late_for = loop.time() - began - STALL_FOR
        if late_for > STALL_FOR:
            log.warning("the event loop was blocked", late_for=round(late_for, 3))
