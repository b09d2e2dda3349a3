"""The state of the centre: frozen records in mutable tables, changed by `evolve` only.

An operator is status (the person's choice) x activity (what the switch sees) x reachable, each on its own.
"""

from dataclasses import dataclass, field, replace

from acd.core.settings import Need
from acd.core.words import CallId, Cause, OfferId, OperatorId, QueueId
from acd.core.work import WorkId
from acd.core.work_state import WorkItem


@dataclass(frozen=True, slots=True)
class Waiting:
    """In the queue, nobody's phone is called."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An operator's phone is being called; the call keeps its place."""

    offer: OfferId
    operator: OperatorId


@dataclass(frozen=True, slots=True)
class Answered:
    """The operator answered; the switch is joining the two."""

    offer: OfferId
    operator: OperatorId


@dataclass(frozen=True, slots=True)
class InTalk:
    offer: OfferId
    operator: OperatorId
    since: float


CallState = Waiting | Offered | Answered | InTalk
Rank = tuple[int, float, int, CallId]
"""(-priority, waiting since, order of entering, call): the smaller goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    id: CallId
    queue: QueueId
    caller: str
    line: str
    priority: int
    needs: tuple[Need, ...]
    waiting_since: float
    """Decides the place and relaxes the needs; earlier than `entered_at` where a place was given back."""
    entered_at: float
    open_at: float
    """Since when anybody who fits may take it; `entered_at` unless it was reserved."""
    order: int
    state: CallState
    last_operator: OperatorId | None = None
    reserved_until: float | None = None
    missed_offers: int = 0
    forecast: float | None = None
    """The wait that the estimator expected when the call entered; judged when it is answered."""
    work: WorkId | None = None
    """It stands for this work item, is its customer, or its caller who has called in."""
    present: bool = True
    """Somebody is on the line; False: the place of a work item."""

    @property
    def rank(self) -> Rank:
        return (-self.priority, self.waiting_since, self.order, self.id)


@dataclass(frozen=True, slots=True)
class LoggedOut:
    pass


@dataclass(frozen=True, slots=True)
class Available:
    pass


@dataclass(frozen=True, slots=True)
class OnBreak:
    reason: str


Status = LoggedOut | Available | OnBreak


@dataclass(frozen=True, slots=True)
class Idle:
    pass


@dataclass(frozen=True, slots=True)
class Ringing:
    """Reserved for one offer; the phone is being called."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class Joining:
    """Answered, not yet joined with the caller."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class Talking:
    offer: OfferId


@dataclass(frozen=True, slots=True)
class WrapUp:
    queue: QueueId
    until: float


@dataclass(frozen=True, slots=True)
class Held:
    """Kept free for a customer who is being called."""

    work: WorkId
    until: float


Activity = Idle | Ringing | Joining | Talking | WrapUp | Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    id: OperatorId
    status: Status = LoggedOut()
    activity: Activity = Idle()
    reachable: bool = False
    """False until the switch has said otherwise."""
    next_status: Status | None = None
    set_aside_until: float | None = None
    idle_since: float = 0.0
    """Place among the idle: kept when the caller hung up before the talk."""
    free_at: float = 0.0
    """Since when a call could be taken; part of the three-second rule's clock."""
    status_since: float = 0.0
    activity_since: float = 0.0
    gone_at: float = 0.0
    """When last logged out or unreachable; counts for 'nobody logged in'."""
    misses: tuple[tuple[Cause, int], ...] = ()
    """Failures in a row by cause."""

    @property
    def ready(self) -> bool:
        """May be offered a call now."""
        return (
            type(self.activity) is Idle
            and type(self.status) is Available
            and self.reachable
            and self.set_aside_until is None
        )

    @property
    def staffing(self) -> bool:
        """Counts as somebody who is there for the queues."""
        return self.reachable and type(self.status) is not LoggedOut


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOffer:
    """One call on its way to one operator, until the talk is over."""

    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId
    phone: str
    until: float
    offered_at: float
    pair_at: float
    operator_free_at: float
    rang_at: float | None = None
    answered_at: float | None = None
    talking_at: float | None = None
    rule_broken: bool = False
    work: WorkId | None = None
    """The call is the place of this work item: nobody is on the line."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in line kept for a caller whose line dropped."""

    caller: str
    queue: QueueId
    call: CallId
    waiting_since: float
    until: float


@dataclass(frozen=True, slots=True)
class LastTalk:
    """Who talked to this caller last."""

    caller: str
    queue: QueueId
    operator: OperatorId
    until: float


CallerKey = tuple[str, QueueId]


@dataclass(slots=True)
class State:
    """Everything that a fold of the facts gives. `evolve` is the only writer."""

    at: float = 0.0
    began_at: float = 0.0
    """Of the first fact; 0.0 before it."""
    next_offer: int = 1
    next_order: int = 1
    waiting: int = 0
    """Calls in the state Waiting: checked against the index by the idle-pair watch."""
    calls: dict[CallId, Call] = field(default_factory=dict)
    operators: dict[OperatorId, Operator] = field(default_factory=dict)
    offers: dict[OfferId, LiveOffer] = field(default_factory=dict)
    ended: dict[OfferId, OperatorId] = field(default_factory=dict)
    """The last offers that ended, so that a late answer's leg can still be dropped."""
    places: dict[CallerKey, Place] = field(default_factory=dict)
    last_talks: dict[CallerKey, LastTalk] = field(default_factory=dict)
    next_work: int = 1
    work: dict[WorkId, WorkItem] = field(default_factory=dict)
    """The open work items, in the order of their promises."""
    closed: dict[WorkId, QueueId] = field(default_factory=dict)
    """The last work items that were settled."""
    tokens: dict[str, WorkId] = field(default_factory=dict)
    """Of the last promises, so that a doubled one is known."""
    dials: dict[QueueId, tuple[float, ...]] = field(default_factory=dict)
    """When customers were called in the last hour."""

    def copy(self) -> "State":
        """The state as it is now: records in the tables are never changed, so copied tables do."""
        return replace(
            self,
            calls=dict(self.calls),
            operators=dict(self.operators),
            offers=dict(self.offers),
            ended=dict(self.ended),
            places=dict(self.places),
            last_talks=dict(self.last_talks),
            work=dict(self.work),
            closed=dict(self.closed),
            tokens=dict(self.tokens),
            dials=dict(self.dials),
        )

    def operator(self, operator: OperatorId) -> Operator:
        """The operator, as a newcomer if no fact has named them yet."""
        return self.operators.get(operator) or Operator(id=operator)


def status_name(status: Status | None) -> str:
    """The status as it stands in facts and views; '' for none."""
    match status:
        case LoggedOut():
            return "logged out"
        case Available():
            return "available"
        case OnBreak():
            return "on break"
        case None:
            return ""


def status_of(name: str, reason: str = "") -> Status | None:
    """The inverse of `status_name`. ValueError for an unknown name."""
    match name:
        case "logged out":
            return LoggedOut()
        case "available":
            return Available()
        case "on break":
            return OnBreak(reason)
        case "":
            return None
        case _:
            raise ValueError(f"no status is called {name!r}")
