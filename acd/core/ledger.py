"""The ledger of promises: a pure fold of what happened to work items (call-backs, voicemail).

    ledger = Ledger()
    for record in records:
        ledger.fold(record.fact)
    ledger.promises[WorkId(7)].outcome

Any facts in any order give a result.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeGuard, get_args

from acd.core import facts as f
from acd.core import work_facts as w
from acd.core.promise import Attempt, Deed, Entry, Message, Promise
from acd.core.records import changed
from acd.core.words import QueueId
from acd.core.work import WorkId, WorkKind, WorkStage, work_of

_TalkFact = f.CallOffered | f.OfferMissed | f.OfferWithdrawn | f.CallConnected | f.CallCompleted
LedgerFact = w.WorkFact | _TalkFact
_KINDS: tuple[type, ...] = (*get_args(w.WorkFact), *get_args(_TalkFact))
LEDGER_KINDS = frozenset(kind.__name__ for kind in _KINDS)
"""Names of the kinds of facts that the ledger reads."""


def promise_of(fact: f.Fact) -> WorkId | None:
    """The work item that the ledger tells of with this fact; None: none."""
    if not is_ledger_fact(fact):
        return None
    named: WorkId | None = getattr(fact, "work", None)
    return work_of(getattr(fact, "call", None)) if named is None else named


def is_ledger_fact(fact: f.Fact) -> TypeGuard[LedgerFact]:
    return isinstance(fact, _KINDS)


@dataclass(slots=True)
class Ledger:
    """Fold facts in the journal's order."""

    promises: dict[WorkId, Promise] = field(default_factory=dict)

    def fold(self, fact: f.Fact) -> None:
        """Facts of other things are passed over."""
        work = promise_of(fact)
        if work is not None and is_ledger_fact(fact):
            self.promises[work] = after(self.promises.get(work), work, fact)


def ledger_of(facts: Iterable[f.Fact]) -> Ledger:
    ledger = Ledger()
    for fact in facts:
        ledger.fold(fact)
    return ledger


def after(before: Promise | None, work: WorkId, fact: LedgerFact) -> Promise:
    """The promise once this has happened; `before` None: nothing is known of it yet."""
    base = before or _unknown(work, fact)
    if isinstance(fact, w.WorkMade) and before is not None and before.known:
        return before
    if isinstance(fact, w.WorkClosed) and not base.is_open:
        return base
    changes = _changes(base, fact)
    if not base.is_open:
        changes = {name: value for name, value in changes.items() if name not in _WHILE_OPEN}
    return changed(base, history=(*base.history, entry_of(fact)), **changes)


_WHILE_OPEN = frozenset({"stage", "holder", "held_until"})
_KEPT = frozenset({WorkStage.CALLER_HERE, WorkStage.FORWARDED})
"""Stages that news of an attempt does not end."""


def _unknown(work: WorkId, fact: LedgerFact) -> Promise:
    return Promise(
        id=work,
        kind=getattr(fact, "promise", WorkKind.CALL_BACK),
        queue=getattr(fact, "queue", QueueId("")),
        caller="",
        made_at=fact.at,
        due_at=fact.at,
        waiting_since=fact.at,
        not_before=fact.at,
        known=False,
    )


_Changes = dict[str, object]


def _changes(now: Promise, fact: LedgerFact) -> _Changes:
    match fact:
        case w.WorkMade():
            return _made(now, fact)
        case w.WorkAdded():
            return {"messages": (*now.messages, _message(fact.at, fact.recording, fact.seconds))}
        case w.WorkNoted():
            note = changed(_message(fact.at, fact.recording, fact.seconds), by=fact.operator)
            return {"messages": (*now.messages, note)}
        case w.WorkTranscribed():
            return {"messages": _transcribed(now.messages, fact)}
        case w.WorkRaised():
            return {"raised_at": fact.at}
        case w.WorkBroken():
            return {"broken_at": fact.at if now.broken_at is None else now.broken_at}
        case w.WorkByHand():
            return {"by_hand": True, "not_before": fact.at}
        case w.WorkClosed():
            return _closed(fact)
        case w.OperatorHeld() | w.HoldEnded():
            return {}
        case w.CustomerDialled() | w.CustomerWaits() | w.CustomerTried():
            return _calling(now, fact)
        case _:
            return _holding(now, fact)


_Holding = w.WorkTaken | w.WorkLetGo | w.WorkForwarded | w.WorkReturned | w.CallerReturned | _TalkFact


