"""What the centre knows of an open work item: frozen records, changed by `evolve` only."""

from dataclasses import dataclass

from acd.core.settings import Need
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work import Reach, WorkId, WorkKind


@dataclass(frozen=True, slots=True)
class Open:
    """Nobody has it: it waits for its time or for room in its queue."""


@dataclass(frozen=True, slots=True)
class Standing:
    """It stands in its queue as `call`, is offered, or an operator deals with it on the phone."""

    call: CallId


@dataclass(frozen=True, slots=True)
class CallerHere:
    """Its caller has called in and waits in the kept place."""

    call: CallId


@dataclass(frozen=True, slots=True)
class Dialling:
    """The customer is being called, until the lease ends."""

    call: CallId
    since: float
    until: float
    holder: OperatorId | None = None
    """The operator who is held for the customer."""
    was_held: bool = False
    """Somebody is or was held for this attempt: nobody else will be."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The customer has answered and waits, or is being connected."""

    call: CallId


@dataclass(frozen=True, slots=True)
class Claimed:
    operator: OperatorId
    until: float


@dataclass(frozen=True, slots=True)
class Forwarded:
    operator: OperatorId
    department: str
    note: str


Hold = Open | Standing | CallerHere | Dialling | Confirmed | Claimed | Forwarded
WorkRank = tuple[int, float, WorkId]
"""(-priority, waiting since, work): the smaller goes first."""


@dataclass(frozen=True, slots=True)
class Message:
    """One recording of a voicemail, or an operator's note."""

    recording: str
    seconds: float
    at: float
    text: str = ""
    confidence: float | None = None
    """None while there is no text."""
    by: OperatorId | None = None
    """Who has said it; None: the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """An open promise. `caller` is the whole number: mask it for screens and logs."""

    id: WorkId
    promise: WorkKind
    queue: QueueId
    caller: str
    line: str
    language: str
    made_in: CallId | None
    """The call in which it was promised."""
    made_at: float
    waiting_since: float
    not_before: float
    due_at: float
    priority: int
    needs: tuple[Need, ...]
    messages: tuple[Message, ...] = ()
    hold: Hold = Open()
    turn: int = 0
    """Of the newest `call_of`."""
    turn_over: bool = False
    """It is known what became of the attempt to call the customer at this turn."""
    tries: int = 0
    """Attempts to call the customer that are over."""
    reaches: tuple[tuple[Reach, int], ...] = ()
    """How often each of them happened."""
    by_hand: bool = False
    """A call-back that an operator has to decide about."""
    broken: bool = False
    last_operator: OperatorId | None = None
    """Who dealt with it last on the phone."""

    @property
    def hand(self) -> bool:
        """An operator decides what to do: a voicemail, or a call-back whose attempts are used up."""
        return self.by_hand or self.promise is WorkKind.VOICEMAIL

    @property
    def reached(self) -> bool:
        """The customer has been talked to."""
        return any(reach is Reach.TALKED for reach, _ in self.reaches)

    @property
    def call(self) -> CallId | None:
        """The call that stands for it, is made to its customer, or is its caller's."""
        return getattr(self.hold, "call", None)

    @property
    def rank(self) -> WorkRank:
        return (-self.priority, self.waiting_since, self.id)
