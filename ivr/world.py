"""What a dialogue may ask of the centre: looked up only when a rule asks, for most calls never do."""

import time
from collections.abc import Callable, Iterator, Mapping

from acd.core.views import CenterView
from acd.core.words import QueueId
from ivr.flow.conditions import QueueNow, World
from ivr.switches import Switches

FRESH_FOR = 1.0
"""Seconds for which a look at all queues serves."""


class QueuesNow(Mapping[QueueId, QueueNow]):
    """Every queue as it is, or was a moment ago."""

    def __init__(self, view: Callable[[], CenterView], clock: Callable[[], float] = time.monotonic) -> None:
        self._view, self._clock = view, clock
        self._seen: dict[QueueId, QueueNow] = {}
        self._seen_at = float("-inf")

    def __getitem__(self, queue: QueueId) -> QueueNow:
        return self._now()[queue]

    def __iter__(self) -> Iterator[QueueId]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> dict[QueueId, QueueNow]:
        if self._clock() - self._seen_at > FRESH_FOR:
            self._seen = {
                queue.id: QueueNow(
                    waiting=queue.waiting,
                    logged_in=queue.logged_in,
                    expected_wait=queue.expected_wait_for,
                )
                for queue in self._view().queues
            }
            self._seen_at = self._clock()
        return self._seen


class WorldAround:
    """`now` gives the world for one step of a dialogue."""

    def __init__(self, view: Callable[[], CenterView], switches: Switches) -> None:
        self._queues, self._switches = QueuesNow(view), switches

    def now(self) -> World:
        return World(queues=self._queues, switches=self._switches.on(time.time()))
