"""Where a work item stands, and whose it is: read from its hold and its call."""

from acd.core.state import Answered, Call, InTalk, Offered, State
from acd.core.words import OperatorId
from acd.core.work import WorkStage
from acd.core.work_state import CallerHere, Claimed, Confirmed, Dialling, Forwarded, Open, Standing, WorkItem


def work_stage(state: State, item: WorkItem | None) -> WorkStage:
    """Where the item stands; CLOSED also for one that never was."""
    match item.hold if item else None:
        case None:
            return WorkStage.CLOSED
        case Open():
            return WorkStage.NEW
        case Standing(call=call):
            return _stage_in_line(state.calls.get(call))
        case CallerHere():
            return WorkStage.CALLER_HERE
        case Dialling() | Confirmed():
            return WorkStage.DIALLING
        case Claimed():
            return WorkStage.CLAIMED
        case Forwarded():
            return WorkStage.FORWARDED


def _stage_in_line(call: Call | None) -> WorkStage:
    match call.state if call else None:
        case Offered() | Answered():
            return WorkStage.OFFERED
        case InTalk():
            return WorkStage.TALKING
        case _:
            return WorkStage.NEW


def operator_of(state: State, item: WorkItem) -> OperatorId | None:
    """Who has it: by a claim, on the phone, or on the way there."""
    if isinstance(item.hold, Claimed | Forwarded):
        return item.hold.operator
    call = None if item.call is None else state.calls.get(item.call)
    return getattr(call.state, "operator", None) if call else None


def is_own(state: State, item: WorkItem, operator: OperatorId) -> bool:
    """Whether this operator may settle it: has claimed it, or deals with it on the phone."""
    own = work_stage(state, item) in (WorkStage.CLAIMED, WorkStage.TALKING)
    return own and operator_of(state, item) == operator
