"""Facts that the broker has not acknowledged yet: bounded, in order, oldest given up first."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import structlog

from acd.core.facts import Record

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Gap:
    """Facts that were given up, first and last included."""

    first: int
    last: int
    count: int


class Buffer:
    """`limit` facts are kept until acknowledged. The last `again` acknowledged ones are kept too: a broker
    that crashes may have lost what it acknowledged a moment before."""

    def __init__(self, limit: int, again: int) -> None:
        self.dropped = 0
        """Facts given up since the start."""
        self.emptied = asyncio.Event()
        """Nothing waits."""
        self.emptied.set()
        self._limit = limit
        self._waiting: deque[Record] = deque()
        self._gap: Gap | None = None
        """Before `_waiting`."""
        self._acknowledged: deque[Record] = deque(maxlen=again)
        self._again: deque[Record] = deque(maxlen=again)
        """Before `_gap`: acknowledged once, to be sent once more."""
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, records: Sequence[Record]) -> None:
        self._waiting.extend(records)
        for _ in range(len(self._waiting) - self._limit):
            self._give_up(self._waiting.popleft())
        self._filled.set()
        self.emptied.clear()

    def _give_up(self, record: Record) -> None:
        if self._gap is None:
            log.error(
                "MQTT buffer is full: the oldest facts are given up", first=record.seq, limit=self._limit
            )
            self._gap = Gap(record.seq, record.seq, 0)
        self._gap = Gap(self._gap.first, record.seq, self._gap.count + 1)
        self.dropped += 1

    async def some(self) -> None:
        """Returns when there is something to send."""
        while not (self._again or self._gap or self._waiting):
            self._filled.clear()
            await self._filled.wait()

    def batch(self, at_most: int) -> list[Gap | Record]:
        """What goes next, oldest first; it stays here until `acknowledge`."""
        if self._again:
            return list(islice(self._again, at_most))
        ahead: list[Gap | Record] = [self._gap] if self._gap else []
        return ahead + list(islice(self._waiting, at_most))

    def acknowledge(self, sent: Sequence[Gap | Record]) -> None:
        """The broker has these, which are the first ones of `batch`."""
        for item in sent:
            if isinstance(item, Gap):
                self._gap_told(item)
            else:
                self._record_told(item)
        if not (self._waiting or self._gap):
            self.emptied.set()

    def _record_told(self, record: Record) -> None:
        """It may be given up already: the buffer ran over while it was on its way."""
        if self._again and self._again[0].seq == record.seq:
            self._again.popleft()
        elif self._waiting and self._waiting[0].seq == record.seq:
            self._waiting.popleft()
        elif self._gap is not None and self._gap.first == record.seq:
            self._gap_told(Gap(record.seq, record.seq, 1))
        self._acknowledged.append(record)

    def _gap_told(self, told: Gap) -> None:
        gap = self._gap
        if gap is None or told.last >= gap.last:
            self._gap = None
        else:
            self._gap = Gap(told.last + 1, gap.last, gap.count - told.count)

    def send_again(self) -> None:
        """A new connection: what was acknowledged last goes once more, before everything else."""
        self._again.extendleft(reversed(self._acknowledged))
        self._acknowledged.clear()
