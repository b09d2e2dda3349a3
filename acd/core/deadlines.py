"""What happens when a deadline comes: one function for each kind in `timers.Due`."""

from acd.core import commands as c
from acd.core import facts as f
from acd.core.call_backs import tried
from acd.core.desk import Desk
from acd.core.leaving import leave
from acd.core.offers import end_reservation, free, miss
from acd.core.routing import check_talk_rule
from acd.core.state import Call, Waiting
from acd.core.timers import Due
from acd.core.words import CallId, Cause, LeaveReason, OfferId, OperatorId, QueueId
from acd.core.work import Reach, WorkId
from acd.core.work_ahead import look_ahead
from acd.core.work_endings import break_promise, let_go, raise_if_urgent, release
from acd.core.work_state import Claimed, Dialling, WorkItem


def run_soon(desk: Desk, at: float) -> None:
    """All that frees or opens something up to `at`, each said at its own moment, in order."""
    desk.target = at
    for due_at, due, key in desk.timers.soon_until(at):
        desk.at = max(desk.at, due_at)
        _come_due(desk, due, key)
    desk.at = max(desk.at, at)


def run_leaving(desk: Desk) -> None:
    """Calls that waited too long or for nobody leave; called after routing."""
    for _, due, key in desk.timers.leaving_until(desk.at):
        if due is Due.MAX_WAIT:
            leave(desk, desk.state.calls[CallId(str(key))], LeaveReason.WAITED_TOO_LONG)
        else:
            _leave_all(desk, QueueId(str(key)))


def _come_due(desk: Desk, due: Due, key: str | int) -> None:
    match due:
        case Due.WRAP_UP:
            free(desk, OperatorId(str(key)))
        case Due.SET_ASIDE:
            desk.say(f.SetAsideEnded(at=desk.at, operator=OperatorId(str(key))))
        case Due.RESERVATION:
            _open_to_all(desk, desk.state.calls[CallId(str(key))])
        case Due.RELAXATION:
            desk.follow_call(CallId(str(key)))
        case Due.TALK_RULE:
            check_talk_rule(desk, OfferId(int(key)))
        case Due.RINGING:
            _give_up(desk, OfferId(int(key)), Cause.NO_ANSWER)
        case Due.JOINING:
            _give_up(desk, OfferId(int(key)), Cause.SWITCH_ERROR)
        case Due.WORK_HELD:
            release(desk, OperatorId(str(key)), "held long enough")
        case Due.WORK_CLOSING | Due.WORK_LIMIT:
            desk.set_room_deadline(due, QueueId(str(key)), None)
            desk.stale_rooms[QueueId(str(key))] = None
        case Due.WORK_AHEAD:
            look_ahead(desk, QueueId(str(key)))
        case Due.MAX_WAIT | Due.NOBODY:
            raise AssertionError("kept in the heap of what makes calls leave")
        case _:
            _work_comes_due(desk, due, desk.state.work[WorkId(int(key))])


def _work_comes_due(desk: Desk, due: Due, item: WorkItem) -> None:
    match due:
        case Due.WORK_CLAIM if isinstance(item.hold, Claimed):
            let_go(desk, item, "the claim expired", operator=item.hold.operator)
        case Due.WORK_DIAL if isinstance(item.hold, Dialling):
            desk.ask(c.StopDialling(work=item.id, call=item.hold.call))
            tried(desk, item, item.hold.call, Reach.FAILED)
        case Due.WORK_DUE:
            break_promise(desk, item)
        case Due.WORK_URGENT:
            raise_if_urgent(desk, item)
        case _:
            desk.follow_work(item.id)
            desk.stale_rooms[item.queue] = None


def _open_to_all(desk: Desk, call: Call) -> None:
    if call.last_operator is not None:
        end_reservation(desk, call.id, call.last_operator, "waited long enough for the last operator")


def _give_up(desk: Desk, offer: OfferId, cause: Cause) -> None:
    """The switch did not say in time how the offer ended: the lease is over."""
    live = desk.state.offers[offer]
    miss(desk, live, cause)
    desk.ask(c.WithdrawOffer(offer=offer, operator=live.operator))


def _leave_all(desk: Desk, queue: QueueId) -> None:
    hall = desk.index.halls.get(queue)
    if hall is not None:
        ids = [rank[3] for rank in hall.line]
    else:
        ids = [call.id for call in desk.state.calls.values() if call.queue == queue]
    for call_id in ids:
        call = desk.state.calls[call_id]
        if isinstance(call.state, Waiting) and call.present:
            leave(desk, call, LeaveReason.NOBODY_LOGGED_IN)
