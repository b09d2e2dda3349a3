"""What call control needs of the rest of the server."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from acd.core.commands import Offer
from acd.core.events import Event
from acd.core.state import LiveOffer
from acd.core.words import CallId, LeaveReason, OfferId, OperatorId
from ivr.asterisk.leg_calls import LegWords


class Callers(Protocol):
    """What call control needs of the tasks of the calls."""

    def join(self, call: CallId, offer: OfferId, leg: str) -> bool:
        """Bridge the caller with the channel named `leg`; False: no task waits in a queue for it."""
        ...

    def release(self, call: CallId, reason: LeaveReason) -> None: ...

    def key(self, call: CallId, key: str) -> None: ...

    def is_live(self, call: CallId) -> bool:
        """Whether the call has an open session."""
        ...

    def is_queued(self, call: CallId) -> bool:
        """Whether the centre has the call, waiting or talking."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What call control asks of the rest of the server, as functions, for they change at run time."""

    post: Callable[[Event], None]
    now: Callable[[], float]
    words: Callable[[Offer], LegWords]
    operator_of: Callable[[str], OperatorId | None]
    """By the phone's endpoint."""
    live_offer: Callable[[OfferId], LiveOffer | None]
    """What the centre has under way or talking."""
