"""Builds the view of the centre at one moment from the state."""

from bisect import bisect_left
from collections import Counter
from itertools import islice

from acd.core.desk import Desk
from acd.core.index import Hall
from acd.core.masking import mask_number
from acd.core.metrics import OperatorTally
from acd.core.settings import OperatorSettings, QueueSettings
from acd.core.state import (
    Answered,
    Call,
    Held,
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
from acd.core.views import CallView, CenterView, OperatorView, QueueView, WorkView
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work import WorkId
from acd.core.work_stage import operator_of, work_stage
from acd.core.work_state import Forwarded, WorkItem


class Viewer:
    """Makes views. What did not change since the last one is taken from it: a view costs what has changed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen: dict[OperatorId, tuple[Operator | None, OperatorSettings, OperatorView]] = {}
        self._promises: dict[WorkId, tuple[WorkItem, Call | None, WorkView]] = {}
        self._began_at = 0.0
        self._ended: dict[OperatorId, tuple[OperatorTally | None, float, OperatorTally]] = {}

    def view(self, at: float, day_from: float, calls_per_queue: int | None = None) -> CenterView:
        """Queues in the order of the settings, operators too, calls in line by queue and place, then talks.

        `calls_per_queue`: only so many from the head of each line: the cost stays small while thousands wait.
        """
        desk = self._desk
        if self._began_at != desk.state.began_at:
            self._began_at = desk.state.began_at
            self._seen.clear()
        operators = {each: self._operator(rules) for each, rules in desk.settings.operators.items()}
        doing = {each: _doing(operator) for each, operator in operators.items()}
        worked = {each: self._worked(each, day_from, at) for each in operators}
        promises = _promises(desk, at)
        calls = [call for hall in desk.index.halls.values() for call in _line(desk, hall, calls_per_queue)]
        talks = [
            _call(desk.state.calls[o.call], None)
            for o in desk.state.offers.values()
            if o.talking_at is not None and o.work is None
        ]
        queues = (
            _queue(desk, each, doing, worked, at, day_from, promises)
            for each in desk.settings.queues.values()
        )
        return CenterView(
            at=at,
            queues=tuple(queues),
            operators=tuple(operators.values()),
            calls=(*calls, *talks),
            work=self._work(),
        )

    def _work(self) -> tuple[WorkView, ...]:
        """Open promises; one whose item and call are the same records as before is shown as before."""
        calls, seen = self._desk.state.calls, self._promises
        self._promises = {}
        for item in self._desk.state.work.values():
            call = None if item.call is None else calls.get(item.call)
            known = seen.get(item.id)
            if known is None or known[0] is not item or known[1] is not call:
                known = item, call, work_view(self._desk, item)
            self._promises[item.id] = known
        return tuple(shown for _, _, shown in self._promises.values())

    def _operator(self, rules: OperatorSettings) -> OperatorView:
        operator = self._desk.state.operators.get(rules.id)
        seen = self._seen.get(rules.id)
        if seen is not None and seen[0] is operator and seen[1] is rules:
            return seen[2]
        shown = _operator(self._desk, operator or Operator(id=rules.id), rules)
        self._seen[rules.id] = (operator, rules, shown)
        return shown

    def _worked(self, operator: OperatorId, day_from: float, at: float) -> tuple[float, float]:
        """Seconds busy (talk and wrap-up) and available; the stretches that ended are added up once."""
        figures = self._desk.figures
        newest = figures.newest(operator)
        seen = self._ended.get(operator)
        if seen is None or seen[0] is not newest or seen[1] != day_from:
            seen = self._ended[operator] = (newest, day_from, figures.ended(operator, day_from))
        return figures.busy_and_available(operator, seen[2], day_from, at)


def _line(desk: Desk, hall: Hall, limit: int | None) -> list[CallView]:
    """Positions count places of work items too: they are ahead."""
    line = ((place, desk.state.calls[rank[3]]) for place, rank in enumerate(hall.line, start=1))
    present = ((place, call) for place, call in line if call.present)
    return [_call(call, place) for place, call in islice(present, limit)]


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


def _operator(desk: Desk, operator: Operator, rules: OperatorSettings) -> OperatorView:
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
        since=max(operator.status_since if at_rest else 0.0, operator.activity_since) or desk.state.began_at,
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
        case Held():
            item = desk.state.work.get(operator.activity.work)
            return "held", operator.activity.until, None, item.queue if item else None


_Doing = tuple[str, bool]
"""('idle', 'busy', 'wrap-up' or '', whether on a break); None in its place: logged out."""


def _doing(operator: OperatorView) -> _Doing | None:
    if operator.status == "logged out":
        return None
    on_break = operator.status == "on break"
    if operator.activity in ("ringing", "talking", "held"):
        return "busy", on_break
    if operator.activity == "wrap-up":
        return "wrap-up", on_break
    ready = operator.status == "available" and operator.reachable
    return "idle" if ready else "", on_break


def _number(counts: Counter[_Doing | None], what: str) -> int:
    return counts[what, False] + counts[what, True]


def _longest_wait(desk: Desk, hall: Hall, at: float) -> float:
    """A line is stretches of one priority each, and in each the first caller waits longest."""
    longest, place = 0.0, 0
    while place < len(hall.line):
        priority, since, _, call = hall.line[place]
        if hall.absent and not desk.state.calls[call].present:
            place += 1
            continue
        longest = max(longest, at - since)
        place = bisect_left(hall.line, (priority + 1,), lo=place)
    return longest


_Promises = dict[QueueId, tuple[int, int]]
"""By queue: open ones, and those of them that are broken or soon will be."""


def _promises(desk: Desk, at: float) -> _Promises:
    found: _Promises = {}
    for item in desk.state.work.values():
        is_open, due = found.get(item.queue, (0, 0))
        soon_at = item.due_at - (item.due_at - max(item.made_at, item.not_before)) / 4
        found[item.queue] = is_open + 1, due + (item.broken or at >= soon_at)
    return found


def work_view(desk: Desk, item: WorkItem) -> WorkView:
    """The item as screens may show it."""
    return WorkView(
        id=item.id,
        kind=str(item.promise),
        stage=str(work_stage(desk.state, item)),
        queue=item.queue,
        caller=mask_number(item.caller),
        made_at=item.made_at,
        due_at=item.due_at,
        not_before=item.not_before,
        attempts=item.tries,
        operator=operator_of(desk.state, item),
        department=item.hold.department if isinstance(item.hold, Forwarded) else "",
        recordings=len(item.messages),
        by_hand=item.hand,
        broken=item.broken,
    )


def _queue(
    desk: Desk,
    rules: QueueSettings,
    doing: dict[OperatorId, _Doing | None],
    worked: dict[OperatorId, tuple[float, float]],
    at: float,
    day_from: float,
    promises: _Promises,
) -> QueueView:
    hall = desk.index.halls[rules.id]
    mine = [each for crew in hall.crews for each in crew.members]
    counts = Counter(doing[each] for each in mine)
    busy_for, available_for = (sum(worked[each][which] for each in mine) for which in (0, 1))
    tally = desk.figures.queue(rules.id, day_from)
    return QueueView(
        id=rules.id,
        name=rules.name,
        waiting=len(hall.line) - hall.absent,
        longest_wait_for=_longest_wait(desk, hall, at),
        logged_in=len(mine) - counts[None],
        idle=_number(counts, "idle"),
        busy=_number(counts, "busy"),
        wrap_up=_number(counts, "wrap-up"),
        on_break=sum(number for each, number in counts.items() if each is not None and each[1]),
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
        occupancy=busy_for / available_for if available_for > 0 else None,
        expected_wait_for=desk.expected_wait(rules.id, at),
        work_open=promises.get(rules.id, (0, 0))[0],
        work_due=promises.get(rules.id, (0, 0))[1],
        kept_share=desk.figures.promises(rules.id, day_from).kept_share,
    )
