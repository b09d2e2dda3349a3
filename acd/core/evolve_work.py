"""What each fact changes about work items. No decisions, no settings.

Facts about an item that is not open are passed over: they come late, or from the middle of a journal.
"""

from typing import TYPE_CHECKING, Any

from acd.core import work_facts as w
from acd.core.records import changed
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work import Reach, WorkId
from acd.core.work_state import (
    CallerHere,
    Claimed,
    Confirmed,
    Dialling,
    Forwarded,
    Hold,
    Message,
    Open,
    Standing,
    WorkItem,
)

if TYPE_CHECKING:
    from acd.core.state import State

TOKENS_KEPT = 4096
CLOSED_KEPT = 512
DIALS_KEPT_FOR = 3600.0


def evolve_work(state: "State", fact: w.WorkFact) -> None:
    """Fold one fact of a work item; what it says about operators is done by `evolve`."""
    if isinstance(fact, w.WorkMade):
        _make(state, fact)
        return
    item = state.work.get(fact.work)
    if item is None:
        return
    if isinstance(fact, w.WorkClosed):
        del state.work[item.id]
        _remember(state.closed, item.id, item.queue, CLOSED_KEPT)
        return
    if isinstance(fact, w.WorkAdded):
        _remember(state.tokens, fact.token, item.id, TOKENS_KEPT)
    if isinstance(fact, w.CustomerDialled) or (isinstance(fact, w.CustomerTried) and item.hand):
        note_dial(state, item.queue, fact.at)
    state.work[item.id] = changed(item, **_changes(item, fact))
    call = None if item.call is None else state.calls.get(item.call)
    if isinstance(fact, w.WorkRaised) and call is not None:
        state.calls[call.id] = changed(call, priority=fact.priority)


def _make(state: "State", fact: w.WorkMade) -> None:
    state.next_work = max(state.next_work, fact.work + 1)
    _remember(state.tokens, fact.token, fact.work, TOKENS_KEPT)
    messages = (Message(fact.recording, fact.seconds, fact.at),) if fact.recording else ()
    state.work[fact.work] = WorkItem(
        id=fact.work,
        promise=fact.promise,
        queue=fact.queue,
        caller=fact.caller,
        line=fact.line,
        language=fact.language,
        made_in=fact.call,
        made_at=fact.at,
        waiting_since=fact.waiting_since,
        not_before=fact.not_before,
        due_at=fact.due_at,
        priority=fact.priority,
        needs=fact.needs,
        messages=messages,
    )


def _changes(item: WorkItem, fact: w.WorkFact) -> dict[str, Any]:
    match fact:
        case w.WorkAdded():
            return {"messages": (*item.messages, Message(fact.recording, fact.seconds, fact.at))}
        case w.WorkNoted():
            note = Message(fact.recording, fact.seconds, fact.at, by=fact.operator)
            return {"messages": (*item.messages, note)}
        case w.WorkTranscribed():
            return {"messages": tuple(_transcribed(message, fact) for message in item.messages)}
        case w.WorkTaken():
            return {"hold": Claimed(fact.operator, fact.until)}
        case w.WorkLetGo() | w.WorkReturned():
            return {"hold": Open(), "not_before": max(fact.at, fact.not_before)}
        case w.WorkForwarded():
            return {"hold": Forwarded(fact.operator, fact.department, fact.note)}
        case w.WorkRaised():
            return {"priority": fact.priority}
        case w.WorkBroken():
            return {"broken": True}
        case w.WorkByHand():
            return {"by_hand": True, "not_before": fact.at}
        case _:
            return _customer_changes(item, fact)


def _customer_changes(item: WorkItem, fact: w.WorkFact) -> dict[str, Any]:
    match fact:
        case w.CallerReturned():
            return {"hold": CallerHere(fact.call)}
        case w.CustomerDialled():
            dialling = Dialling(fact.call, fact.at, fact.until)
            return {"hold": dialling, "turn": item.turn + 1, "turn_over": False}
        case w.CustomerWaits():
            return {"hold": Confirmed(fact.call)}
        case w.CustomerTried():
            return _tried(item, fact)
        case w.OperatorHeld():
            return {"hold": _held(item.hold, fact)}
        case w.HoldEnded():
            return {"hold": _not_held(item.hold)}
        case _:
            return {}


def _transcribed(message: Message, fact: w.WorkTranscribed) -> Message:
    if message.recording != fact.recording:
        return message
    return changed(message, text=fact.text, confidence=fact.confidence)


def _tried(item: WorkItem, fact: w.CustomerTried) -> dict[str, Any]:
    tally = {"tries": item.tries + 1, "reaches": _counted(item.reaches, fact.reach), "turn_over": True}
    by_hand = isinstance(item.hold, Standing) and fact.next_at is None
    if item.hand or by_hand:  # an operator on the phone decides what now
        return tally
    again = {**tally, "not_before": fact.at if fact.next_at is None else fact.next_at}
    if isinstance(item.hold, CallerHere | Forwarded):  # they have it, whatever is heard of an attempt
        return again
    return {**again, "hold": Open()}


def _counted(reaches: tuple[tuple[Reach, int], ...], reach: Reach) -> tuple[tuple[Reach, int], ...]:
    counts = dict(reaches)
    counts[reach] = counts.get(reach, 0) + 1
    return tuple(counts.items())


def _held(hold: Hold, fact: w.OperatorHeld) -> Hold:
    return changed(hold, holder=fact.operator, was_held=True) if isinstance(hold, Dialling) else hold


def _not_held(hold: Hold) -> Hold:
    return changed(hold, holder=None) if isinstance(hold, Dialling) else hold


def stand(state: "State", work: WorkId, call: CallId) -> None:
    """The item stands in its queue as `call` from now on."""
    item = state.work.get(work)
    if item is not None:
        state.work[work] = changed(item, hold=Standing(call), turn=item.turn + 1, turn_over=False)


def deal(state: "State", item: WorkItem, operator: OperatorId, at: float) -> None:
    """An operator deals with it on the phone; for a call-back that is a call to the customer."""
    state.work[item.id] = changed(item, last_operator=operator)
    if not item.hand:
        note_dial(state, item.queue, at)


def leave(state: "State", work: WorkId, call: CallId) -> None:
    """`call` is gone: it no longer stands for the item, or its caller no longer waits."""
    item = state.work.get(work)
    if item is not None and isinstance(item.hold, Standing | CallerHere) and item.hold.call == call:
        state.work[work] = changed(item, hold=Open())


def note_dial(state: "State", queue: QueueId, at: float) -> None:
    """A customer is called for this queue."""
    lately = tuple(each for each in state.dials.get(queue, ()) if each + DIALS_KEPT_FOR > at)
    state.dials[queue] = (*lately, at)


def _remember(kept: dict[Any, Any], key: Any, value: Any, most: int) -> None:
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > most:
        del kept[next(iter(kept))]