def _holding(now: Promise, fact: _Holding) -> _Changes:
    """Who has it."""
    match fact:
        case w.WorkTaken():
            return _held(WorkStage.CLAIMED, fact.operator, fact.until)
        case w.WorkForwarded():
            passed_on = {"department": fact.department, "note": fact.note}
            return {**_held(WorkStage.FORWARDED, fact.department), **passed_on}
        case w.WorkReturned():
            again = {"returned_because": fact.reason, "not_before": max(fact.at, fact.not_before)}
            return {**_held(WorkStage.NEW), **again}
        case w.CallerReturned():
            return _held(WorkStage.CALLER_HERE)
        case w.WorkLetGo():
            return {**_held(WorkStage.NEW), "not_before": max(fact.at, fact.not_before)}
        case _:
            return _in_line(now, fact)


def _in_line(now: Promise, fact: _TalkFact) -> _Changes:
    """An operator gets the item's place, or lets go of it. A customer on the line stays where the item is."""
    match fact:
        case f.CallOffered() if fact.work is not None:
            return _held(WorkStage.OFFERED, fact.operator)
        case f.CallConnected() if fact.work is not None:
            return _held(WorkStage.TALKING, fact.operator)
        case f.OfferMissed() | f.OfferWithdrawn():
            mine = now.stage is WorkStage.OFFERED and now.holder == fact.operator
            return _held(WorkStage.NEW) if mine else {}
        case f.CallCompleted():
            mine = now.stage is WorkStage.TALKING and now.holder == fact.operator
            return _held(WorkStage.NEW) if mine else {}
        case _:
            return {}


def _held(stage: WorkStage, holder: str = "", until: float | None = None) -> _Changes:
    return {"stage": stage, "holder": holder, "held_until": until}


def _calling(now: Promise, fact: w.CustomerDialled | w.CustomerWaits | w.CustomerTried) -> _Changes:
    match fact:
        case w.CustomerDialled():
            attempt = Attempt(number=fact.attempt, call=fact.call, at=fact.at)
            return {**_held(WorkStage.DIALLING), "attempts": (*now.attempts, attempt)}
        case w.CustomerWaits():
            waiting = tuple(changed(a, waits=True) if a.call == fact.call else a for a in now.attempts)
            return {**_held(WorkStage.DIALLING), "attempts": waiting}
        case w.CustomerTried():
            return {**_freed(now, fact), "attempts": _tried(now.attempts, fact)}


def _freed(now: Promise, fact: w.CustomerTried) -> _Changes:
    """Whoever decides by hand goes on with it, whether the customer was reached or not.

    So does the operator on the phone whose attempt was the last, a caller who is here, and a department.
    """
    dealt_with = now.stage is WorkStage.TALKING and fact.next_at is None
    if now.by_hand or now.kind is WorkKind.VOICEMAIL or dealt_with:
        return {}
    again: _Changes = {"not_before": fact.at if fact.next_at is None else fact.next_at}
    return again if now.stage in _KEPT else {**_held(WorkStage.NEW), **again}


def _tried(attempts: tuple[Attempt, ...], fact: w.CustomerTried) -> tuple[Attempt, ...]:
    """An attempt of an operator's own begins and ends with its result."""
    same = [a for a in attempts if a.call == fact.call and a.reach is None]
    begun = same[-1] if same else Attempt(number=fact.attempt, call=fact.call, at=fact.at - fact.talked_for)
    ended = changed(
        begun, ended_at=fact.at, reach=fact.reach, talked_for=fact.talked_for, next_at=fact.next_at
    )
    return (*(a for a in attempts if a is not begun), ended)


def _made(now: Promise, fact: w.WorkMade) -> _Changes:
    heard = (_message(fact.at, fact.recording, fact.seconds),) if fact.recording else ()
    return {
        "known": True,
        "kind": fact.promise,
        "queue": fact.queue,
        "caller": fact.caller,
        "line": fact.line,
        "language": fact.language,
        "call": fact.call,
        "made_at": fact.at,
        "due_at": fact.due_at,
        "waiting_since": fact.waiting_since,
        "not_before": fact.not_before,
        "messages": _joined(heard, now.messages),
    }


def _message(at: float, recording: str, seconds: float) -> Message:
    return Message(recording=recording, at=at, seconds=seconds)


