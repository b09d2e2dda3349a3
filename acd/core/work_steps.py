"""Every (stage of a work item, event) pair and its result, as a table: the centre goes by it.

As in `transitions`: what a late event means is `ignored`, what a person cannot do is `refused` with a code.
Whether the item is the operator's own is asked beside the table: where it is not, NOT_YOURS.
"""

from dataclasses import dataclass
from enum import StrEnum

from acd.core import work_events as v
from acd.core.errors import RefusalCode
from acd.core.work import WorkStage


class WorkAct(StrEnum):
    """What the centre does; one function each in `work_items`, `promising`, `call_backs`."""

    MAKE = "make the promise"
    MAKE_AGAIN = "add the message, or refuse the second call-back"
    NOTE_TEXT = "note the text"
    ADD_NOTE = "add the note"
    OFFER = "offer at once"
    CLAIM = "claim"
    CLAIM_AGAIN = "begin the lock anew"
    GIVE_BACK = "give back"
    FORWARD = "pass on"
    HAND_BACK = "hand back"
    CLOSE = "close"
    CALL_OFF = "call off"
    WAIT = "have the customer wait"
    NOTE_TRY = "note the attempt"
    STOP = "ignore, hang up the customer's channel"
    IGNORE = "ignore"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class WorkStep:
    """The result of one pair. `to` is the stage afterwards in the plain case; None if it stays."""

    act: WorkAct
    to: WorkStage | None = None
    why: str = ""
    refusal: RefusalCode | None = None


WorkEventKind = (
    type[v.WorkPromised]
    | type[v.TranscriptCame]
    | type[v.WorkAskedFor]
    | type[v.WorkClaimed]
    | type[v.ClaimGivenBack]
    | type[v.WorkPassedOn]
    | type[v.NoteSpoken]
    | type[v.WorkHandedBack]
    | type[v.WorkDone]
    | type[v.WorkCalledOff]
    | type[v.CustomerConfirmed]
    | type[v.CustomerCalled]
)

_W = WorkStage
_A = WorkAct
_R = RefusalCode
_HELD = (_W.CLAIMED, _W.TALKING)
"""Stages in which the item is an operator's own."""


def _refused(code: RefusalCode) -> WorkStep:
    return WorkStep(_A.REFUSE, refusal=code)


def _everywhere(step: WorkStep) -> dict[WorkStage, WorkStep]:
    return {stage: step for stage in _W if stage is not _W.CLOSED}


def _rows() -> dict[WorkEventKind, dict[WorkStage, WorkStep]]:
    not_yours, unknown = _refused(_R.NOT_YOURS), _refused(_R.UNKNOWN_WORK)
    taken = _everywhere(_refused(_R.WORK_TAKEN))
    over = WorkStep(_A.IGNORE, why="it is settled")
    return {
        v.WorkPromised: {**_everywhere(WorkStep(_A.MAKE_AGAIN)), _W.CLOSED: WorkStep(_A.MAKE, _W.NEW)},
        v.TranscriptCame: {**_everywhere(WorkStep(_A.NOTE_TEXT)), _W.CLOSED: WorkStep(_A.NOTE_TEXT)},
        v.WorkAskedFor: {
            **taken,
            **dict.fromkeys((_W.NEW, _W.CLAIMED), WorkStep(_A.OFFER, _W.OFFERED)),
            _W.CLOSED: unknown,
        },
        v.WorkClaimed: {
            **taken,
            _W.NEW: WorkStep(_A.CLAIM, _W.CLAIMED),
            _W.CLAIMED: WorkStep(_A.CLAIM_AGAIN),
            _W.OFFERED: WorkStep(_A.CLAIM_AGAIN),
            _W.TALKING: WorkStep(_A.CLAIM_AGAIN),
            _W.CLOSED: unknown,
        },
        v.ClaimGivenBack: {
            **_everywhere(not_yours),
            _W.CLAIMED: WorkStep(_A.GIVE_BACK, _W.NEW),
            _W.CLOSED: unknown,
        },
        v.WorkPassedOn: {
            **_everywhere(not_yours),
            **dict.fromkeys(_HELD, WorkStep(_A.FORWARD, _W.FORWARDED)),
            _W.CLOSED: unknown,
        },
        v.NoteSpoken: {**_everywhere(WorkStep(_A.ADD_NOTE)), _W.CLOSED: over},
        v.WorkHandedBack: {
            **_everywhere(not_yours),
            **dict.fromkeys((*_HELD, _W.FORWARDED), WorkStep(_A.HAND_BACK, _W.NEW)),
            _W.CLOSED: unknown,
        },
        v.WorkDone: {**_everywhere(WorkStep(_A.CLOSE, _W.CLOSED)), _W.CLOSED: unknown},
        v.WorkCalledOff: {**_everywhere(WorkStep(_A.CALL_OFF, _W.CLOSED)), _W.CLOSED: unknown},
        v.CustomerConfirmed: {
            **_everywhere(WorkStep(_A.STOP, why="its customer is not being called")),
            _W.DIALLING: WorkStep(_A.WAIT),
            _W.CLOSED: WorkStep(_A.STOP, why="it is settled"),
        },
        v.CustomerCalled: {**_everywhere(WorkStep(_A.NOTE_TRY)), _W.CLOSED: over},
    }


WORK_STEPS: dict[tuple[WorkStage, WorkEventKind], WorkStep] = {
    (stage, event): row[stage] for event, row in _rows().items() for stage in _W
}
"""NOTE_TRY is for the attempt that goes on; one that is over is ignored, and so is one whose customer waits
in line: what becomes of that is said of the call. A caller who is here and a department keep the item,
unless the attempt settles it. CLOSE by an operator is for the operator's own item only."""

WORK_BY_ITSELF = (
    (_W.NEW, "its turn, an operator free", _W.OFFERED),
    (_W.NEW, "customer first: its turn comes", _W.DIALLING),
    (_W.NEW, "its caller calls in", _W.CALLER_HERE),
    (_W.DIALLING, "its caller calls in", _W.CALLER_HERE),
    (_W.DIALLING, "not reached", _W.NEW),
    (_W.DIALLING, "a talk", _W.CLOSED),
    (_W.CALLER_HERE, "a talk", _W.CLOSED),
    (_W.CALLER_HERE, "hung up", _W.NEW),
    (_W.OFFERED, "missed", _W.NEW),
    (_W.OFFERED, "OperatorAnswered, TalkStarted", _W.TALKING),
    (_W.TALKING, "not reached, or not settled", _W.NEW),
    (_W.TALKING, "CustomerCalled talked", _W.CLOSED),
    (_W.CLAIMED, "the lock expires, or not reached", _W.NEW),
)


def work_arrows() -> list[tuple[str, str, str]]:
    """The arrows of the diagram: from, label, to."""
    table = [
        (str(stage), event.__name__, str(step.to)) for (stage, event), step in WORK_STEPS.items() if step.to
    ]
    return [*table, *((str(source), label, str(to)) for source, label, to in WORK_BY_ITSELF)]
