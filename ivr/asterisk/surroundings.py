"""What call control needs of the rest of the server."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from acd.core.commands import Offer
from acd.core.events import Event
from acd.core.state import LiveOffer
from acd.core.words import CallId, LeaveReason, OfferId, OperatorId
from ivr.asterisk.leg_calls import LegWords
from ivr.asterisk.legs import Leg


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


class Works(Protocol):
    """What call control needs of the operators' legs that handle work items."""

    def begin(self, leg: Leg) -> bool:
        """Handle the leg's item on it, once; False: the leg has no session."""
        ...


class NoWorks:
    """Where no work item is ever handled."""

    def begin(self, leg: Leg) -> bool:
        return False


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
    may_dial: Callable[[str], bool] = lambda number: False
    """Whether a customer may be called at this number."""
    line_number: Callable[[str], str] = lambda line: ""
    """What a customer is shown who is called for this line."""
    works: Works = field(default_factory=NoWorks)
