"""Look-ups over the open work items, by queue, by caller and by call. Derived; never journalled.

A *room* holds what waits beside one queue: each list in order of rank.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from acd.core.state import Call, InTalk, State, Waiting
from acd.core.words import CallId, QueueId
from acd.core.work import WorkId, WorkKind, number_key
from acd.core.work_state import Dialling, Open, Standing, WorkItem, WorkRank


class Spot(IntEnum):
    """Where an item is, as far as its queue is concerned."""

    ELSEWHERE = 0
    """It has to wait for its time, or somebody has it."""
    CALL_BACK = 1
    """A call-back that is due."""
    HAND = 2
    """A voicemail, or a call-back by hand, that is due."""
    CALL_BACK_IN_LINE = 3
    """It stands in its queue or is offered."""
    HAND_IN_LINE = 4
    HAND_BUSY = 5
    """It is offered, or an operator deals with it."""
    DIALLING = 6


@dataclass(frozen=True, slots=True)
class Slot:
    queue: QueueId
    spot: Spot
    rank: WorkRank
    call: CallId | None
    was_held: bool
    number: str
    call_back: bool


@dataclass(eq=False, slots=True)
class Room:
    lists: dict[Spot, list[WorkRank]] = field(default_factory=lambda: {spot: [] for spot in Spot})
    call_backs: int = 0
    """Open ones."""
    closes_at: float | None = None
    """When customers may no longer be called."""
    limited_until: float | None = None
    """When the hourly limit leaves room again."""
    ahead_at: float | None = None
    """When it is next considered to call customers ahead of a free operator."""

    def ids(self, *spots: Spot) -> list[WorkId]:
        """The items in these spots, by rank within each."""
        return [rank[2] for spot in spots for rank in self.lists[spot]]

    def count(self, *spots: Spot) -> int:
        return sum(len(self.lists[spot]) for spot in spots)


class WorkIndex:
    """Follows the state after each fact by `place`."""

    def __init__(self, state: State, at: float) -> None:
        self.rooms: dict[QueueId, Room] = {}
        self._slots: dict[WorkId, Slot] = {}
        self._by_number: dict[str, set[WorkId]] = {}
        self._by_call: dict[CallId, WorkId] = {}
        for item in state.work.values():
            self.place(item.id, item, state, at)

    def place(self, work: WorkId, item: WorkItem | None, state: State, at: float) -> QueueId | None:
        """Move the item where the state puts it; its queue if that is another place than before."""
        old = self._slots.get(work)
        new = None if item is None else _slot_for(item, state, at)
        if old == new:
            return None
        if old is not None:
            self._take_out(work, old)
        if new is not None:
            self._put_in(work, new)
        seen = new or old
        return seen.queue if seen else None

    def _put_in(self, work: WorkId, slot: Slot) -> None:
        self._slots[work] = slot
        room = self.room(slot.queue)
        insort(room.lists[slot.spot], slot.rank)
        room.call_backs += slot.call_back
        self._by_number.setdefault(slot.number, set()).add(work)
        if slot.call is not None:
            self._by_call[slot.call] = work

    def _take_out(self, work: WorkId, slot: Slot) -> None:
        del self._slots[work]
        room = self.rooms[slot.queue]
        ranks = room.lists[slot.spot]
        del ranks[bisect_left(ranks, slot.rank)]
        room.call_backs -= slot.call_back
        self._by_number[slot.number].discard(work)
        if not self._by_number[slot.number]:
            del self._by_number[slot.number]
        if slot.call is not None:
            self._by_call.pop(slot.call, None)

    def room(self, queue: QueueId) -> Room:
        if queue not in self.rooms:
            self.rooms[queue] = Room()
        return self.rooms[queue]

    def of_number(self, number: str) -> Iterable[WorkId]:
        """The open items of this caller, the oldest first; none for a withheld number."""
        return sorted(self._by_number.get(number_key(number), ())) if number else []

    def waits_for_its_time(self, work: WorkId) -> bool:
        return work in self._slots and self._slots[work].spot is Spot.ELSEWHERE

    def of_call(self, call: CallId) -> WorkId | None:
        """The item that this call stands for, calls for, or whose caller it is."""
        return self._by_call.get(call)

    def busy_rooms(self, queues: Iterable[QueueId]) -> Iterator[QueueId]:
        """Those of the queues that have work to look at."""
        if self._slots:
            for queue in queues:
                if queue in self.rooms:
                    yield queue


def _slot_for(item: WorkItem, state: State, at: float) -> Slot:
    was_held = isinstance(item.hold, Dialling) and item.hold.was_held
    return Slot(
        queue=item.queue,
        spot=_spot(item, state, at),
        rank=item.rank,
        call=item.call,
        was_held=was_held,
        number=number_key(item.caller),
        call_back=item.promise is WorkKind.CALL_BACK,
    )


def _spot(item: WorkItem, state: State, at: float) -> Spot:
    match item.hold:
        case Open() if item.not_before <= at:
            return Spot.HAND if item.hand else Spot.CALL_BACK
        case Standing(call=call):
            return _spot_in_line(item, state.calls.get(call))
        case Dialling():
            return Spot.DIALLING
        case _:
            return Spot.ELSEWHERE


def _spot_in_line(item: WorkItem, call: Call | None) -> Spot:
    if call is None:
        return Spot.ELSEWHERE
    if item.hand:
        return Spot.HAND_IN_LINE if isinstance(call.state, Waiting) else Spot.HAND_BUSY
    return Spot.ELSEWHERE if isinstance(call.state, InTalk) else Spot.CALL_BACK_IN_LINE
