"""The centre's view for everybody who looks: made only when something changed and somebody asks."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from acd.core.facts import Record
from acd.core.ports import FactSink
from acd.core.views import CenterView
from acd.web.encode import SnapshotText
from acd.web.source import Health, ViewSource


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`number` grows with each one made; `cost_for`: seconds that making it held the event loop."""

    number: int
    view: CenterView
    health: Health
    text: str
    cost_for: float


class Snapshots:
    """Makes snapshots at the pace that watchers can follow and the loop can bear.

    At least `every_for` seconds apart, and never more than `share` of the loop's time: one that took 10 ms is
    followed by the next after 200 ms at the earliest with a share of 0.05. Without a change, one each
    `beat_for` seconds, so that a watcher knows that the line lives and estimates stay fresh.
    """

    def __init__(
        self,
        source: ViewSource,
        *,
        page: str,
        every_for: float = 0.25,
        beat_for: float = 5.0,
        share: float = 0.05,
        calls_per_queue: int = 10,
    ) -> None:
        self._source = source
        self._page = page
        self._every_for = every_for
        self._beat_for = beat_for
        self._share = share
        self._calls_per_queue = calls_per_queue
        self._encoder = SnapshotText(calls_per_queue)
        self._changed = asyncio.Event()
        self._wanted = asyncio.Event()
        self._made = asyncio.Event()
        self._last: Snapshot | None = None
        self._made_at = 0.0
        self._watchers = 0
        self._facts: set[FactSink] = set()
        source.add_sink(self._note)

    def _note(self, records: Sequence[Record]) -> None:
        self._changed.set()
        for sink in tuple(self._facts):
            sink(records)

    def subscribe(self, sink: FactSink) -> None:
        self._facts.add(sink)

    def unsubscribe(self, sink: FactSink) -> None:
        self._facts.discard(sink)

    def current(self) -> Snapshot:
        """The last one where it is fresh enough: `every_for` after a change, a second without."""
        last = self._last
        if last is not None and self._age() < self._pause_for(last, 1.0):
            return last
        return self._make()

    async def newer_than(self, number: int) -> Snapshot:
        """Wait for a snapshot after `number`; always the newest, those between are skipped."""
        self._watchers += 1
        self._wanted.set()
        try:
            while self._last is None or self._last.number <= number:
                await self._made.wait()
            return self._last
        finally:
            self._watchers -= 1
            if self._watchers == 0:
                self._wanted.clear()

    async def run(self) -> None:
        """Make snapshots for those who wait in `newer_than`; without them, nothing. Ends by cancellation."""
        while True:
            await self._wanted.wait()
            await self._change_or_beat()
            if self._last is not None:
                await asyncio.sleep(self._pause_for(self._last, self._beat_for) - self._age())
            if self._wanted.is_set():
                self._make()

    async def _change_or_beat(self) -> None:
        try:
            async with asyncio.timeout(self._beat_for - self._age()):
                await self._changed.wait()
        except TimeoutError:
            return

    def _age(self) -> float:
        return time.monotonic() - self._made_at

    def _pause_for(self, last: Snapshot, calm_for: float) -> float:
        wanted = self._every_for if self._changed.is_set() else calm_for
        return max(wanted, last.cost_for / self._share)

    def _make(self) -> Snapshot:
        start = time.perf_counter()
        self._changed.clear()
        view, health = self._source.view(self._calls_per_queue), self._source.health()
        text = self._encoder.of(view, health, self._page)
        number = self._last.number + 1 if self._last else 1
        self._last = Snapshot(number, view, health, text, time.perf_counter() - start)
        self._made_at = time.monotonic()
        self._made.set()
        self._made = asyncio.Event()
        return self._last
