"""What can happen to work items (call-backs, voicemail). Times in seconds since the Unix epoch."""

from dataclasses import dataclass

from acd.core.settings import Need
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work import Reach, WorkId, WorkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPromised:
    """A caller was promised a call-back, or left a message. A call that waits leaves its queue by it.

    Refused: ALREADY_PROMISED (an open call-back for this number in this queue), UNKNOWN_QUEUE, NO_NUMBER,
    TOO_MANY. A second voicemail of the same caller in the same queue is added to the first one.
    """

    at: float
    token: str
    """Of this promise: the same one again is a doubled event and is ignored."""
    promise: WorkKind
    queue: QueueId
    caller: str
    """The number to call, '' if withheld (voicemail only)."""
    line: str = ""
    language: str = ""
    call: CallId | None = None
    """The call in which it was promised."""
    waiting_since: float | None = None
    """The place in line to keep; None: that of the call if it waits, else `at`."""
    not_before: float | None = None
    """The time that the caller chose."""
    priority: int | None = None
    """None: that of the call if it waits, else the queue's."""
    needs: tuple[Need, ...] = ()
    """Beside the queue's needs, and those of the call if it waits."""
    recording: str = ""
    """Id of the stored sound."""
    seconds: float = 0.0
    """Its length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptCame:
    """The text of a message, whenever it is ready."""

    at: float
    work: WorkId
    recording: str
    text: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkAskedFor:
    """The operator wants the next work item of their queues now (None), or this one.

    It is offered to their phone at once. Refused: NO_WORK, NOT_LOGGED_IN, WORK_TAKEN, BUSY.
    """

    at: float
    operator: OperatorId
    work: WorkId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkClaimed:
    """The operator takes the item without a call: nobody else is offered it until the lock expires.

    Again by the same operator: the lock begins anew. Refused: UNKNOWN_WORK, WORK_TAKEN.
    """

    at: float
    operator: OperatorId
    work: WorkId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimGivenBack:
    """The operator lets go of the item; it comes again. Refused: NOT_YOURS."""

    at: float
    operator: OperatorId
    work: WorkId


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPassedOn:
    """The item goes to a department, which has it until it is handed back or done. Refused: NOT_YOURS."""

    at: float
    operator: OperatorId
    work: WorkId
    department: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSpoken:
    """An operator has said something about the item that whoever has it next should hear. The same
    recording again, or a settled item: ignored."""

    at: float
    operator: OperatorId
    work: WorkId
    recording: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkHandedBack:
    """The item comes back to the queue with a reason: from a department or from whoever has claimed it."""

    at: float
    work: WorkId
    reason: str
    operator: OperatorId | None = None
    """None: the department."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDone:
    """The item is settled. `operator` None: by a department or an admin. Refused: UNKNOWN_WORK, NOT_YOURS."""

    at: float
    work: WorkId
    operator: OperatorId | None = None
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalledOff:
    """The caller or an admin no longer wants it."""

    at: float
    work: WorkId
    by: str
    """'caller' or who ordered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerConfirmed:
    """The customer who was called first has answered and wants the call: waits from now on as `call`."""

    at: float
    work: WorkId
    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCalled:
    """What became of an attempt to reach the customer, whoever called: TALKED closes a call-back.

    `call`: the attempt, as in `DialCustomer` or `Connect`; an attempt that is over is ignored.
    """

    at: float
    work: WorkId
    call: CallId
    reach: Reach
    talked_for: float = 0.0


WorkEvent = (
    WorkPromised
    | TranscriptCame
    | WorkAskedFor
    | WorkClaimed
    | ClaimGivenBack
    | WorkPassedOn
    | NoteSpoken
    | WorkHandedBack
    | WorkDone
    | WorkCalledOff
    | CustomerConfirmed
    | CustomerCalled
)
