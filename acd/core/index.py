"""Look-ups over the state that make an event cost only what it touches. Derived; never journalled.

A *crew* is all operators with the same queues and skills; its *bench* holds the ready ones, longest idle
first. A *lane* is all calls of one queue that need the same levels now; its calls stand in order of rank.
Which benches serve a lane is worked out once per lane. Sorted lists: 10,000 entries move in microseconds.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from acd.core.settings import CenterSettings, Need
from acd.core.state import Call, InTalk, Operator, Rank, State, Waiting
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work_state import WorkItem

Levels = tuple[tuple[str, int], ...]
Place = tuple[float, OperatorId]
"""(idle since, operator): the smaller was idle longer."""


def levels_of(needs: Sequence[Need], since: float, at: float) -> Levels:
    """What is needed at `at` by a call waiting since `since`; needs relaxed to 0 are gone."""
    if not needs:
        return ()
    levels = ((need.skill, _level(need, since, at)) for need in needs)
    return tuple(sorted(pair for pair in levels if pair[1] > 0))


def _level(need: Need, since: float, at: float) -> int:
    level = need.level
    for step in need.relaxations:
        if since + step.after_for <= at:
            level = step.level
    return level


def fits_since(call: Call, skills: Mapping[str, int]) -> float:
    """When relaxation made these skills enough for the call; its `waiting_since` if they always were."""
    moments = [call.waiting_since]
    for need in call.needs:
        has = skills.get(need.skill, 0)
        if has < need.level:
            enough = (call.waiting_since + s.after_for for s in need.relaxations if s.level <= has)
            moments.append(next(enough, call.waiting_since))
    return max(moments)


def next_relaxation(call: Call | WorkItem, at: float) -> float | None:
    """The next moment at which the call is content with less."""
    moments = [call.waiting_since + step.after_for for need in call.needs for step in need.relaxations]
    return min((moment for moment in moments if moment > at), default=None)


@dataclass(eq=False, slots=True)
class Crew:
    queues: frozenset[QueueId]
    skills: dict[str, int]
    bench: list[Place] = field(default_factory=list)
    members: list[OperatorId] = field(default_factory=list)
    halls: "list[Hall]" = field(default_factory=list)

    def fits(self, levels: Levels) -> bool:
        """Whether these operators have every needed skill at its level."""
        return all(self.skills.get(skill, 0) >= level for skill, level in levels)


@dataclass(eq=False, slots=True)
class Lane:
    queue: QueueId
    crews: frozenset[Crew]
    benches: tuple[list[Place], ...]
    calls: list[Rank] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Hall:
    """One queue: its crews, its lanes, everybody in line (also those being offered)."""

    id: QueueId
    crews: list[Crew] = field(default_factory=list)
    lanes: dict[Levels, Lane] = field(default_factory=dict)
    busy_lanes: dict[Levels, Lane] = field(default_factory=dict)
    line: list[Rank] = field(default_factory=list)
    unoffered: int = 0
    """Callers whom nobody is being called for; places of work items are not counted."""
    absent: int = 0
    """Places of work items in `line`."""
    staffed: int = 0
    nobody_since: float = 0.0
    """When the last of its operators logged out or became unreachable; meaningless while `staffed`."""

    def lane(self, levels: Levels) -> Lane:
        """The lane for these needs, made at its first use."""
        found = self.lanes.get(levels)
        if found is None:
            crews = [crew for crew in self.crews if crew.fits(levels)]
            found = Lane(self.id, frozenset(crews), tuple(crew.bench for crew in crews))
            self.lanes[levels] = found
        return found


@dataclass(slots=True)
class Slot:
    """Where a call stands in the index."""

    hall: Hall
    rank: Rank
    levels: Levels | None = None
    reserved_for: OperatorId | None = None
    present: bool = True


class Index:
    """Follows the state after each fact by `place_call` and `place_operator`."""

    def __init__(self, settings: CenterSettings, state: State, at: float) -> None:
        self.halls: dict[QueueId, Hall] = {queue: Hall(queue) for queue in settings.queues}
        self.crew_of: dict[OperatorId, Crew] = {}
        self.reserved: dict[OperatorId, list[Rank]] = {}
        self.waiting = 0
        self._slots: dict[CallId, Slot] = {}
        self._on_bench: dict[OperatorId, Place] = {}
        self._staffing: set[OperatorId] = set()
        self._form_crews(settings)
        for operator in state.operators.values():
            self._note_absence(operator)
            self.place_operator(operator)
        for call in state.calls.values():
            self.place_call(call.id, call, at)

    def _form_crews(self, settings: CenterSettings) -> None:
        crews: dict[tuple[frozenset[QueueId], frozenset[tuple[str, int]]], Crew] = {}
        for operator in settings.operators.values():
            queues = frozenset(operator.queues & self.halls.keys())
            key = (queues, frozenset(operator.skills.items()))
            if key not in crews:
                crews[key] = Crew(queues, dict(operator.skills))
                crews[key].halls = [self.halls[queue] for queue in sorted(queues)]
                for hall in crews[key].halls:
                    hall.crews.append(crews[key])
            crews[key].members.append(operator.id)
            self.crew_of[operator.id] = crews[key]

    def place_operator(self, operator: Operator) -> bool:
        """Put the operator on the bench or take them off; True if they came to it just now."""
        crew = self.crew_of.get(operator.id)
        if crew is None:
            return False
        self._note_staffing(operator, crew)
        old = self._on_bench.get(operator.id)
        new = (operator.idle_since, operator.id) if operator.ready else None
        if old == new:
            return False
        if old is not None:
            del crew.bench[bisect_left(crew.bench, old)]
            del self._on_bench[operator.id]
        if new is not None:
            insort(crew.bench, new)
            self._on_bench[operator.id] = new
        return new is not None

    def _note_staffing(self, operator: Operator, crew: Crew) -> None:
        if operator.staffing == (operator.id in self._staffing):
            return
        step = 1 if operator.staffing else -1
        (self._staffing.add if step > 0 else self._staffing.discard)(operator.id)
        for hall in crew.halls:
            hall.staffed += step
            hall.nobody_since = max(hall.nobody_since, operator.gone_at)

    def _note_absence(self, operator: Operator) -> None:
        for hall in self.crew_of[operator.id].halls if operator.id in self.crew_of else ():
            hall.nobody_since = max(hall.nobody_since, operator.gone_at)

    def place_call(self, call_id: CallId, call: Call | None, at: float) -> bool:
        """Move the call where its state and wait put it; True if it can be offered in a new way now."""
        old = self._slots.get(call_id)
        new = self._slot_for(call, at) if call is not None else None
        if old == new:
            return False
        if old is not None:
            self._take_out(call_id, old)
        if new is None:
            return False
        self._put_in(call_id, new)
        return new.levels is not None or new.reserved_for is not None

    def _slot_for(self, call: Call, at: float) -> Slot | None:
        hall = self.halls.get(call.queue)
        if hall is None or isinstance(call.state, InTalk):
            return None
        if not isinstance(call.state, Waiting):
            return Slot(hall, call.rank, present=call.present)
        if call.reserved_until is not None:
            return Slot(hall, call.rank, None, call.last_operator)
        return Slot(hall, call.rank, levels_of(call.needs, call.waiting_since, at), present=call.present)

    def _put_in(self, call_id: CallId, slot: Slot) -> None:
        self._slots[call_id] = slot
        insort(slot.hall.line, slot.rank)
        slot.hall.absent += not slot.present
        if slot.levels is not None:
            lane = slot.hall.lane(slot.levels)
            insort(lane.calls, slot.rank)
            slot.hall.busy_lanes[slot.levels] = lane
        elif slot.reserved_for is not None:
            insort(self.reserved.setdefault(slot.reserved_for, []), slot.rank)
        else:
            return
        slot.hall.unoffered += slot.present
        self.waiting += 1

    def _take_out(self, call_id: CallId, slot: Slot) -> None:
        del self._slots[call_id]
        _remove(slot.hall.line, slot.rank)
        slot.hall.absent -= not slot.present
        if slot.levels is not None:
            lane = slot.hall.lane(slot.levels)
            _remove(lane.calls, slot.rank)
            if not lane.calls:
                del slot.hall.busy_lanes[slot.levels]
        elif slot.reserved_for is not None:
            _remove(self.reserved[slot.reserved_for], slot.rank)
            if not self.reserved[slot.reserved_for]:
                del self.reserved[slot.reserved_for]
        else:
            return
        slot.hall.unoffered -= slot.present
        self.waiting -= 1

    def is_ready(self, operator: OperatorId) -> bool:
        return operator in self._on_bench

    def is_staffed(self, operator: OperatorId) -> bool:
        return operator in self._staffing

    def best_call(self, operator: OperatorId) -> Rank | None:
        """The waiting call with the best rank that this operator may take; they need not be ready."""
        crew = self.crew_of.get(operator)
        if crew is None:
            return None
        heads = (
            lane.calls[0] for hall in crew.halls for lane in hall.busy_lanes.values() if crew in lane.crews
        )
        best = min(heads, default=None)
        mine = self.reserved.get(operator)
        return mine[0] if mine and (best is None or mine[0] < best) else best

    def benches_for(self, call: CallId) -> Iterator[list[Place]]:
        """The benches with somebody on them who may take this waiting call; none while it is reserved."""
        slot = self._slots.get(call)
        if slot is not None and slot.levels is not None:
            for bench in slot.hall.lane(slot.levels).benches:
                if bench:
                    yield bench

    def fits(self, call: CallId, operator: OperatorId) -> bool:
        """Whether this operator may take this waiting call now, ready or not."""
        slot = self._slots.get(call)
        if slot is None or slot.levels is None:
            return slot is not None and slot.reserved_for == operator
        return self.crew_of.get(operator) in slot.hall.lane(slot.levels).crews

    def reserved_for(self, operator: OperatorId) -> Iterable[CallId]:
        """Calls that wait for this operator only."""
        return [rank[3] for rank in self.reserved.get(operator, ())]

    def position(self, call: CallId) -> int | None:
        """1 is next in its queue; None if it stands in no line."""
        slot = self._slots.get(call)
        return None if slot is None else bisect_left(slot.hall.line, slot.rank) + 1


def _remove(ranks: list[Rank], rank: Rank) -> None:
    place = bisect_left(ranks, rank)
    assert ranks[place] == rank
    del ranks[place]
