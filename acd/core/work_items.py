"""What happens to work items: claimed, passed on, handed back, done; and what follows from talks."""

from acd.core import facts as f
from acd.core import work_events as v
from acd.core import work_facts as w
from acd.core.call_backs import goes_on, on_called, on_confirmed, on_customer_left
from acd.core.commands import StopDialling
from acd.core.desk import Desk
from acd.core.errors import RefusalCode
from acd.core.promising import on_promised
from acd.core.state import Call
from acd.core.words import OperatorId
from acd.core.work import WorkEnd, WorkId, WorkKind
from acd.core.work_asked import asked_for, refuse
from acd.core.work_endings import break_if_late, close, got_through, let_go, step_aside
from acd.core.work_stage import is_own, operator_of, work_stage
from acd.core.work_state import Confirmed, Dialling, Forwarded, Standing, WorkItem
from acd.core.work_steps import WORK_STEPS, WorkAct, WorkStep

Settling = v.WorkClaimed | v.ClaimGivenBack | v.WorkPassedOn | v.WorkHandedBack | v.WorkDone | v.WorkCalledOff
News = v.TranscriptCame | v.NoteSpoken | v.CustomerConfirmed | v.CustomerCalled


def on_work_event(desk: Desk, event: v.WorkEvent) -> None:
    """Do what the table says for the item's stage, ignore or refuse."""
    if isinstance(event, v.WorkPromised):
        on_promised(desk, event)
        return
    operator: OperatorId | None = getattr(event, "operator", None)
    if operator is not None and operator not in desk.settings.operators:
        refuse(desk, RefusalCode.UNKNOWN_OPERATOR, operator)
    elif isinstance(event, v.WorkAskedFor):
        asked_for(desk, event)
    else:
        item = desk.state.work.get(event.work)
        step = WORK_STEPS[work_stage(desk.state, item), type(event)]
        if isinstance(event, News):
            _on_news(desk, event, item, step)
        elif item is None or step.act is WorkAct.REFUSE:
            refuse(desk, step.refusal or RefusalCode.UNKNOWN_WORK, operator)
        else:
            _settle(desk, event, item, step)


def _on_news(desk: Desk, event: News, item: WorkItem | None, step: WorkStep) -> None:
    match event:
        case v.TranscriptCame():
            _note_text(desk, event, item)
        case v.NoteSpoken():
            _add_note(desk, event, item, step)
        case v.CustomerConfirmed() | v.CustomerCalled() if item and item.hold == Confirmed(event.call):
            desk.ignore(event, f"work item {event.work}", "the customer waits already")
        case v.CustomerConfirmed() if item is not None and _is_dialled(item, event):
            on_confirmed(desk, item, event)
        case v.CustomerConfirmed():
            desk.ignore(event, f"work item {event.work}", step.why or "another attempt")
            desk.ask(StopDialling(work=event.work, call=event.call))
        case v.CustomerCalled() if item is not None and goes_on(desk, item, event.call):
            on_called(desk, item, event)
        case v.CustomerCalled():
            desk.ignore(event, f"work item {event.work}", step.why or "the attempt is over")


def _is_dialled(item: WorkItem, event: v.CustomerConfirmed) -> bool:
    return isinstance(item.hold, Dialling) and item.hold.call == event.call


def _note_text(desk: Desk, event: v.TranscriptCame, item: WorkItem | None) -> None:
    """Also for an item settled lately: its text is kept on record."""
    mine = item is not None and any(each.recording == event.recording for each in item.messages)
    if mine or (item is None and event.work in desk.state.closed):
        desk.say(
            w.WorkTranscribed(
                at=desk.at,
                work=event.work,
                recording=event.recording,
                text=event.text,
                confidence=event.confidence,
            )
        )
    else:
        desk.ignore(event, f"work item {event.work}", "it has no such recording")


