"""Whose turn it is: which work items stand in their queue now, and which are put off.

`balance` comes to rest: looked at again with nothing changed, it does nothing.
"""

from heapq import merge
from itertools import islice

from acd.core.call_backs import enter, is_allowed, lately, left_by_limit, next_allowed
from acd.core.desk import Desk
from acd.core.evolve_work import DIALS_KEPT_FOR
from acd.core.settings import QueueSettings
from acd.core.state import Waiting
from acd.core.timers import Due
from acd.core.words import QueueId
from acd.core.work import CallBackMode, WorkRules, call_of
from acd.core.work_ahead import serve_idle
from acd.core.work_endings import let_go, step_aside
from acd.core.work_index import Room, Spot
from acd.core.work_state import WorkItem

LOOK_AGAIN_AFTER = 86400.0
"""Seconds. Where no moment is known at which customers may be called, or no longer, it is looked at then."""


def balance(desk: Desk) -> tuple[QueueId, ...]:
    """Bring every queue whose work changed to rest; those queues."""
    touched: dict[QueueId, None] = {}
    while desk.stale_rooms:
        queue = next(iter(desk.stale_rooms))
        del desk.stale_rooms[queue]
        touched[queue] = None
        if queue in desk.work.rooms:
            _balance(desk, queue, desk.work.rooms[queue])
    return tuple(touched)


def _balance(desk: Desk, queue: QueueId, room: Room) -> None:
    rules = desk.settings.queues.get(queue)
    if rules is None:
        _put_all_off(desk, room)
        return
    if not room.count(Spot.CALL_BACK, Spot.CALL_BACK_IN_LINE):
        pass
    elif not is_allowed(rules.call_back, desk.at):
        _put_off_until_allowed(desk, room, rules)
    elif rules.call_back.mode is CallBackMode.OPERATOR_FIRST:
        _line_up(desk, room, rules)
    else:
        _leave_line(desk, room)
    _share_out(desk, room, rules)
    serve_idle(desk, queue)
    _arm(desk, room, rules)


def _items(desk: Desk, room: Room, *spots: Spot) -> list[WorkItem]:
    return [desk.state.work[work] for work in room.ids(*spots)]


def _put_all_off(desk: Desk, room: Room) -> None:
    """The queue is gone: its items stay open."""
    for item in _items(desk, room, Spot.CALL_BACK_IN_LINE, Spot.HAND_IN_LINE):
        step_aside(desk, item)


def _put_off_until_allowed(desk: Desk, room: Room, rules: QueueSettings) -> None:
    moment = next_allowed(rules.call_back, desk.at)
    again_at = desk.at + LOOK_AGAIN_AFTER if moment is None else moment
    for item in _items(desk, room, Spot.CALL_BACK, Spot.CALL_BACK_IN_LINE):
        step_aside(desk, item)
        let_go(desk, item, "customers may not be called now", not_before=again_at)


def _line_up(desk: Desk, room: Room, rules: QueueSettings) -> None:
    """Call-backs that are due stand in line as far as the hourly limit goes."""
    free = max(0, left_by_limit(desk, rules.id))
    for work in room.ids(Spot.CALL_BACK)[:free]:
        stand(desk, desk.state.work[work])


def stand(desk: Desk, item: WorkItem) -> None:
    """The item takes its place in line."""
    enter(desk, item, call_of(item.id, item.turn + 1), present=False)


def _leave_line(desk: Desk, room: Room) -> None:
    """Customer first: nobody is offered them, the customers are called instead."""
    for item in _items(desk, room, Spot.CALL_BACK_IN_LINE):
        call = desk.state.calls[item.call] if item.call is not None else None
        if call is not None and isinstance(call.state, Waiting):
            step_aside(desk, item)


def most_at_once(rules: WorkRules, logged_in: int) -> int:
    """So many operators may have voicemail and items by hand of a queue at once."""
    return max(1, int(rules.share * logged_in + 1e-9))


def _share_out(desk: Desk, room: Room, rules: QueueSettings) -> None:
    """The best stand in line, as many as operators may have at once; others wait beside it."""
    due, in_line = room.lists[Spot.HAND], room.lists[Spot.HAND_IN_LINE]
    most = most_at_once(rules.work, desk.index.halls[rules.id].staffed)
    free = max(0, most - room.count(Spot.HAND_BUSY))
    if not due and len(in_line) <= free:
        return
    best = set(islice(merge(due, in_line), free))
    leave = [rank for rank in in_line if rank not in best]
    come = [rank for rank in islice(due, free) if rank in best]
    for rank in leave:
        step_aside(desk, desk.state.work[rank[2]])
    for rank in come:
        stand(desk, desk.state.work[rank[2]])


def _arm(desk: Desk, room: Room, rules: QueueSettings) -> None:
    """When the queue's work has to be looked at again though nothing happens."""
    waits = room.count(Spot.CALL_BACK)
    closes_at = room.closes_at
    times = rules.call_back.times
    if times is None or not (waits or room.count(Spot.CALL_BACK_IN_LINE)):
        closes_at = None
    elif closes_at is None:
        closes_at = times.allowed_until(desk.at) or desk.at + LOOK_AGAIN_AFTER
    desk.set_room_deadline(Due.WORK_CLOSING, rules.id, closes_at)
    limited = waits and left_by_limit(desk, rules.id) <= 0
    dialled_at = lately(desk, rules.id)[1] if limited else None
    limited_until = None if dialled_at is None else dialled_at + DIALS_KEPT_FOR
    desk.set_room_deadline(Due.WORK_LIMIT, rules.id, limited_until)
    desk.arm_ahead(rules.id)
