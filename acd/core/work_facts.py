"""What happened to work items, as it is journalled. A ledger of promises is a fold of these."""

from dataclasses import dataclass

from acd.core.settings import Need
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work import Reach, WorkEnd, WorkId, WorkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkMade:
    """A promise to a caller, who has its place in line from `waiting_since`."""

    at: float
    work: WorkId
    token: str
    promise: WorkKind
    queue: QueueId
    caller: str
    line: str
    language: str
    call: CallId | None
    waiting_since: float
    not_before: float
    """Not offered, and nobody called, sooner."""
    due_at: float
    """Kept later than this, or not at all, it is broken."""
    recording: str = ""
    seconds: float = 0.0
    priority: int = 0
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkAdded:
    """One more message of the same caller."""

    at: float
    work: WorkId
    token: str
    call: CallId | None
    recording: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTranscribed:
    at: float
    work: WorkId
    recording: str
    text: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTaken:
    """An operator has it; until `until` nobody else is offered it."""

    at: float
    work: WorkId
    operator: OperatorId
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLetGo:
    """It waits again, from `not_before` on: the claim expired, was given back, or settled nothing."""

    at: float
    work: WorkId
    operator: OperatorId | None
    not_before: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkForwarded:
    at: float
    work: WorkId
    operator: OperatorId
    department: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkNoted:
    """An operator's spoken note; its text comes like that of a message."""

    at: float
    work: WorkId
    operator: OperatorId
    recording: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkReturned:
    """Handed back to its queue with a reason."""

    at: float
    work: WorkId
    operator: OperatorId | None
    """None: the department."""
    reason: str
    not_before: float = 0.0
    """Not offered sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRaised:
    """Its time runs out: it goes before others from now on."""

    at: float
    work: WorkId
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkBroken:
    """Its time has run out and the promise is broken. It stays open all the same."""

    at: float
    work: WorkId
    queue: QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerReturned:
    """Its caller has called in and waits in the kept place as `call`."""

    at: float
    work: WorkId
    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDialled:
    """Customer first: the customer's phone is called; `until`: the lease of this attempt."""

    at: float
    work: WorkId
    call: CallId
    attempt: int
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerWaits:
    """The customer has answered and wants the call."""

    at: float
    work: WorkId
    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTried:
    """An attempt to reach the customer is over."""

    at: float
    work: WorkId
    call: CallId
    attempt: int
    reach: Reach
    talked_for: float = 0.0
    next_at: float | None = None
    """Of the next attempt; None: none by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkByHand:
    """No more attempts by itself: an operator is offered the item and decides."""

    at: float
    work: WorkId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorHeld:
    """Customer first: free earlier than the customer answered, and held until `until` at most."""

    at: float
    operator: OperatorId
    work: WorkId
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEnded:
    """The operator who was held may take any call again, with the old place among the idle."""

    at: float
    operator: OperatorId
    work: WorkId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkClosed:
    """The end of a work item."""

    at: float
    work: WorkId
    queue: QueueId
    promise: WorkKind
    end: WorkEnd
    kept: bool
    """By a talk or an operator, no later than due."""
    operator: OperatorId | None = None
    topic: str = ""
    by: str = ""
    """Who called it off."""


WorkFact = (
    WorkMade
    | WorkAdded
    | WorkTranscribed
    | WorkTaken
    | WorkLetGo
    | WorkForwarded
    | WorkNoted
    | WorkReturned
    | WorkRaised
    | WorkBroken
    | CallerReturned
    | CustomerDialled
    | CustomerWaits
    | CustomerTried
    | WorkByHand
    | OperatorHeld
    | HoldEnded
    | WorkClosed
)
