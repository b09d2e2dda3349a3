"""When something falls due for work items: read from the state, so that a restart forgets nothing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from acd.core.index import next_relaxation
from acd.core.state import Held, InTalk
from acd.core.timers import Due
from acd.core.words import OperatorId, QueueId
from acd.core.work import WorkId
from acd.core.work_state import Claimed, Dialling, Open, Standing, WorkItem

if TYPE_CHECKING:
    from acd.core.desk import Desk

LOOK_EVERY = 1.0
"""Seconds, on a fixed grid of moments: how often it is considered to call customers ahead of a free
operator."""


def work_dues(item: WorkItem) -> Iterator[Due]:
    """The deadlines that the item may have as it stands."""
    match item.hold:
        case Open():
            yield Due.WORK_TURN
        case Claimed():
            yield Due.WORK_CLAIM
        case Dialling():
            yield Due.WORK_DIAL
        case _:
            pass
    if item.needs:
        yield Due.WORK_FIT
    if item.hand:
        yield Due.WORK_URGENT
    if not item.broken:
        yield Due.WORK_DUE


def turn_due(desk: "Desk", work: WorkId) -> float | None:
    """Its time comes."""
    item = desk.state.work.get(work)
    if item is None or not isinstance(item.hold, Open):
        return None
    return item.not_before if desk.work.waits_for_its_time(work) else None


def fit_due(desk: "Desk", work: WorkId) -> float | None:
    """It is content with less of a skill."""
    item = desk.state.work.get(work)
    if item is None or not isinstance(item.hold, Open | Dialling):
        return None
    return next_relaxation(item, desk.at)


def claim_due(desk: "Desk", work: WorkId) -> float | None:
    item = desk.state.work.get(work)
    return item.hold.until if item is not None and isinstance(item.hold, Claimed) else None


def dial_due(desk: "Desk", work: WorkId) -> float | None:
    item = desk.state.work.get(work)
    return item.hold.until if item is not None and isinstance(item.hold, Dialling) else None


def held_due(desk: "Desk", operator: OperatorId) -> float | None:
    found = desk.state.operators.get(operator)
    return found.activity.until if found is not None and isinstance(found.activity, Held) else None


def broken_due(desk: "Desk", work: WorkId) -> float | None:
    """Not while an operator deals with it: what comes of that is awaited."""
    item = desk.state.work.get(work)
    return None if item is None or item.broken or in_hand(desk, item) else item.due_at


def in_hand(desk: "Desk", item: WorkItem) -> bool:
    """Whether an operator deals with it on the phone."""
    call = desk.state.calls.get(item.hold.call) if isinstance(item.hold, Standing) else None
    return call is not None and isinstance(call.state, InTalk)


def urgent_due(desk: "Desk", work: WorkId) -> float | None:
    item = desk.state.work.get(work)
    if item is None or not item.hand:
        return None
    rules = desk.queue(item.queue).work
    return item.due_at - rules.urgent_for if item.priority < rules.urgent_priority else None


def closing_due(desk: "Desk", queue: QueueId) -> float | None:
    room = desk.work.rooms.get(queue)
    return None if room is None else room.closes_at


def limit_due(desk: "Desk", queue: QueueId) -> float | None:
    room = desk.work.rooms.get(queue)
    return None if room is None else room.limited_until


def ahead_due(desk: "Desk", queue: QueueId) -> float | None:
    room = desk.work.rooms.get(queue)
    return None if room is None else room.ahead_at


def next_look(at: float) -> float:
    """The next moment of the grid after `at`."""
    turn = at // LOOK_EVERY + 1
    while turn * LOOK_EVERY <= at:
        turn += 1
    return turn * LOOK_EVERY
