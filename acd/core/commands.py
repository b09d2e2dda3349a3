"""What the centre asks of the switch and of the dialogue. A command's result comes back as an event."""

from dataclasses import dataclass

from acd.core.words import CallId, LeaveReason, OfferId, OperatorId, QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Call the operator's phone now, with automatic answer; give up at `until`.

    Answered by PhoneRang, OperatorAnswered or OfferFailed of the same offer.
    """

    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId
    phone: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOffer:
    """Hang up the operator's leg of this offer, if it still lives. Nothing has to be answered."""

    offer: OfferId
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """Join the caller with the answered leg now. Answered by TalkStarted, or TalkEnded, or OfferFailed."""

    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCall:
    """The call left its queue: its dialogue goes on at the edge for `reason`."""

    call: CallId
    queue: QueueId
    reason: LeaveReason


Command = Offer | WithdrawOffer | Connect | ReleaseCall