def _add_note(desk: Desk, event: v.NoteSpoken, item: WorkItem | None, step: WorkStep) -> None:
    if item is None or any(each.recording == event.recording for each in item.messages):
        desk.ignore(event, f"work item {event.work}", step.why or "it has this note already")
        return
    desk.say(
        w.WorkNoted(
            at=desk.at,
            work=item.id,
            operator=event.operator,
            recording=event.recording,
            seconds=event.seconds,
        )
    )


def _settle(desk: Desk, event: Settling, item: WorkItem, step: WorkStep) -> None:
    match event:
        case v.WorkClaimed():
            _claim(desk, event, item, step)
        case v.WorkCalledOff():
            close(desk, item, WorkEnd.CANCELLED, by=event.by)
        case v.WorkDone(operator=None):
            _done(desk, event, item)
        case v.WorkHandedBack() if isinstance(item.hold, Forwarded):
            _hand_back(desk, event, item)
        case _ if event.operator is None or not is_own(desk.state, item, event.operator):
            refuse(desk, RefusalCode.NOT_YOURS, event.operator)
        case v.ClaimGivenBack():
            again_at = desk.at + desk.queue(item.queue).work.again_after
            let_go(desk, item, "given back", operator=event.operator, not_before=again_at)
        case v.WorkPassedOn():
            _pass_on(desk, event, item)
        case v.WorkHandedBack():
            _hand_back(desk, event, item)
        case v.WorkDone():
            _done(desk, event, item)


def _claim(desk: Desk, event: v.WorkClaimed, item: WorkItem, step: WorkStep) -> None:
    if step.act is WorkAct.CLAIM_AGAIN and operator_of(desk.state, item) != event.operator:
        refuse(desk, RefusalCode.WORK_TAKEN, event.operator)
        return
    step_aside(desk, item)
    until = desk.at + desk.queue(item.queue).work.claim_for
    desk.say(w.WorkTaken(at=desk.at, work=item.id, operator=event.operator, until=until))
    break_if_late(desk, item)


def _pass_on(desk: Desk, event: v.WorkPassedOn, item: WorkItem) -> None:
    desk.say(
        w.WorkForwarded(
            at=desk.at, work=item.id, operator=event.operator, department=event.department, note=event.note
        )
    )
    break_if_late(desk, item)


def _hand_back(desk: Desk, event: v.WorkHandedBack, item: WorkItem) -> None:
    if isinstance(item.hold, Forwarded) and event.operator is not None:
        refuse(desk, RefusalCode.NOT_YOURS, event.operator)
        return
    again_after = desk.queue(item.queue).work.again_after if event.operator is not None else 0.0
    desk.say(
        w.WorkReturned(
            at=desk.at,
            work=item.id,
            operator=event.operator,
            reason=event.reason,
            not_before=max(item.not_before, desk.at + again_after),
        )
    )
    break_if_late(desk, item)


def _done(desk: Desk, event: v.WorkDone, item: WorkItem) -> None:
    """By an operator only where it is the operator's own."""
    end = WorkEnd.CALLED_BACK if item.reached else WorkEnd.HANDLED
    close(desk, item, end, operator=event.operator, topic=event.topic)


def follow_up(desk: Desk) -> None:
    """What follows for work items from talks that began or ended and from callers who left."""
    while desk.aftermath:
        call, fact = desk.aftermath.pop(0)
        match fact:
            case f.CallConnected() if call.present:
                got_through(desk, call, fact.operator)
            case f.CallCompleted() if not call.present and call.work is not None:
                _not_settled(desk, call, call.work, fact.operator)
            case f.CallLeft() if call.present:
                on_customer_left(desk, call, fact.reason)
            case _:
                pass


def _not_settled(desk: Desk, call: Call, work: WorkId, operator: OperatorId) -> None:
    """The operator who dealt with it has hung up: it comes again, unless the customer was talked to."""
    item = desk.state.work.get(work)
    if item is None or item.hold != Standing(call.id):
        return
    if item.promise is WorkKind.CALL_BACK and item.reached:
        close(desk, item, WorkEnd.CALLED_BACK, operator=operator)
        return
    again_at = desk.at + desk.queue(item.queue).work.again_after
    let_go(desk, item, "not settled", operator=operator, not_before=again_at)
