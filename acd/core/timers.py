"""Deadlines as data: a heap with lazy deletion. Whether an entry still holds is asked of the state."""

from collections.abc import Callable, Iterator
from enum import IntEnum
from heapq import heapify, heappop, heappush

COMPACT_BEYOND = 20_000


class Due(IntEnum):
    """What comes due. The number orders what is due at the same moment."""

    TALK_RULE = 0
    WRAP_UP = 1
    SET_ASIDE = 2
    RESERVATION = 3
    RELAXATION = 4
    RINGING = 5
    JOINING = 6
    MAX_WAIT = 7
    NOBODY = 8
    WORK_TURN = 9
    """A work item's time comes."""
    WORK_FIT = 10
    """A work item is content with less of a skill."""
    WORK_CLAIM = 11
    WORK_DIAL = 12
    WORK_HELD = 13
    """An operator is held no longer."""
    WORK_DUE = 14
    WORK_URGENT = 15
    WORK_CLOSING = 16
    """Customers of a queue may no longer be called."""
    WORK_LIMIT = 17
    """The hourly limit of a queue leaves room again."""
    WORK_AHEAD = 18
    """It is considered to call customers of a queue ahead of a free operator."""


LEAVING = (Due.MAX_WAIT, Due.NOBODY)
"""Come last, after routing: whoever can still be served at this moment is served."""

Entry = tuple[float, Due, str | int]
Holds = Callable[[float, Due, str | int], bool]


class Timers:
    """Entries may outlive their reason; `holds(at, due, key)` tells whether one still stands."""

    def __init__(self, holds: Holds) -> None:
        self._holds = holds
        self._soon: list[Entry] = []
        self._leaving: list[Entry] = []
        self._compact_at = COMPACT_BEYOND

    def set(self, at: float, due: Due, key: str | int) -> None:
        """Ask to be called at `at`."""
        heap = self._leaving if due in LEAVING else self._soon
        heappush(heap, (at, due, key))
        if len(heap) > self._compact_at:
            self._compact(heap)

    def _compact(self, heap: list[Entry]) -> None:
        heap[:] = sorted({entry for entry in heap if self._holds(*entry)})
        heapify(heap)
        self._compact_at = max(COMPACT_BEYOND, 4 * len(heap))

    def next(self) -> float | None:
        """The earliest entry that holds."""
        tops = [heap[0][0] for heap in (self._soon, self._leaving) if self._trim(heap)]
        return min(tops, default=None)

    def _trim(self, heap: list[Entry]) -> bool:
        while heap and not self._holds(*heap[0]):
            heappop(heap)
        return bool(heap)

    def soon_until(self, at: float) -> Iterator[Entry]:
        """Take out what frees somebody or opens something, in order of time, up to `at`."""
        return self._take(self._soon, at)

    def leaving_until(self, at: float) -> Iterator[Entry]:
        """Take out what makes calls leave, up to `at`."""
        return self._take(self._leaving, at)

    def _take(self, heap: list[Entry], at: float) -> Iterator[Entry]:
        while self._trim(heap) and heap[0][0] <= at:
            yield heappop(heap)
