"""Making promises: a call-back or a voicemail, with the place in line of its caller."""

from acd.core import work_facts as w
from acd.core.call_backs import next_allowed
from acd.core.desk import Desk
from acd.core.errors import RefusalCode, Refused
from acd.core.leaving import take_out
from acd.core.settings import QueueSettings
from acd.core.state import Call, Offered, Waiting
from acd.core.words import LeaveReason
from acd.core.work import WorkId, WorkKind, moment_after
from acd.core.work_endings import raise_if_urgent
from acd.core.work_events import WorkPromised
from acd.core.work_state import Forwarded, WorkItem

FARTHEST_FOR = 366 * 86400.0
"""A time chosen farther ahead than this is taken for this."""
_TEXTS = {
    RefusalCode.UNKNOWN_QUEUE: "there is no such queue",
    RefusalCode.NO_NUMBER: "there is no number to call",
    RefusalCode.ALREADY_PROMISED: "there is an open call-back for this number already",
    RefusalCode.TOO_MANY: "no more call-backs can be kept",
}


def on_promised(desk: Desk, event: WorkPromised) -> None:
    """Make the promise, add the message to the one before, or refuse."""
    rules = desk.settings.queues.get(event.queue)
    if event.token in desk.state.tokens:
        desk.ignore(event, "promise", "it was made already")
    elif rules is None:
        _refuse(desk, RefusalCode.UNKNOWN_QUEUE)
    elif event.promise is WorkKind.CALL_BACK:
        _call_back(desk, event, rules)
    else:
        _voicemail(desk, event, rules)


def _refuse(desk: Desk, code: RefusalCode) -> None:
    desk.refusal = Refused(code, "", _TEXTS[code])


def open_promise(desk: Desk, event: WorkPromised) -> WorkItem | None:
    """What this caller was promised before, of the same kind and queue; not what a department has."""
    mine = (desk.state.work[work] for work in desk.work.of_number(event.caller))
    same = [each for each in mine if each.queue == event.queue and each.promise is event.promise]
    if event.promise is WorkKind.VOICEMAIL:
        same = [each for each in same if not isinstance(each.hold, Forwarded)]
    return same[0] if same else None


def _call_back(desk: Desk, event: WorkPromised, rules: QueueSettings) -> None:
    not_before = next_allowed(rules.call_back, _chosen(desk, event))
    if not event.caller:
        _refuse(desk, RefusalCode.NO_NUMBER)
    elif open_promise(desk, event) is not None:
        _refuse(desk, RefusalCode.ALREADY_PROMISED)
    elif not_before is None or _too_many(desk, rules):
        _refuse(desk, RefusalCode.TOO_MANY)
    else:
        promise = rules.call_back
        due_at = moment_after(promise.times, not_before, promise.promised_within)
        _make(desk, event, rules, not_before, due_at)


def _chosen(desk: Desk, event: WorkPromised) -> float:
    """Not before now, nor absurdly far."""
    chosen = event.not_before
    return min(chosen, desk.at + FARTHEST_FOR) if chosen is not None and chosen > desk.at else desk.at


def _too_many(desk: Desk, rules: QueueSettings) -> bool:
    """More than the hourly limit lets be kept in the promised time."""
    limit = rules.call_back.hourly_limit
    most = max(limit, limit * rules.call_back.promised_within / 3600.0)
    return desk.work.room(rules.id).call_backs >= most


def _voicemail(desk: Desk, event: WorkPromised, rules: QueueSettings) -> None:
    before = open_promise(desk, event)
    if before is None:
        not_before = _chosen(desk, event)
        due_at = moment_after(rules.work.times, not_before, rules.work.answer_within)
        _make(desk, event, rules, not_before, due_at)
        return
    desk.say(
        w.WorkAdded(
            at=desk.at,
            work=before.id,
            token=event.token,
            call=event.call,
            recording=event.recording,
            seconds=event.seconds,
        )
    )
    _take_out_of_line(desk, event)


def _make(desk: Desk, event: WorkPromised, rules: QueueSettings, not_before: float, due_at: float) -> None:
    call = _waiting(desk, event)
    needs = (*rules.needs, *(call.needs if call else ()), *event.needs)
    work = WorkId(desk.state.next_work)
    desk.say(
        w.WorkMade(
            at=desk.at,
            work=work,
            token=event.token,
            promise=event.promise,
            queue=event.queue,
            caller=event.caller,
            line=event.line,
            language=event.language,
            call=event.call,
            waiting_since=_place(desk, event, call),
            not_before=not_before,
            due_at=due_at,
            recording=event.recording,
            seconds=event.seconds,
            priority=_priority(event, rules, call),
            needs=tuple(dict.fromkeys(needs)),
        )
    )
    _take_out_of_line(desk, event)
    raise_if_urgent(desk, desk.state.work[work])


def _place(desk: Desk, event: WorkPromised, call: Call | None) -> float:
    given = event.waiting_since
    if given is not None and given <= desk.at:
        return given
    return call.waiting_since if call else desk.at


def _priority(event: WorkPromised, rules: QueueSettings, call: Call | None) -> int:
    if event.priority is not None:
        return event.priority
    if event.promise is WorkKind.VOICEMAIL:
        return rules.work.priority
    return call.priority if call else rules.priority


def _waiting(desk: Desk, event: WorkPromised) -> Call | None:
    """The call in which it is promised, if it waits in this queue: whom an operator has answered stays."""
    call = None if event.call is None else desk.state.calls.get(event.call)
    waits = call is not None and call.present and isinstance(call.state, Waiting | Offered)
    return call if waits else None


def _take_out_of_line(desk: Desk, event: WorkPromised) -> None:
    call = _waiting(desk, event)
    if call is not None:
        called_back = event.promise is WorkKind.CALL_BACK
        take_out(desk, call, LeaveReason.CALL_BACK if called_back else LeaveReason.CHOSE_TO_LEAVE)
