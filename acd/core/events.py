"""Everything that can happen to the centre. Each event has `at`, seconds since the Unix epoch.

From the switch and the dialogue: calls, offers, talks, phones. From people: the operators' choices.
From the clock: `Tick`. From the outside after a gap: `SwitchSeen`. From an admin: `SettingsChanged`.
"""

from dataclasses import dataclass

from acd.core.settings import CenterSettings, Need
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId, OperatorId, QueueId
from acd.core.work_events import WorkEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued:
    """A caller asks for an operator of `queue`. Doubled: ignored, the call keeps its place."""

    at: float
    call: CallId
    queue: QueueId
    caller: str
    """The caller's number, '' if withheld."""
    line: str = ""
    """The number that was dialled."""
    priority: int | None = None
    """None: the queue's."""
    needs: tuple[Need, ...] = ()
    """Beside the queue's needs, for instance the caller's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerHungUp:
    """The caller's channel is gone, whatever the call was doing."""

    at: float
    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTakenBack:
    """The dialogue takes a waiting call out of its queue (a key, another step)."""

    at: float
    call: CallId
    reason: LeaveReason = LeaveReason.CHOSE_TO_LEAVE


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRang:
    at: float
    offer: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAnswered:
    at: float
    offer: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFailed:
    at: float
    offer: OfferId
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkStarted:
    """The switch has joined caller and operator."""

    at: float
    offer: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkEnded:
    at: float
    offer: OfferId
    by: Ended = Ended.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneReachable:
    """The operator's phone registered or answers again (True), or is gone (False)."""

    at: float
    operator: OperatorId
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLoggedIn:
    at: float
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLoggedOut:
    """At once when idle; during a call or wrap-up: as the next status."""

    at: float
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorReady:
    """Back from a break, or wrap-up ended early; clears a pending next status and a set-aside."""

    at: float
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakChosen:
    """At once when idle; during a call or wrap-up: as the next status."""

    at: float
    operator: OperatorId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpProlonged:
    at: float
    operator: OperatorId
    extra_for: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A deadline has come. Early or needless ticks do nothing."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSeen:
    """All that the switch holds, after a (re)connect or on a check: what is not here does not live.

    `calls`: callers' channels alive, waiting or talking. `talks`: offers whose two sides are joined.
    `legs`: offers whose operator's leg lives (ringing or answered or talking).
    `reachable`: operators whose phones are reachable; None where the switch could not say.
    """

    at: float
    calls: frozenset[CallId]
    talks: frozenset[OfferId]
    legs: frozenset[OfferId]
    reachable: frozenset[OperatorId] | None = None
    began_at: float | None = None
    """When the reading of the switch began; what is younger than this is not judged by it. None: `at`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged:
    at: float
    settings: CenterSettings


Event = (
    CallQueued
    | CallerHungUp
    | CallTakenBack
    | PhoneRang
    | OperatorAnswered
    | OfferFailed
    | TalkStarted
    | TalkEnded
    | PhoneReachable
    | OperatorLoggedIn
    | OperatorLoggedOut
    | OperatorReady
    | BreakChosen
    | WrapUpProlonged
    | Tick
    | SwitchSeen
    | SettingsChanged
    | WorkEvent
)
