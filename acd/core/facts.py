"""What happened, as it is journalled: the only truth. State, figures and answers to "why" are folds of it."""

from dataclasses import dataclass

from acd.core.settings import Need
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId, OperatorId, QueueId
from acd.core.work import WorkId
from acd.core.work_facts import WorkFact


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEntered:
    """A call waits. `waiting_since` is earlier than `at` where a dropped caller got the place back."""

    at: float
    call: CallId
    queue: QueueId
    caller: str
    line: str
    priority: int
    needs: tuple[Need, ...]
    """The queue's and the call's together."""
    waiting_since: float
    last_operator: OperatorId | None = None
    reserved_until: float | None = None
    """Until then only `last_operator` may take it."""
    place_of: CallId | None = None
    """The dropped call whose place this one took over."""
    forecast: float | None = None
    """The wait that was expected for it at this moment, seconds."""
    work: WorkId | None = None
    """It stands for this work item, or is its customer (`present`)."""
    present: bool = True
    """A caller is on the line; False: the place of a work item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffered:
    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId
    until: float
    waited_for: float
    operator_free_at: float
    """Since when this operator could have taken a call."""
    pair_at: float
    """Since when this call and this operator could have been together: the clock of the three-second rule."""
    chosen_for: str
    """Why this operator: 'longest idle', 'only one free', 'last operator', and so on."""
    phone: str = ""
    """The phone that is called; kept here so that a restart can find the leg again."""
    work: WorkId | None = None
    """Set where nobody is on the line: the place of this work item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRang:
    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswered:
    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMissed:
    """The call keeps its place; the operator is set aside until `set_aside_until`."""

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId
    cause: Cause
    misses: int
    """Failures of this cause in a row, this one included."""
    set_aside_until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWithdrawn:
    """The caller left while the operator was being called; the operator keeps the idle time."""

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallConnected:
    """Caller and operator talk."""

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId
    waited_for: float
    pair_at: float
    took_for: float
    """`at - pair_at`: what the three-second rule measures."""
    work: WorkId | None = None
    """Set where nobody is on the line: the place of this work item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBroken:
    """The three-second rule: an assignment took longer than promised. Said the moment it happens."""

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId
    pair_at: float
    cause: str
    """Where the time went: 'phone rang', 'phone did not ring', 'joining', 'earlier offer missed', ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCompleted:
    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId
    talked_for: float
    by: Ended
    remembered_until: float | None = None
    """Until then this caller, calling this queue again, is offered to the same operator first."""
    work: WorkId | None = None
    """Set where nobody is on the line: the place of this work item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLeft:
    """A waiting call left without an operator; HUNG_UP is an abandoned call."""

    at: float
    call: CallId
    queue: QueueId
    reason: LeaveReason
    waited_for: float
    place_until: float | None = None
    """Until then the same caller, calling this queue again, gets the place back."""
    work: WorkId | None = None
    """Set where nobody is on the line: the place of this work item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationEnded:
    """A call no longer waits for its last operator: from `at` on anybody who fits may take it."""

    at: float
    call: CallId
    operator: OperatorId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpStarted:
    at: float
    operator: OperatorId
    queue: QueueId
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpMoved:
    at: float
    operator: OperatorId
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorFreed:
    """The operator is idle: wrap-up over, or call over without one."""

    at: float
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """`status`: 'logged out', 'available', 'on break'. `reason` only for a break."""

    at: float
    operator: OperatorId
    status: str
    reason: str = ""
    by: str = "operator"
    """'operator', or the rule that did it: 'missed calls', 'settings'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStatusChosen:
    """What the operator becomes when the call and its wrap-up are over; '' clears it."""

    at: float
    operator: OperatorId
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachabilityChanged:
    at: float
    operator: OperatorId
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideEnded:
    at: float
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class StateHealed:
    """The switch and the centre disagreed; the switch was right. `what` says it in words."""

    at: float
    what: str
    call: CallId | None = None
    operator: OperatorId | None = None
    offer: OfferId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdlePairFound:
    """Alarm: a free fitting operator stood beside a waiting call for too long; repaired in the same step."""

    at: float
    call: CallId
    operator: OperatorId
    stood_for: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EventIgnored:
    """A late, doubled or impossible telephony event; the state did not change."""

    at: float
    event: str
    subject: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsApplied:
    at: float
    queues: int
    operators: int
    changed: tuple[OperatorId, ...] = ()
    """Operators whose queues or skills are new: they could not have taken the waiting calls before `at`."""


Fact = (
    CallEntered
    | CallOffered
    | OfferRang
    | OfferAnswered
    | OfferMissed
    | OfferWithdrawn
    | CallConnected
    | RuleBroken
    | CallCompleted
    | CallLeft
    | ReservationEnded
    | WrapUpStarted
    | WrapUpMoved
    | OperatorFreed
    | StatusChanged
    | NextStatusChosen
    | ReachabilityChanged
    | SetAsideEnded
    | StateHealed
    | IdlePairFound
    | EventIgnored
    | SettingsApplied
    | WorkFact
)


@dataclass(frozen=True, slots=True)
class Record:
    """A fact with its place in the journal: 1, 2, 3, ... without gaps over all restarts."""

    seq: int
    fact: Fact
