"""The centre at one moment, for screens and programs: plain data, safe to send (callers' numbers masked)."""

from dataclasses import dataclass

from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work import WorkId


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    id: QueueId
    name: str
    waiting: int
    longest_wait_for: float
    logged_in: int
    """Operators of this queue by what they do; `logged_in` is all of them."""
    idle: int
    busy: int
    """Ringing or talking."""
    wrap_up: int
    on_break: int
    answered: int
    """Since the start of the day, like the following."""
    abandoned: int
    short_abandoned: int
    overflowed: int
    answered_within: int
    answer_within: float
    short_abandon_for: float
    service_level: float | None
    """answered within T / (answered + abandoned - abandoned within S); None while nothing was offered."""
    mean_wait_for: float | None
    """ASA: mean wait of the answered calls."""
    mean_handle_for: float | None
    """AHT: talk and wrap-up."""
    expected_wait_for: float | None
    """For a call that enters now; None where it cannot be said honestly."""
    service_level_of_answered: float | None = None
    """answered within T / answered."""
    service_level_of_offered: float | None = None
    """answered within T / all calls whose fate is decided."""
    occupancy: float | None = None
    """(talk + wrap-up) / time available, of this queue's operators."""
    work_open: int = 0
    """Promises that are open: call-backs and voicemail. `waiting` counts callers on the line only."""
    work_due: int = 0
    """Open ones that are broken, or that have less than a quarter of their time left."""
    kept_share: float | None = None
    """kept / (kept + broken), of the promises decided since the start of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorView:
    id: OperatorId
    name: str
    phone: str
    status: str
    """'logged out', 'available', 'on break'."""
    reason: str
    next_status: str
    activity: str
    """'idle', 'ringing', 'talking', 'wrap-up', 'held' (for a customer who is being called)."""
    since: float
    """Since when the shown state holds."""
    until: float | None
    """End of wrap-up, of being held, or of being set aside."""
    reachable: bool
    set_aside: bool
    call: CallId | None
    queue: QueueId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    id: CallId
    caller: str
    """Masked: '050***4567'."""
    queue: QueueId
    state: str
    """'waiting', 'offered', 'answered', 'talking'."""
    since: float
    """Since when it waits or talks."""
    position: int | None
    """1 is next; None once it talks."""
    operator: OperatorId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkView:
    """An open promise."""

    id: WorkId
    kind: str
    """'call-back', 'voicemail'."""
    stage: str
    """As in `WorkStage`."""
    queue: QueueId
    caller: str
    """Masked."""
    made_at: float
    due_at: float
    not_before: float
    attempts: int
    """Calls to the customer that are over."""
    operator: OperatorId | None
    """Who has it."""
    department: str
    recordings: int
    by_hand: bool
    """An operator decides: voicemail, or a call-back whose attempts are used up."""
    broken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CenterView:
    at: float
    queues: tuple[QueueView, ...]
    operators: tuple[OperatorView, ...]
    calls: tuple[CallView, ...]
    """Callers on the line; places of work items are left out."""
    work: tuple[WorkView, ...] = ()
    """Open promises, in the order in which they were made."""


def operator_state(operator: OperatorView) -> str:
    """One word for what an operator does, the more telling one first."""
    if operator.status == "logged out":
        return "logged out"
    if operator.activity != "idle":
        return operator.activity
    if operator.status == "on break":
        return "on break"
    if not operator.reachable:
        return "unreachable"
    return "set aside" if operator.set_aside else "idle"
