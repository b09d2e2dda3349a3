"""What the switch says about one offer: ringing, answer, failure, talk, end."""

from acd.core import commands as c
from acd.core import events as e
from acd.core import facts as f
from acd.core.desk import Desk
from acd.core.settings import MissRule
from acd.core.state import LiveOffer, Operator, status_name
from acd.core.transitions import OFFER_STEPS, Act, OfferStage, Step
from acd.core.words import CallId, Cause, Ended, OfferId, OperatorId

MISSED_CALLS = "missed calls"
"""Reason of the break that a miss rule ends in."""

OfferNews = e.PhoneRang | e.OperatorAnswered | e.OfferFailed | e.TalkStarted | e.TalkEnded


def offer_stage(live: LiveOffer | None) -> OfferStage:
    """Where the offer stands; ENDED also for one that never was."""
    if live is None:
        return OfferStage.ENDED
    if live.talking_at is not None:
        return OfferStage.TALKING
    if live.answered_at is not None:
        return OfferStage.ANSWERED
    return OfferStage.CALLING if live.rang_at is None else OfferStage.RANG


def on_offer_event(desk: Desk, event: OfferNews) -> None:
    """Do what the table says for the offer's stage."""
    live = desk.state.offers.get(event.offer)
    step = OFFER_STEPS[offer_stage(live), type(event)]
    if live is None:
        _on_ended(desk, event, step)
        return
    match step.act:
        case Act.RING:
            desk.say(f.OfferRang(at=desk.at, offer=live.offer, call=live.call, operator=live.operator))
        case Act.ANSWER:
            answer(desk, live)
        case Act.CONNECT:
            connect(desk, live)
        case Act.ANSWER_AND_CONNECT:
            mark_answered(desk, live)
            connect(desk, live)
        case Act.CONNECT_AND_COMPLETE:
            mark_answered(desk, live)
            connect(desk, live)
            complete(desk, live.offer, _by(event))
        case Act.COMPLETE:
            complete(desk, live.offer, _by(event))
        case Act.MISS:
            miss(desk, live, event.cause if isinstance(event, e.OfferFailed) else Cause.SWITCH_ERROR)
        case _:
            desk.ignore(event, f"offer {live.offer}", step.why)


def _on_ended(desk: Desk, event: OfferNews, step: Step) -> None:
    desk.ignore(event, f"offer {event.offer}", step.why)
    if step.act is Act.DROP_LEG:
        operator = desk.state.ended.get(event.offer, OperatorId(""))
        desk.ask(c.WithdrawOffer(offer=event.offer, operator=operator))


def _by(event: OfferNews) -> Ended:
    return event.by if isinstance(event, e.TalkEnded) else Ended.UNKNOWN


def mark_answered(desk: Desk, live: LiveOffer) -> None:
    """Note the answer if it is not noted yet."""
    if live.answered_at is None:
        desk.say(f.OfferAnswered(at=desk.at, offer=live.offer, call=live.call, operator=live.operator))


def answer(desk: Desk, live: LiveOffer) -> None:
    """The operator's leg is up: have the two joined."""
    mark_answered(desk, live)
    desk.ask(
        c.Connect(offer=live.offer, call=live.call, operator=live.operator, queue=live.queue, work=live.work)
    )


def connect(desk: Desk, live: LiveOffer) -> None:
    """The two talk."""
    call = desk.state.calls[live.call]
    connected = f.CallConnected(
        at=desk.at,
        offer=live.offer,
        call=live.call,
        operator=live.operator,
        queue=live.queue,
        waited_for=desk.at - call.entered_at,
        pair_at=live.pair_at,
        took_for=desk.at - live.pair_at,
        work=live.work,
    )
    desk.say(connected)
    if desk.state.work:
        desk.aftermath.append((call, connected))


def complete(desk: Desk, offer: OfferId, by: Ended) -> None:
    """The talk is over: wrap-up, or free at once."""
    live = desk.state.offers[offer]
    rules = desk.queue(live.queue)
    remember = rules.last_operator_for if live.work is None else 0.0
    call = desk.state.calls[live.call]
    completed = f.CallCompleted(
        at=desk.at,
        offer=offer,
        call=live.call,
        operator=live.operator,
        queue=live.queue,
        talked_for=desk.at - (desk.at if live.talking_at is None else live.talking_at),
        by=by,
        remembered_until=desk.at + remember if remember > 0 else None,
        work=live.work,
    )
    desk.say(completed)
    if live.work is not None:
        desk.aftermath.append((call, completed))
    if rules.wrap_up_for > 0:
        until = desk.at + rules.wrap_up_for
        desk.say(f.WrapUpStarted(at=desk.at, operator=live.operator, queue=live.queue, until=until))
    else:
        free(desk, live.operator)


def free(desk: Desk, operator: OperatorId) -> None:
    """Idle again; a chosen next status takes hold now."""
    desk.say(f.OperatorFreed(at=desk.at, operator=operator))
    take_next_status(desk, operator)


def take_next_status(desk: Desk, operator: OperatorId) -> None:
    """Let the chosen next status take hold, if there is one."""
    chosen = desk.state.operator(operator).next_status
    if chosen is not None:
        reason = getattr(chosen, "reason", "")
        desk.say(f.StatusChanged(at=desk.at, operator=operator, status=status_name(chosen), reason=reason))


def miss(desk: Desk, live: LiveOffer, cause: Cause) -> None:
    """The offer failed: the call keeps its place, the operator is treated by the rule for the cause."""
    operator = desk.state.operator(live.operator)
    rule = desk.queue(live.queue).miss_rules.get(cause) or MissRule(set_aside_for=0.0)
    count = dict(operator.misses).get(cause, 0) + 1
    desk.say(
        f.OfferMissed(
            at=desk.at,
            offer=live.offer,
            call=live.call,
            operator=live.operator,
            queue=live.queue,
            cause=cause,
            misses=count,
            set_aside_until=desk.at + rule.set_aside_for,
        )
    )
    if operator.next_status is not None:
        take_next_status(desk, live.operator)
    elif rule.break_after is not None and count >= rule.break_after:
        _send_on_break(desk, operator)
    end_reservations(desk, live.operator, "the last operator missed an offer")


def _send_on_break(desk: Desk, operator: Operator) -> None:
    desk.say(
        f.StatusChanged(
            at=desk.at, operator=operator.id, status="on break", reason=MISSED_CALLS, by=MISSED_CALLS
        )
    )


def withdraw(desk: Desk, live: LiveOffer, reason: str) -> None:
    """The call no longer needs the operator: drop the leg; the operator keeps the idle time."""
    desk.say(
        f.OfferWithdrawn(at=desk.at, offer=live.offer, call=live.call, operator=live.operator, reason=reason)
    )
    desk.ask(c.WithdrawOffer(offer=live.offer, operator=live.operator))
    take_next_status(desk, live.operator)


def end_reservations(desk: Desk, operator: OperatorId, why: str) -> None:
    """Open to everybody the calls that wait for this operator, who will not be free soon."""
    for call in desk.index.reserved_for(operator):
        end_reservation(desk, call, operator, why)


def end_reservation(desk: Desk, call: CallId, operator: OperatorId, why: str) -> None:
    desk.say(f.ReservationEnded(at=desk.at, call=call, operator=operator, why=why))
