"""`evolve(state, fact)`: the only place where the centre's state changes. No decisions, no settings."""

from typing import assert_never

from acd.core import evolve_work
from acd.core import facts as f
from acd.core import work_facts as w
from acd.core.records import changed
from acd.core.state import (
    Answered,
    Available,
    Call,
    CallerKey,
    Held,
    Idle,
    InTalk,
    Joining,
    LastTalk,
    LiveOffer,
    LoggedOut,
    Offered,
    Operator,
    Place,
    Ringing,
    State,
    Talking,
    Waiting,
    WrapUp,
    status_of,
)
from acd.core.words import CallId, Cause, LeaveReason, OfferId, OperatorId

ENDED_OFFERS_KEPT = 512


def evolve(state: State, fact: f.Fact) -> None:
    """Fold one fact into `state`. Facts must come in the order in which they were said."""
    state.at = max(state.at, fact.at)
    if not state.began_at and not isinstance(fact, f.EventIgnored):
        state.began_at = fact.at
    match fact:
        case f.CallEntered():
            _enter(state, fact)
        case f.CallOffered():
            _offer(state, fact)
        case f.OfferRang():
            state.offers[fact.offer] = changed(state.offers[fact.offer], rang_at=fact.at)
        case f.OfferAnswered():
            _answer(state, fact)
        case f.CallConnected():
            _connect(state, fact)
        case f.CallCompleted():
            _complete(state, fact)
        case f.OfferMissed():
            _miss(state, fact)
        case f.OfferWithdrawn():
            _withdraw(state, fact)
        case f.CallLeft():
            _leave(state, fact)
        case f.ReservationEnded():
            state.calls[fact.call] = changed(state.calls[fact.call], reserved_until=None, open_at=fact.at)
        case f.RuleBroken():
            state.offers[fact.offer] = changed(state.offers[fact.offer], rule_broken=True)
        case f.SettingsApplied():
            for operator in fact.changed:
                _put(state, changed(state.operator(operator), free_at=fact.at))
        case f.StateHealed() | f.IdlePairFound() | f.EventIgnored():
            pass
        case (
            f.WrapUpStarted()
            | f.WrapUpMoved()
            | f.OperatorFreed()
            | f.StatusChanged()
            | f.NextStatusChosen()
            | f.ReachabilityChanged()
            | f.SetAsideEnded()
        ):
            _put(state, _operator_after(state, fact))
        case _:
            _hold_or_release(state, fact)
            evolve_work.evolve_work(state, fact)


def _hold_or_release(state: State, fact: w.WorkFact) -> None:
    match fact:
        case w.OperatorHeld():
            held = Held(fact.work, fact.until)
            _put(state, changed(state.operator(fact.operator), activity=held, activity_since=fact.at))
        case w.HoldEnded():
            before = state.operator(fact.operator)
            _put(state, changed(before, activity=Idle(), activity_since=fact.at, free_at=fact.at))
        case _:
            pass


_OperatorFact = (
    f.WrapUpStarted
    | f.WrapUpMoved
    | f.OperatorFreed
    | f.StatusChanged
    | f.NextStatusChosen
    | f.ReachabilityChanged
    | f.SetAsideEnded
)


def _operator_after(state: State, fact: _OperatorFact) -> Operator:
    before = state.operator(fact.operator)
    match fact:
        case f.WrapUpStarted():
            return changed(before, activity=WrapUp(fact.queue, fact.until), activity_since=fact.at)
        case f.WrapUpMoved():
            assert isinstance(before.activity, WrapUp)
            return changed(before, activity=WrapUp(before.activity.queue, fact.until))
        case f.OperatorFreed():
            return changed(
                before, activity=Idle(), activity_since=fact.at, idle_since=fact.at, free_at=fact.at
            )
        case f.StatusChanged():
            return _with_status(before, fact)
        case f.NextStatusChosen():
            return changed(before, next_status=status_of(fact.status, fact.reason))
        case f.ReachabilityChanged():
            return _with_reachability(before, fact)
        case f.SetAsideEnded():
            return changed(before, set_aside_until=None, free_at=max(before.free_at, fact.at))
        case _:
            assert_never(fact)


def _with_status(before: Operator, fact: f.StatusChanged) -> Operator:
    status = status_of(fact.status, fact.reason)
    assert status is not None
    after = changed(before, status=status, status_since=fact.at, next_status=None)
    if isinstance(status, Available):
        after = changed(after, idle_since=fact.at, free_at=fact.at, set_aside_until=None, misses=())
    if isinstance(status, LoggedOut) and before.staffing:
        after = changed(after, gone_at=fact.at)
    return after


def _with_reachability(before: Operator, fact: f.ReachabilityChanged) -> Operator:
    if fact.reachable:
        return changed(before, reachable=True, free_at=max(before.free_at, fact.at))
    gone_at = fact.at if before.staffing else before.gone_at
    return changed(before, reachable=False, gone_at=gone_at)


def _put(state: State, operator: Operator) -> None:
    state.operators[operator.id] = operator


