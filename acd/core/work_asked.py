"""An operator asks for work: the next item, or this one, is offered to the phone at once."""

from acd.core.call_backs import is_allowed, left_by_limit
from acd.core.desk import Desk
from acd.core.errors import RefusalCode, Refused
from acd.core.routing import offer
from acd.core.state import LoggedOut, Rank
from acd.core.words import CallId, OperatorId
from acd.core.work import WorkId
from acd.core.work_events import WorkAskedFor
from acd.core.work_index import Spot
from acd.core.work_stage import work_stage
from acd.core.work_state import Claimed, Standing, WorkItem
from acd.core.work_steps import WORK_STEPS, WorkAct
from acd.core.work_turns import stand

ASKED_FOR = "asked for"
"""Why this operator is offered it: by the operator's own wish, the share of work aside."""
_R = RefusalCode
_TEXTS = {
    _R.UNKNOWN_OPERATOR: "there is no such operator",
    _R.NOT_LOGGED_IN: "log in first",
    _R.NO_WORK: "no work item can be dealt with now",
    _R.UNKNOWN_WORK: "there is no such open work item",
    _R.WORK_TAKEN: "somebody else has it",
    _R.NOT_YOURS: "claim it first, or deal with it on the phone",
    _R.BUSY: "not free for it now",
}


def refuse(desk: Desk, code: RefusalCode, operator: OperatorId | None) -> None:
    """A person's impossible command."""
    desk.refusal = Refused(code, operator or "", _TEXTS[code])


def asked_for(desk: Desk, event: WorkAskedFor) -> None:
    """Offer it, or say why not."""
    item = _next_for(desk, event.operator) if event.work is None else desk.state.work.get(event.work)
    if event.work is None and item is None:
        refuse(desk, _hurdle(desk, event.operator) or _R.NO_WORK, event.operator)
        return
    step = WORK_STEPS[work_stage(desk.state, item), WorkAskedFor]
    if item is None or step.act is not WorkAct.OFFER:
        refuse(desk, step.refusal or _R.NO_WORK, event.operator)
        return
    code = _taken(item, event) or _hurdle(desk, event.operator) or _unfit(desk, item, event)
    if code is not None:
        refuse(desk, code, event.operator)
    else:
        _offer(desk, item, event.operator)


def _offer(desk: Desk, item: WorkItem, operator: OperatorId) -> None:
    if not isinstance(item.hold, Standing):
        stand(desk, item)
    hold = desk.state.work[item.id].hold
    assert isinstance(hold, Standing)
    offer(desk, desk.state.calls[hold.call], operator, ASKED_FOR)


def _next_for(desk: Desk, operator: OperatorId) -> WorkItem | None:
    """The best item in the operator's queues that waits for room only."""
    crew = desk.index.crew_of.get(operator)
    rooms = [desk.work.rooms[queue] for queue in desk.work.busy_rooms(crew.queues)] if crew else []
    ranks = [rank for room in rooms for rank in room.lists[Spot.HAND][:1]]
    return desk.state.work[WorkId(min(ranks)[2])] if ranks else None


def _taken(item: WorkItem, event: WorkAskedFor) -> RefusalCode | None:
    theirs = isinstance(item.hold, Claimed) and item.hold.operator != event.operator
    return _R.WORK_TAKEN if theirs else None


def _hurdle(desk: Desk, operator_id: OperatorId) -> RefusalCode | None:
    operator = desk.state.operator(operator_id)
    if isinstance(operator.status, LoggedOut):
        return _R.NOT_LOGGED_IN
    return None if operator.ready else _R.BUSY


def _place_in_line(desk: Desk, item: WorkItem) -> Rank:
    """Where it stands, or would stand if it took its place now: behind all with the same wait."""
    call = desk.state.calls.get(item.hold.call) if isinstance(item.hold, Standing) else None
    if call is not None:
        return call.rank
    return (-item.priority, item.waiting_since, desk.state.next_order, CallId(""))


def _unfit(desk: Desk, item: WorkItem, event: WorkAskedFor) -> RefusalCode | None:
    """A caller goes first; a call-back has its time, its hours and the hourly limit."""
    crew = desk.index.crew_of.get(event.operator)
    if crew is None or item.queue not in crew.queues:
        return _R.NO_WORK
    best = desk.index.best_call(event.operator)
    if best is not None and best < _place_in_line(desk, item):
        return _R.BUSY
    if item.hand:
        return None
    rules = desk.queue(item.queue).call_back
    may_be_called = is_allowed(rules, desk.at) and left_by_limit(desk, item.queue) > 0
    return None if item.not_before <= desk.at and may_be_called else _R.NO_WORK