def _joined(first: tuple[Message, ...], later: tuple[Message, ...]) -> tuple[Message, ...]:
    """A transcript that was known before its message is kept with it."""
    texts = {each.recording: each for each in later}
    names = {each.recording for each in first}
    known = tuple(
        changed(each, text=texts[each.recording].text, confidence=texts[each.recording].confidence)
        if each.recording in texts
        else each
        for each in first
    )
    return (*known, *(each for each in later if each.recording not in names))


def _transcribed(messages: tuple[Message, ...], fact: w.WorkTranscribed) -> tuple[Message, ...]:
    heard = {"text": fact.text, "confidence": fact.confidence}
    if all(each.recording != fact.recording for each in messages):
        return (*messages, changed(_message(fact.at, fact.recording, 0.0), **heard))
    return tuple(changed(each, **heard) if each.recording == fact.recording else each for each in messages)


def _closed(fact: w.WorkClosed) -> _Changes:
    return {
        "stage": None,
        "holder": "",
        "held_until": None,
        "closed_at": fact.at,
        "end": fact.end,
        "kept": fact.kept,
        "closed_by": fact.operator or fact.by,
        "topic": fact.topic,
        "queue": fact.queue,
        "kind": fact.promise,
    }


def entry_of(fact: LedgerFact) -> Entry:
    """The fact as a line of history."""
    match fact:
        case w.WorkMade():
            return Entry(at=fact.at, what=Deed.MADE, number=fact.seconds or None, until=fact.due_at)
        case w.WorkAdded():
            return Entry(at=fact.at, what=Deed.ADDED, number=fact.seconds)
        case w.WorkNoted():
            return Entry(at=fact.at, what=Deed.NOTED, who=fact.operator, number=fact.seconds)
        case w.WorkTranscribed():
            return Entry(at=fact.at, what=Deed.TRANSCRIBED, said=fact.text, number=fact.confidence)
        case w.WorkRaised():
            return Entry(at=fact.at, what=Deed.RAISED, number=fact.priority)
        case w.WorkBroken():
            return Entry(at=fact.at, what=Deed.BROKEN)
        case w.WorkByHand():
            return Entry(at=fact.at, what=Deed.BY_HAND, said=fact.why)
        case w.WorkClosed():
            said = f"{fact.end}: {fact.topic}" if fact.topic else fact.end
            return Entry(at=fact.at, what=Deed.CLOSED, who=fact.operator or fact.by, said=said)
        case w.CustomerDialled():
            return Entry(at=fact.at, what=Deed.DIALLED, number=fact.attempt)
        case w.CustomerWaits():
            return Entry(at=fact.at, what=Deed.CUSTOMER_WAITS)
        case w.CustomerTried():
            said = fact.reach
            return Entry(at=fact.at, what=Deed.TRIED, said=said, number=fact.attempt, until=fact.next_at)
        case _:
            return _entry_of_holding(fact)


def _entry_of_holding(fact: _Holding | w.OperatorHeld | w.HoldEnded) -> Entry:
    match fact:
        case w.WorkTaken():
            return Entry(at=fact.at, what=Deed.TAKEN, who=fact.operator, until=fact.until)
        case w.WorkLetGo():
            who = fact.operator or ""
            return Entry(at=fact.at, what=Deed.LET_GO, who=who, said=fact.why, until=fact.not_before)
        case w.WorkForwarded():
            said = f"{fact.department}: {fact.note}" if fact.note else fact.department
            return Entry(at=fact.at, what=Deed.FORWARDED, who=fact.operator, said=said)
        case w.WorkReturned():
            return Entry(at=fact.at, what=Deed.HANDED_BACK, who=fact.operator or "", said=fact.reason)
        case w.OperatorHeld():
            return Entry(at=fact.at, what=Deed.HELD, who=fact.operator, until=fact.until)
        case w.HoldEnded():
            return Entry(at=fact.at, what=Deed.HOLD_ENDED, who=fact.operator, said=fact.why)
        case f.CallOffered():
            return Entry(at=fact.at, what=Deed.OFFERED, who=fact.operator)
        case f.OfferMissed():
            return Entry(at=fact.at, what=Deed.MISSED, who=fact.operator, said=fact.cause)
        case f.OfferWithdrawn():
            return Entry(at=fact.at, what=Deed.WITHDRAWN, who=fact.operator, said=fact.reason)
        case f.CallConnected():
            return Entry(at=fact.at, what=Deed.TALKING, who=fact.operator)
        case f.CallCompleted():
            return Entry(at=fact.at, what=Deed.TALK_OVER, who=fact.operator, number=fact.talked_for)
        case w.CallerReturned():
            return Entry(at=fact.at, what=Deed.CALLER_HERE)
