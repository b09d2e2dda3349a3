"""Customer first: customers are called when an operator is free, or is expected to be, as they answer.

The expectation is plain: a wrap-up ends when it ends, a talk when it is as old as a mean one of its queue.
One that has outlasted the mean is given half a mean more, again and again.
"""

from bisect import bisect_left

from acd.core.call_backs import dial, hold, is_allowed, left_by_limit
from acd.core.desk import Desk
from acd.core.index import Hall, Lane, levels_of
from acd.core.metrics import BUCKET_FOR
from acd.core.settings import QueueSettings
from acd.core.state import Operator, Rank, Talking, WrapUp
from acd.core.timers import Due
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work import CallBackMode
from acd.core.work_deadlines import LOOK_EVERY, next_look
from acd.core.work_index import Spot
from acd.core.work_state import Dialling, WorkItem

USUAL_TALK_FOR = 180.0
"""Of a queue in which nobody has talked lately."""
LEARNT_OVER = 8 * BUCKET_FOR
"""The mean talk is that of the last two hours."""


def rank_in_line(item: WorkItem) -> Rank:
    """Where it stands among calls: before a call with the same priority and the same wait."""
    return (-item.priority, item.waiting_since, 0, CallId(""))


def _lane(desk: Desk, hall: Hall, item: WorkItem) -> Lane:
    return hall.lane(levels_of(item.needs, item.waiting_since, desk.at))


def serve_idle(desk: Desk, queue: QueueId) -> None:
    """Hold idle operators for customers who are being called, and call customers for idle operators.

    Only where the customer goes before every call that the operator could take.
    """
    rules, hall = desk.settings.queues.get(queue), desk.index.halls.get(queue)
    if rules is None or hall is None or rules.call_back.mode is not CallBackMode.CUSTOMER_FIRST:
        return
    if any(crew.bench for crew in hall.crews):
        _hold_for_dialled(desk, hall, rules)
        _dial_for_idle(desk, hall, rules)


def _hold_for_dialled(desk: Desk, hall: Hall, rules: QueueSettings) -> None:
    for work in desk.work.room(rules.id).ids(Spot.DIALLING) if rules.call_back.hold_for > 0 else ():
        item = desk.state.work[work]
        if isinstance(item.hold, Dialling) and not item.hold.was_held:
            operator = _idle_for(desk, hall, item)
            if operator is not None:
                hold(desk, item, operator)


def _dial_for_idle(desk: Desk, hall: Hall, rules: QueueSettings) -> None:
    room = desk.work.room(rules.id)
    for work in room.ids(Spot.CALL_BACK):
        if not any(crew.bench for crew in hall.crews):
            return
        item = desk.state.work[work]
        operator = _idle_for(desk, hall, item)
        if operator is None or left_by_limit(desk, rules.id) <= 0:
            continue
        if rules.call_back.hold_for > 0:
            dial(desk, item)
            hold(desk, desk.state.work[work], operator)
        elif room.count(Spot.DIALLING) < sum(map(len, _lane(desk, hall, item).benches)):
            dial(desk, item)


def _idle_for(desk: Desk, hall: Hall, item: WorkItem) -> OperatorId | None:
    """The operator idle longest among those who fit and have no better call to take."""
    rank = rank_in_line(item)
    free = []
    for bench in _lane(desk, hall, item).benches:
        for place in bench:
            best = desk.index.best_call(place[1])
            if best is None or rank < best:
                free.append(place)
                break
    return min(free)[1] if free else None


def look_ahead(desk: Desk, queue: QueueId) -> None:
    """On the grid of moments: call the customers whose operator is expected within the lead.

    Where several moments have passed at once only the last one counts: what might have been is not made up.
    """
    if desk.at + LOOK_EVERY <= desk.target:
        desk.set_room_deadline(Due.WORK_AHEAD, queue, desk.target // LOOK_EVERY * LOOK_EVERY)
        return
    desk.set_room_deadline(Due.WORK_AHEAD, queue, next_look(desk.at))
    rules, hall = desk.settings.queues.get(queue), desk.index.halls.get(queue)
    if rules is not None and hall is not None and is_allowed(rules.call_back, desk.at):
        _dial_ahead(desk, hall, rules)


def _dial_ahead(desk: Desk, hall: Hall, rules: QueueSettings) -> None:
    room = desk.work.room(rules.id)
    soon: dict[int, int] = {}
    for work in room.ids(Spot.CALL_BACK):
        item = desk.state.work[work]
        lane = _lane(desk, hall, item)
        if id(lane) not in soon:
            soon[id(lane)] = _free_soon(desk, lane, rules.call_back.lead_for)
        under_way = sum(1 for each in room.ids(Spot.DIALLING) if not _is_held_for(desk.state.work[each]))
        if left_by_limit(desk, rules.id) <= 0 or under_way + _ahead(hall, item) >= soon[id(lane)]:
            return
        dial(desk, item)


def _is_held_for(item: WorkItem) -> bool:
    return isinstance(item.hold, Dialling) and item.hold.holder is not None


def _ahead(hall: Hall, item: WorkItem) -> int:
    """Calls in line that go before it and that nobody has been offered."""
    rank = rank_in_line(item)
    return sum(bisect_left(lane.calls, rank) for lane in hall.busy_lanes.values())


def _free_soon(desk: Desk, lane: Lane, within: float) -> int:
    """So many fitting operators are free or expected to be within so many seconds."""
    means: dict[QueueId, float] = {}
    operators = (desk.state.operators.get(each) for crew in lane.crews for each in crew.members)
    moments = (_free_at(desk, each, means) for each in operators if each is not None)
    return sum(moment is not None and moment <= desk.at + within for moment in moments)


def _free_at(desk: Desk, operator: Operator, means: dict[QueueId, float]) -> float | None:
    """When the operator is expected to be free; None: cannot be said, or goes away then."""
    if operator.ready:
        return desk.at
    if operator.next_status is not None or not operator.reachable:
        return None
    match operator.activity:
        case WrapUp(until=until):
            return until
        case Talking(offer=offer):
            live = desk.state.offers[offer]
            if live.queue not in means:
                means[live.queue] = _mean_talk(desk, live.queue)
            since = desk.at if live.talking_at is None else live.talking_at
            talk_for = _expected_talk(desk.at - since, means[live.queue])
            return since + talk_for + desk.queue(live.queue).wrap_up_for
        case _:
            return None


def _expected_talk(age: float, mean: float) -> float:
    """The whole length of a talk that is `age` seconds old."""
    if age < mean:
        return mean
    return mean + mean / 2 * ((age - mean) // (mean / 2) + 1)


def _mean_talk(desk: Desk, queue: QueueId) -> float:
    tally = desk.figures.queue(queue, desk.at - LEARNT_OVER)
    return max(1.0, tally.talk_for / tally.completed) if tally.completed else USUAL_TALK_FOR
