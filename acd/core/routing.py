"""Who is offered what. Ranks are tuples, never weighted numbers.

The call with the highest priority, then the longest wait, goes to the operator idle longest among those who
fit. Before an event no ready operator fits a waiting call, so only what the event made fresh can form
pairs.
"""

from heapq import heapify, heappop, heappush

from acd.core import commands as c
from acd.core import facts as f
from acd.core.desk import Desk
from acd.core.index import Place, fits_since
from acd.core.state import Call, LiveOffer, Operator, Rank, Waiting
from acd.core.words import OfferId, OperatorId


def route(desk: Desk) -> None:
    """Offer until no ready operator is left beside a call they fit."""
    if not desk.fresh_calls and not desk.fresh_operators:
        return
    claims = _claims(desk)
    offered = False
    while claims:
        rank, by = heappop(claims)
        if by and offered:  # others may have taken this operator or that call meanwhile
            best = desk.index.best_call(by) if desk.index.is_ready(by) else None
            if best is not None and best != rank:
                heappush(claims, (best, by))
            if best != rank:
                continue
        chosen = _offer_to_best(desk, rank)
        offered = offered or chosen is not None
        if by and chosen is not None and chosen != by:
            heappush(claims, (rank, by))


def _claims(desk: Desk) -> list[tuple[Rank, OperatorId]]:
    """The fresh calls and the fresh operators' best calls, as a heap; '' marks a call's own claim."""
    nobody = OperatorId("")
    calls = (desk.state.calls.get(call) for call in desk.fresh_calls)
    claims = [(call.rank, nobody) for call in calls if call is not None]
    for operator in desk.fresh_operators:
        best = desk.index.best_call(operator) if desk.index.is_ready(operator) else None
        if best is not None:
            claims.append((best, operator))
    desk.fresh_calls.clear()
    desk.fresh_operators.clear()
    heapify(claims)
    return claims


def _offer_to_best(desk: Desk, rank: Rank) -> OperatorId | None:
    call = desk.state.calls.get(rank[3])
    if call is None or not isinstance(call.state, Waiting):
        return None
    chosen = best_operator(desk, call)
    if chosen is None:
        return None
    offer(desk, call, *chosen)
    return chosen[0]


def best_operator(desk: Desk, call: Call) -> tuple[OperatorId, str] | None:
    """The ready operator for this waiting call, and why this one."""
    last = call.last_operator
    if last is not None and desk.index.is_ready(last) and desk.index.fits(call.id, last):
        return last, "last operator"
    best: Place | None = None
    free = 0
    for bench in desk.index.benches_for(call.id):
        free += len(bench)
        if best is None or bench[0] < best:
            best = bench[0]
    if best is None:
        return None
    return best[1], "only one free" if free == 1 else "longest idle"


def offer(desk: Desk, call: Call, operator_id: OperatorId, why: str) -> None:
    """Reserve the operator and have the phone called."""
    operator = desk.state.operator(operator_id)
    offer_id = OfferId(desk.state.next_offer)
    until = desk.at + desk.queue(call.queue).ring_for
    phone = desk.settings.operators[operator_id].phone
    work = None if call.present else call.work
    desk.say(
        f.CallOffered(
            at=desk.at,
            offer=offer_id,
            call=call.id,
            operator=operator_id,
            queue=call.queue,
            until=until,
            waited_for=desk.at - call.entered_at,
            operator_free_at=operator.free_at,
            pair_at=_pair_at(desk, call, operator),
            chosen_for=why,
            phone=phone,
            work=work,
        )
    )
    desk.ask(
        c.Offer(
            offer=offer_id,
            call=call.id,
            operator=operator_id,
            queue=call.queue,
            phone=phone,
            until=until,
            work=work,
        )
    )
    check_talk_rule(desk, offer_id)


def _pair_at(desk: Desk, call: Call, operator: Operator) -> float:
    """Since when the two could have been together: both there, fitting, and not reserved for another."""
    skills = desk.settings.operators[operator.id].skills
    moments = [call.entered_at, operator.free_at, fits_since(call, skills)]
    if operator.id != call.last_operator:
        moments.append(call.open_at)
    return min(max(moments), desk.at)


def check_talk_rule(desk: Desk, offer_id: OfferId) -> None:
    """Say that the three-second rule is broken if the promised time passed without a talk."""
    live = desk.state.offers.get(offer_id)
    if live is None or live.talking_at is not None or live.rule_broken or live.work is not None:
        return
    if desk.at < live.pair_at + desk.settings.talk_within:
        return
    desk.say(
        f.RuleBroken(
            at=desk.at,
            offer=offer_id,
            call=live.call,
            operator=live.operator,
            queue=live.queue,
            pair_at=live.pair_at,
            cause=_where_time_went(desk, live),
        )
    )


def _where_time_went(desk: Desk, live: LiveOffer) -> str:
    """The longest stretch so far."""
    missed = desk.state.calls[live.call].missed_offers
    rang_at = live.rang_at or live.answered_at or desk.at
    answered_at = live.answered_at or desk.at
    stretches = [
        (live.offered_at - live.pair_at, "earlier offer missed" if missed else "offered late"),
        (rang_at - live.offered_at, "phone did not ring"),
        (answered_at - rang_at, "phone rang"),
        (desk.at - answered_at, "joining"),
    ]
    return max(stretches, key=lambda stretch: stretch[0])[1]
