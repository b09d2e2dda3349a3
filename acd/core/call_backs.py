"""Calling customers: who may be called when, and what comes of it."""

from bisect import bisect_right

from acd.core import commands as c
from acd.core import facts as f
from acd.core import work_facts as w
from acd.core.desk import Desk
from acd.core.evolve_work import DIALS_KEPT_FOR
from acd.core.state import Call, InTalk
from acd.core.words import CallId, LeaveReason, OperatorId, QueueId
from acd.core.work import RETRY_AFTER, CallBackRules, Reach, WorkEnd, WorkKind, call_of, work_of
from acd.core.work_endings import (
    break_if_late,
    close,
    current,
    end_hold,
    let_go,
    raise_if_urgent,
    step_aside,
)
from acd.core.work_events import CustomerCalled, CustomerConfirmed
from acd.core.work_index import Spot
from acd.core.work_state import Confirmed, Open, Standing, WorkItem

ASK_FOR = 45.0
"""Seconds beyond the ringing in which the customer must have said whether the call is wanted."""
_ENDS = {Reach.WRONG_PERSON: WorkEnd.WRONG_PERSON, Reach.FORBIDDEN: WorkEnd.FORBIDDEN}


def next_allowed(rules: CallBackRules, at: float) -> float | None:
    """`at`, or the next moment at which customers may be called; None: there is none."""
    return at if rules.times is None else rules.times.next_allowed(at)


def is_allowed(rules: CallBackRules, at: float) -> bool:
    """Whether customers may be called at `at`, the hourly limit aside."""
    return rules.times is None or rules.times.allows(at)


def lately(desk: Desk, queue: QueueId) -> tuple[int, float | None]:
    """How many customers were called for this queue in the last hour, and when the first of them."""
    dials = desk.state.dials.get(queue, ())
    first = bisect_right(dials, desk.at, key=lambda at: at + DIALS_KEPT_FOR)
    return len(dials) - first, dials[first] if first < len(dials) else None


def left_by_limit(desk: Desk, queue: QueueId) -> int:
    """So many more customers may be called now."""
    under_way = desk.work.room(queue).count(Spot.CALL_BACK_IN_LINE)
    return desk.queue(queue).call_back.hourly_limit - lately(desk, queue)[0] - under_way


def dial(desk: Desk, item: WorkItem) -> None:
    """Have the customer called."""
    call = call_of(item.id, item.turn + 1)
    rings_until = desk.at + desk.queue(item.queue).call_back.ring_for
    until = rings_until + ASK_FOR
    desk.say(w.CustomerDialled(at=desk.at, work=item.id, call=call, attempt=item.tries + 1, until=until))
    desk.ask(
        c.DialCustomer(
            work=item.id,
            call=call,
            queue=item.queue,
            number=item.caller,
            line=item.line,
            language=item.language,
            until=rings_until,
        )
    )


def hold(desk: Desk, item: WorkItem, operator: OperatorId) -> None:
    """Keep the operator free for the customer who is being called."""
    until = desk.at + desk.queue(item.queue).call_back.hold_for
    desk.say(w.OperatorHeld(at=desk.at, operator=operator, work=item.id, until=until))


def on_confirmed(desk: Desk, item: WorkItem, event: CustomerConfirmed) -> None:
    """The customer waits in the kept place; whoever was held is free to be offered it."""
    end_hold(desk, item, "the customer is there")
    if item.queue not in desk.settings.queues:
        tried(desk, item, event.call, Reach.FAILED)
        desk.ask(c.StopDialling(work=item.id, call=event.call))
        return
    desk.say(w.CustomerWaits(at=desk.at, work=item.id, call=event.call))
    enter(desk, item, event.call, present=True)


def enter(desk: Desk, item: WorkItem, call: CallId, *, present: bool) -> None:
    """Put the item, or its customer, in its place in line."""
    desk.say(
        f.CallEntered(
            at=desk.at,
            call=call,
            queue=item.queue,
            caller=item.caller,
            line=item.line,
            priority=item.priority,
            needs=item.needs,
            waiting_since=item.waiting_since,
            forecast=desk.estimator.forecast(item.queue, desk.at) if present else None,
            work=item.id,
            present=present,
        )
    )


def goes_on(desk: Desk, item: WorkItem, call: CallId) -> bool:
    """Whether this is the newest attempt and nothing is known of it; by hand there may be several."""
    if not item.turn or call != call_of(item.id, item.turn):
        return False
    found = desk.state.calls.get(call)
    return not item.turn_over or (item.hand and found is not None and isinstance(found.state, InTalk))


def on_called(desk: Desk, item: WorkItem, event: CustomerCalled) -> None:
    """Note what became of the attempt, and what follows."""
    talked_for = event.talked_for if 0 <= event.talked_for <= desk.at - item.made_at else 0.0
    tried(desk, item, event.call, event.reach, talked_for)


def tried(desk: Desk, item: WorkItem, call: CallId, reach: Reach, talked_for: float = 0.0) -> None:
    """An attempt is over: the promise is kept or ends, it is tried again later, or an operator decides."""
    end_hold(desk, item, f"the customer: {reach}")
    if isinstance(item.hold, Standing) and not item.hand:
        step_aside(desk, item)
    next_at = _next_try_at(desk, item, reach)
    desk.say(
        w.CustomerTried(
            at=desk.at,
            work=item.id,
            call=call,
            attempt=item.tries + 1,
            reach=reach,
            talked_for=talked_for,
            next_at=next_at,
        )
    )
    _follow_up(desk, current(desk, item), reach, talked_for, next_at)


def _follow_up(desk: Desk, item: WorkItem, reach: Reach, talked_for: float, next_at: float | None) -> None:
    if reach in _ENDS and item.promise is WorkKind.CALL_BACK:
        close(desk, item, _ENDS[reach], operator=item.last_operator)
    elif item.hand:
        return
    elif reach is Reach.TALKED:
        began_at = desk.at - talked_for
        close(desk, item, WorkEnd.CALLED_BACK, operator=item.last_operator, began_at=began_at)
    else:
        break_if_late(desk, item)
        if next_at is None:
            desk.say(w.WorkByHand(at=desk.at, work=item.id, why=f"not reached in {item.tries} attempts"))
            raise_if_urgent(desk, current(desk, item))


def _next_try_at(desk: Desk, item: WorkItem, reach: Reach) -> float | None:
    rules = desk.queue(item.queue).call_back
    waits = rules.retry_after.get(reach) or RETRY_AFTER.get(reach, ())
    if item.hand or not waits or item.tries + 1 >= rules.attempts:
        return None
    times = dict(item.reaches).get(reach, 0)
    return next_allowed(rules, desk.at + waits[min(times, len(waits) - 1)])


def on_customer_left(desk: Desk, call: Call, reason: LeaveReason) -> None:
    """A customer leaves the queue without an operator: one who had been called, or who had called in."""
    item = None if call.work is None else desk.state.work.get(call.work)
    if item is None:
        return
    if isinstance(item.hold, Open) and work_of(call.id) is None:
        let_go(desk, item, "its caller left", not_before=item.not_before)
    elif isinstance(item.hold, Confirmed) and item.hold.call == call.id:
        by_customer = reason in (LeaveReason.HUNG_UP, LeaveReason.CHOSE_TO_LEAVE)
        tried(desk, item, call.id, Reach.GAVE_UP if by_customer else Reach.FAILED)
