"""What the centre asks of the switch and of the dialogue. A command's result comes back as an event."""

from dataclasses import dataclass

from acd.core.words import CallId, LeaveReason, OfferId, OperatorId, QueueId
from acd.core.work import WorkId


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
    work: WorkId | None = None
    """The call is the place of this work item: nobody is on the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOffer:
    """Hang up the operator's leg of this offer, if it still lives. Nothing has to be answered."""

    offer: OfferId
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """Join the caller with the answered leg now. Answered by TalkStarted, or TalkEnded, or OfferFailed.

    With `work`: let the operator handle this work item on the leg, which is the talk: TalkStarted when that
    begins, TalkEnded when the leg is gone.
    """

    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId
    work: WorkId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCall:
    """The call left its queue: its dialogue goes on at the edge for `reason`."""

    call: CallId
    queue: QueueId
    reason: LeaveReason


@dataclass(frozen=True, slots=True, kw_only=True)
class DialCustomer:
    """Call a customer who was promised a call-back, before an operator is there; give up at `until`.

    The channel's id is `call`. Whoever answers is asked whether the call is wanted: CustomerConfirmed, after
    which the channel waits in the queue as any call; or CustomerCalled with what happened.
    """

    work: WorkId
    call: CallId
    queue: QueueId
    number: str
    line: str
    language: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDialling:
    """Hang up this customer's channel if it still lives. Nothing has to be answered."""

    work: WorkId
    call: CallId


Command = Offer | WithdrawOffer | Connect | ReleaseCall | DialCustomer | StopDialling
