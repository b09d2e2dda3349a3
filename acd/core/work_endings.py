"""How a work item ends, or comes again: closed, let go, taken out of its queue."""

from acd.core import commands as c
from acd.core import facts as f
from acd.core import work_facts as w
from acd.core.desk import Desk
from acd.core.leaving import take_out
from acd.core.state import Call, Held, InTalk
from acd.core.words import LeaveReason, OperatorId
from acd.core.work import KEEPING, Reach, WorkEnd, WorkKind
from acd.core.work_deadlines import in_hand
from acd.core.work_state import CallerHere, Confirmed, Dialling, Forwarded, Standing, WorkItem


def current(desk: Desk, item: WorkItem) -> WorkItem:
    """The item as it is now."""
    return desk.state.work[item.id]


def step_aside(desk: Desk, item: WorkItem) -> None:
    """The item's place leaves its queue, nobody is offered it, its customer is called no more.

    A customer or caller on the line stays, and so does an operator who deals with it.
    """
    match item.hold:
        case Standing(call=call_id):
            call = desk.state.calls.get(call_id)
            if call is not None and not isinstance(call.state, InTalk):
                take_out(desk, call, LeaveReason.PUT_OFF)
        case Dialling(call=call_id):
            desk.ask(c.StopDialling(work=item.id, call=call_id))
            end_hold(desk, item, "the customer is called no more")
        case _:
            pass


def end_hold(desk: Desk, item: WorkItem, why: str) -> None:
    """Let go of the operator who is held for the item's customer, if there is one."""
    hold = current(desk, item).hold
    if isinstance(hold, Dialling) and hold.holder is not None:
        desk.say(w.HoldEnded(at=desk.at, operator=hold.holder, work=item.id, why=why))


def release(desk: Desk, operator: OperatorId, why: str) -> None:
    """The operator is held no longer, if they are."""
    activity = desk.state.operator(operator).activity
    if isinstance(activity, Held):
        desk.say(w.HoldEnded(at=desk.at, operator=operator, work=activity.work, why=why))


def close(
    desk: Desk,
    item: WorkItem,
    end: WorkEnd,
    *,
    operator: OperatorId | None = None,
    topic: str = "",
    by: str = "",
    began_at: float | None = None,
) -> None:
    """The end. `began_at`: of the talk that keeps the promise; None: now."""
    step_aside(desk, item)
    if (desk.at if began_at is None else began_at) > item.due_at:
        break_promise(desk, current(desk, item))
    desk.say(
        w.WorkClosed(
            at=desk.at,
            work=item.id,
            queue=item.queue,
            promise=item.promise,
            end=end,
            kept=end in KEEPING and not current(desk, item).broken,
            operator=operator,
            topic=topic,
            by=by,
        )
    )


def break_promise(desk: Desk, item: WorkItem) -> None:
    """Say that its time has run out, once."""
    if not item.broken:
        desk.say(w.WorkBroken(at=desk.at, work=item.id, queue=item.queue))


def break_if_late(desk: Desk, item: WorkItem) -> None:
    """No operator deals with it on the phone any more: what was waited for until now is said."""
    now = current(desk, item)
    if desk.at >= now.due_at and not in_hand(desk, now):
        break_promise(desk, now)


def let_go(
    desk: Desk,
    item: WorkItem,
    why: str,
    *,
    operator: OperatorId | None = None,
    not_before: float | None = None,
) -> None:
    """It comes again, from `not_before` on (None: now), but not before its own time."""
    again_at = max(item.not_before, desk.at if not_before is None else not_before)
    desk.say(w.WorkLetGo(at=desk.at, work=item.id, operator=operator, not_before=again_at, why=why))
    break_if_late(desk, item)


def got_through(desk: Desk, call: Call, operator: OperatorId) -> None:
    """A caller talks to an operator: what was promised to this number has come true.

    That is its call-backs of this queue, and its voicemail of any queue: the person can say it now. What a
    department has stays: somebody there is at work on it.
    """
    for work in desk.work.of_number(call.caller):
        item = desk.state.work[work]
        meant = item.queue == call.queue or item.promise is WorkKind.VOICEMAIL
        if meant and not isinstance(item.hold, Forwarded):
            called = isinstance(item.hold, Confirmed) and item.hold.call == call.id
            _kept_by_talk(desk, item, call, operator, called=called)


def _kept_by_talk(desk: Desk, item: WorkItem, call: Call, operator: OperatorId, *, called: bool) -> None:
    if called:
        note_talk(desk, item, call)
    close(desk, item, WorkEnd.CALLED_BACK if called else WorkEnd.GOT_THROUGH, operator=operator)


def note_talk(desk: Desk, item: WorkItem, call: Call) -> None:
    """The customer who was called first talks to an operator."""
    tried = w.CustomerTried(
        at=desk.at, work=item.id, call=call.id, attempt=item.tries + 1, reach=Reach.TALKED
    )
    desk.say(tried)


def heal(desk: Desk) -> None:
    """Items whose call does not exist wait again: a journal that was cut off in the middle of a step."""
    for item in list(desk.state.work.values()):
        held = isinstance(item.hold, Standing | CallerHere | Confirmed)
        if held and item.call not in desk.state.calls:
            desk.say(f.StateHealed(at=desk.at, what=f"the work item {item.id} had lost its call"))
            let_go(desk, item, "its call is gone")
    for operator in list(desk.state.operators.values()):
        activity = operator.activity
        held_for = desk.state.work.get(activity.work) if isinstance(activity, Held) else None
        if isinstance(activity, Held) and not (held_for and isinstance(held_for.hold, Dialling)):
            release(desk, operator.id, "nobody is called any more")


def raise_if_urgent(desk: Desk, item: WorkItem) -> None:
    """Say that a voicemail or an item by hand goes before others from now on, if its time runs out."""
    rules = desk.queue(item.queue).work
    if item.hand and item.priority < rules.urgent_priority and desk.at >= item.due_at - rules.urgent_for:
        desk.say(w.WorkRaised(at=desk.at, work=item.id, priority=rules.urgent_priority))
