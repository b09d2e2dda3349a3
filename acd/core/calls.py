"""What happens to a call: it enters, moves, leaves."""

from acd.core import commands as c
from acd.core import events as e
from acd.core import facts as f
from acd.core import work_facts as w
from acd.core.desk import Desk
from acd.core.index import Levels, levels_of
from acd.core.leaving import leave, take_out
from acd.core.offers import complete
from acd.core.routing import best_operator
from acd.core.settings import QueueSettings
from acd.core.state import Answered, Call, Idle, InTalk, Offered, Place, Waiting
from acd.core.transitions import CALL_STEPS, Act, CallStage
from acd.core.words import CallId, Ended, LeaveReason, OperatorId
from acd.core.work import WorkKind
from acd.core.work_endings import step_aside
from acd.core.work_state import CallerHere, Confirmed, Dialling, Forwarded, Open, Standing, WorkItem

CallNews = e.CallQueued | e.CallerHungUp | e.CallTakenBack


def call_stage(call: Call | None) -> CallStage:
    """Where the call stands; UNKNOWN also for one that is gone."""
    match call.state if call else None:
        case None:
            return CallStage.UNKNOWN
        case Waiting():
            return CallStage.WAITING
        case Offered():
            return CallStage.OFFERED
        case Answered():
            return CallStage.ANSWERED
        case InTalk():
            return CallStage.TALKING


def on_call_event(desk: Desk, event: CallNews) -> None:
    """Do what the table says for the call's stage."""
    call = desk.state.calls.get(event.call)
    if call is not None and not call.present:
        desk.ignore(event, f"call {event.call}", "it is the place of a work item")
        return
    step = CALL_STEPS[call_stage(call), type(event)]
    match step.act:
        case Act.ENTER | Act.MOVE if isinstance(event, e.CallQueued):
            _enter_or_move(desk, event, call)
        case Act.LEAVE | Act.WITHDRAW if call is not None:
            take_out(desk, call, _reason(event))
        case Act.COMPLETE if call is not None and isinstance(call.state, InTalk):
            complete(desk, call.state.offer, Ended.CALLER)
        case _:
            desk.ignore(event, f"call {event.call}", step.why)


def _reason(event: CallNews) -> LeaveReason:
    return event.reason if isinstance(event, e.CallTakenBack) else LeaveReason.HUNG_UP


def _enter_or_move(desk: Desk, event: e.CallQueued, call: Call | None) -> None:
    rules = desk.settings.queues.get(event.queue)
    if call is not None and call.queue == event.queue:
        desk.ignore(event, f"call {event.call}", "it is in this queue already")
    elif rules is None:
        desk.ignore(event, f"call {event.call}", f"there is no queue {event.queue}")
        if call is None:
            desk.ask(c.ReleaseCall(call=event.call, queue=event.queue, reason=LeaveReason.NOBODY_LOGGED_IN))
    else:
        if call is not None:
            take_out(desk, call, LeaveReason.CHOSE_TO_LEAVE)
        _enter(desk, event, rules)


def _enter(desk: Desk, event: e.CallQueued, rules: QueueSettings) -> None:
    promised = _promised(desk, event)
    item = promised if promised is not None and _comes_back(desk, promised) else None
    if item is not None:
        step_aside(desk, item)
    place = _kept_place(desk, event, rules)
    last = _last_operator(desk, event, rules)
    needs = (*rules.needs, *(need for need in event.needs if need not in rules.needs))
    since = min([desk.at, *(each.waiting_since for each in (place, promised) if each is not None)])
    priority = rules.priority if event.priority is None else event.priority
    desk.say(
        f.CallEntered(
            at=desk.at,
            call=event.call,
            queue=event.queue,
            caller=event.caller,
            line=event.line,
            priority=max(priority, item.priority) if item else priority,
            needs=needs,
            waiting_since=since,
            last_operator=last,
            reserved_until=_reserved_until(desk, last, rules, levels_of(needs, since, desk.at)),
            place_of=place.call if place else None,
            forecast=desk.estimator.forecast(event.queue, desk.at),
            work=item.id if item else None,
        )
    )
    if item is not None:
        desk.say(w.CallerReturned(at=desk.at, work=item.id, call=event.call))
        return
    _refuse_if_full(desk, event.call, rules)


def _refuse_if_full(desk: Desk, call_id: CallId, rules: QueueSettings) -> None:
    """The newcomer leaves if the queue was full before and nobody is free for it."""
    call = desk.state.calls[call_id]
    waiting = desk.index.halls[rules.id].unoffered - 1
    if rules.max_waiting is not None and waiting >= rules.max_waiting and best_operator(desk, call) is None:
        leave(desk, call, LeaveReason.QUEUE_FULL)


def _promised(desk: Desk, event: e.CallQueued) -> WorkItem | None:
    """The open call-back of this caller in this queue, whose place the caller gets."""
    for work in desk.work.of_number(event.caller):
        item = desk.state.work[work]
        mine = item.promise is WorkKind.CALL_BACK and item.queue == event.queue
        if mine and not isinstance(item.hold, CallerHere | Confirmed | Forwarded):
            return item
    return None


def _comes_back(desk: Desk, item: WorkItem) -> bool:
    """Whether the caller's call takes the item's place in line; not from an operator who has it."""
    if isinstance(item.hold, Standing):
        return not isinstance(desk.state.calls[item.hold.call].state, InTalk)
    return isinstance(item.hold, Open | Dialling)


def _kept_place(desk: Desk, event: e.CallQueued, rules: QueueSettings) -> Place | None:
    place = desk.state.places.get((event.caller, event.queue)) if event.caller else None
    if place is None or desk.at > place.until or rules.keep_place_for <= 0:
        return None
    return place


def _last_operator(desk: Desk, event: e.CallQueued, rules: QueueSettings) -> OperatorId | None:
    talk = desk.state.last_talks.get((event.caller, event.queue)) if event.caller else None
    if talk is None or desk.at > talk.until or rules.last_operator_for <= 0:
        return None
    return talk.operator


def _reserved_until(
    desk: Desk, last: OperatorId | None, rules: QueueSettings, levels: Levels
) -> float | None:
    """Until when the call waits for its last operator: busy now, staying, and fitting."""
    crew = desk.index.crew_of.get(last) if last is not None else None
    if last is None or crew is None or rules.wait_for_last_operator_for <= 0:
        return None
    operator = desk.state.operator(last)
    busy = operator.reachable and not isinstance(operator.activity, Idle) and operator.next_status is None
    fits = rules.id in crew.queues and crew.fits(levels)
    return desk.at + rules.wait_for_last_operator_for if busy and fits else None
