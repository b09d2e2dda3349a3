"""Builds the view of the centre at one moment from the state."""

from itertools import islice

from acd.core.desk import Desk
from acd.core.index import Hall
from acd.core.masking import mask_number
from acd.core.settings import OperatorSettings, QueueSettings
from acd.core.state import (
    Answered,
    Call,
    Idle,
    InTalk,
    Joining,
    Offered,
    OnBreak,
    Operator,
    Ringing,
    Talking,
    Waiting,
    WrapUp,
    status_name,
)
from acd.core.views import CallView, CenterView, OperatorView, QueueView
from acd.core.words import CallId, OperatorId, QueueId


def view_of(desk: Desk, at: float, day_from: float, calls_per_queue: int | None = None) -> CenterView:
    """Queues in the order of the settings, operators too, calls in line by queue and place, then talks.

    `calls_per_queue`: only so many from the head of each line: the cost stays small while thousands wait.
    """
    operators = tuple(_operator(desk, each) for each in desk.settings.operators.values())
    by_id = {each.id: each for each in operators}
    calls = [call for hall in desk.index.halls.values() for call in _line(desk, hall, calls_per_queue)]
    talks = [_call(call, None) for call in desk.state.calls.values() if isinstance(call.state, InTalk)]
    queues = tuple(_queue(desk, each, by_id, at, day_from) for each in desk.settings.queues.values())
    return CenterView(at=at, queues=queues, operators=operators, calls=(*calls, *talks))


def _line(desk: Desk, hall: Hall, limit: int | None) -> list[CallView]:
    head = enumerate(islice(hall.line, limit), start=1)
    return [_call(desk.state.calls[rank[3]], place) for place, rank in head]


def _call(call: Call, position: int | None) -> CallView:
    operator: OperatorId | None = None
    since = call.entered_at
    match call.state:
        case Waiting():
            state = "waiting"
        case Offered():
            state, operator = "offered", call.state.operator
        case Answered():
            state, operator = "answered", call.state.operator
        case InTalk():
            state, operator, since = "talking", call.state.operator, call.state.since
    return CallView(
        id=call.id,
        caller=mask_number(call.caller),
        queue=call.queue,
        state=state,
        since=since,
        position=position,
        operator=operator,
    )


def _operator(desk: Desk, rules: OperatorSettings) -> OperatorView:
    operator = desk.state.operator(rules.id)
    activity, until, call, queue = _activity(desk, operator)
    at_rest = isinstance(operator.activity, Idle)
    return OperatorView(
        id=rules.id,
        name=rules.name,
        phone=rules.phone,
        status=status_name(operator.status),
        reason=operator.status.reason if isinstance(operator.status, OnBreak) else "",
        next_status=status_name(operator.next_status),
        activity=activity,
        since=max(operator.status_since, operator.activity_since) if at_rest else operator.activity_since,
        until=until,
        reachable=operator.reachable,
        set_aside=operator.set_aside_until is not None,
        call=call,
        queue=queue,
    )


def _activity(desk: Desk, operator: Operator) -> tuple[str, float | None, CallId | None, QueueId | None]:
    match operator.activity:
        case Idle():
            return "idle", operator.set_aside_until, None, None
        case WrapUp():
            return "wrap-up", operator.activity.until, None, operator.activity.queue
        case Ringing() | Joining():
            live = desk.state.offers[operator.activity.offer]
            return "ringing", None, live.call, live.queue
        case Talking():
            live = desk.state.offers[operator.activity.offer]
            return "talking", None, live.call, live.queue


def _queue(
    desk: Desk,
    rules: QueueSettings,
    operators: dict[OperatorId, OperatorView],
    at: float,
    day_from: float,
) -> QueueView:
    hall = desk.index.halls[rules.id]
    mine = [operators[each] for crew in hall.crews for each in crew.members]
    there = [each for each in mine if each.status != "logged out"]
    tally = desk.figures.queue(rules.id, day_from)
    return QueueView(
        id=rules.id,
        name=rules.name,
        waiting=len(hall.line),
        longest_wait_for=max((at - desk.state.calls[rank[3]].entered_at for rank in hall.line), default=0.0),
        logged_in=len(there),
        idle=sum(e.activity == "idle" and e.status == "available" and e.reachable for e in there),
        busy=sum(each.activity in ("ringing", "talking") for each in there),
        wrap_up=sum(each.activity == "wrap-up" for each in there),
        on_break=sum(each.status == "on break" for each in there),
        answered=tally.answered,
        abandoned=tally.abandoned,
        short_abandoned=tally.short_abandoned,
        overflowed=tally.overflowed,
        answered_within=tally.answered_within,
        answer_within=rules.answer_within,
        short_abandon_for=rules.short_abandon_for,
        service_level=tally.service_level,
        service_level_of_answered=tally.service_level_of_answered,
        service_level_of_offered=tally.service_level_of_offered,
        mean_wait_for=tally.mean_wait_for,
        mean_handle_for=tally.mean_handle_for,
        occupancy=desk.figures.occupancy((each.id for each in mine), day_from, at),
        expected_wait_for=desk.expected_wait(rules.id, at),
    )