def _enter(state: State, fact: f.CallEntered) -> None:
    state.calls[fact.call] = Call(
        id=fact.call,
        queue=fact.queue,
        caller=fact.caller,
        line=fact.line,
        priority=fact.priority,
        needs=fact.needs,
        waiting_since=fact.waiting_since,
        entered_at=fact.at,
        open_at=fact.at,
        order=state.next_order,
        state=Waiting(),
        last_operator=fact.last_operator,
        reserved_until=fact.reserved_until,
        forecast=fact.forecast,
        work=fact.work,
        present=fact.present,
    )
    if fact.work is not None and not fact.present:
        evolve_work.stand(state, fact.work, fact.call)
    state.next_order += 1
    state.waiting += 1
    if fact.place_of is not None:
        state.places.pop((fact.caller, fact.queue), None)


def _offer(state: State, fact: f.CallOffered) -> None:
    state.next_offer = max(state.next_offer, fact.offer + 1)
    state.offers[fact.offer] = LiveOffer(
        offer=fact.offer,
        call=fact.call,
        operator=fact.operator,
        queue=fact.queue,
        phone=fact.phone,
        until=fact.until,
        offered_at=fact.at,
        pair_at=fact.pair_at,
        operator_free_at=fact.operator_free_at,
        work=fact.work,
    )
    _set_call(state, fact.call, Offered(fact.offer, fact.operator))
    operator = state.operator(fact.operator)
    _put(state, changed(operator, activity=Ringing(fact.offer), activity_since=fact.at))


def _answer(state: State, fact: f.OfferAnswered) -> None:
    state.offers[fact.offer] = changed(state.offers[fact.offer], answered_at=fact.at)
    _set_call(state, fact.call, Answered(fact.offer, fact.operator))
    operator = state.operator(fact.operator)
    _put(state, changed(operator, activity=Joining(fact.offer), activity_since=fact.at))


def _connect(state: State, fact: f.CallConnected) -> None:
    state.offers[fact.offer] = changed(state.offers[fact.offer], talking_at=fact.at)
    _set_call(state, fact.call, InTalk(fact.offer, fact.operator, fact.at))
    item = None if fact.work is None else state.work.get(fact.work)
    if item is not None:
        evolve_work.deal(state, item, fact.operator, fact.at)
    operator = state.operator(fact.operator)
    _put(state, changed(operator, activity=Talking(fact.offer), activity_since=fact.at, misses=()))


def _complete(state: State, fact: f.CallCompleted) -> None:
    """The operator stays Talking until the fact that follows at once: wrap-up or freed."""
    _end_offer(state, fact.offer)
    call = state.calls.pop(fact.call)
    if fact.remembered_until is not None and call.caller:
        talk = LastTalk(call.caller, call.queue, fact.operator, fact.remembered_until)
        _forget_old(state.last_talks, fact.at)
        state.last_talks.pop((call.caller, call.queue), None)
        state.last_talks[call.caller, call.queue] = talk


def _miss(state: State, fact: f.OfferMissed) -> None:
    _end_offer(state, fact.offer)
    call = state.calls[fact.call]
    state.calls[fact.call] = changed(call, missed_offers=call.missed_offers + 1)
    _set_call(state, fact.call, Waiting())
    before = state.operator(fact.operator)
    blameless = fact.cause is Cause.SWITCH_ERROR
    _put(
        state,
        changed(
            before,
            activity=Idle(),
            activity_since=fact.at,
            idle_since=before.idle_since if blameless else fact.at,
            free_at=fact.at,
            set_aside_until=fact.set_aside_until if fact.set_aside_until > fact.at else None,
            misses=_counted(before.misses, fact.cause, fact.misses),
        ),
    )


def _counted(
    misses: tuple[tuple[Cause, int], ...], cause: Cause, count: int
) -> tuple[tuple[Cause, int], ...]:
    others = tuple(pair for pair in misses if pair[0] is not cause)
    return (*others, (cause, count))


def _withdraw(state: State, fact: f.OfferWithdrawn) -> None:
    """The operator is idle again with the old place among the idle."""
    _end_offer(state, fact.offer)
    _set_call(state, fact.call, Waiting())
    operator = state.operator(fact.operator)
    _put(state, changed(operator, activity=Idle(), activity_since=fact.at, free_at=fact.at))


def _leave(state: State, fact: f.CallLeft) -> None:
    call = state.calls.pop(fact.call)
    if isinstance(call.state, Waiting):
        state.waiting -= 1
    if call.work is not None:
        evolve_work.leave(state, call.work, call.id)
    if fact.place_until is None or not call.caller:
        return
    assert fact.reason in (LeaveReason.HUNG_UP, LeaveReason.LOST)
    _forget_old(state.places, fact.at)
    place = Place(call.caller, call.queue, call.id, call.waiting_since, fact.place_until)
    state.places.pop((call.caller, call.queue), None)
    state.places[call.caller, call.queue] = place


def _forget_old(remembered: dict[CallerKey, Place] | dict[CallerKey, LastTalk], at: float) -> None:
    """Drop what is over from the old end, at most two a time: bounded work, bounded memory."""
    for key in [key for key, _ in zip(remembered, range(2), strict=False)]:
        if remembered[key].until < at:
            del remembered[key]


def _set_call(state: State, call: CallId, to: Waiting | Offered | Answered | InTalk) -> None:
    before = state.calls[call]
    state.waiting += isinstance(to, Waiting) - isinstance(before.state, Waiting)
    state.calls[call] = changed(before, state=to)


def _end_offer(state: State, offer: OfferId) -> None:
    ended: OperatorId = state.offers.pop(offer).operator
    state.ended[offer] = ended
    if len(state.ended) > ENDED_OFFERS_KEPT:
        del state.ended[next(iter(state.ended))]
