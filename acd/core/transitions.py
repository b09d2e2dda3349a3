"""Every (state, event) pair and its result, as tables: the centre goes by them, diagrams are drawn from them.

Three machines: a call, an offer (one call on its way to one operator) and an operator (status x activity);
a fourth, the work item, is in `work_steps`.
A pair that is impossible for the switch to mean is `ignored` with the reason; one that is impossible for a
person is `refused` with a stable code. Nothing is left out: a test walks all pairs.
"""

from dataclasses import dataclass
from enum import StrEnum

from acd.core import events as e
from acd.core.errors import RefusalCode
from acd.core.work_steps import work_arrows


class Act(StrEnum):
    """What the centre does with an event; one function each in `calls`, `offers`, `people`."""

    ENTER = "enter"
    MOVE = "leave and enter the other queue"
    LEAVE = "leave"
    WITHDRAW = "withdraw the offer, leave"
    RING = "note the ringing"
    ANSWER = "join"
    CONNECT = "talk"
    ANSWER_AND_CONNECT = "talk, the answer was lost"
    COMPLETE = "end the talk"
    CONNECT_AND_COMPLETE = "end the talk, its start was lost"
    MISS = "miss"
    DROP_LEG = "ignore, drop the leg"
    IGNORE = "ignore"
    LOG_IN = "log in"
    LOG_OUT = "log out"
    TAKE_BREAK = "go on break"
    BE_READY = "be available"
    END_WRAP_UP = "end the wrap-up"
    CLEAR_HURDLES = "clear next status and set-aside"
    CHOOSE_NEXT = "choose the next status"
    PROLONG = "prolong the wrap-up"
    REFUSE = "refuse"


class CallStage(StrEnum):
    UNKNOWN = "unknown"
    WAITING = "waiting"
    OFFERED = "offered"
    ANSWERED = "answered"
    TALKING = "talking"


class OfferStage(StrEnum):
    CALLING = "calling"
    RANG = "rang"
    ANSWERED = "answered"
    TALKING = "talking"
    ENDED = "ended"


class OperatorStage(StrEnum):
    """Status and activity together; status other than available goes with no activity."""

    LOGGED_OUT = "logged out"
    ON_BREAK = "on break"
    IDLE = "idle"
    BUSY = "busy"
    WRAP_UP = "wrap-up"


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one pair. `to` is the stage afterwards in the plain case; '' if it stays."""

    act: Act
    to: str = ""
    why: str = ""
    refusal: RefusalCode | None = None


def _ignored(why: str) -> Step:
    return Step(Act.IGNORE, why=why)


def _refused(code: RefusalCode) -> Step:
    return Step(Act.REFUSE, refusal=code)


CallEvent = type[e.CallQueued] | type[e.CallerHungUp] | type[e.CallTakenBack]
OfferEvent = (
    type[e.PhoneRang]
    | type[e.OperatorAnswered]
    | type[e.OfferFailed]
    | type[e.TalkStarted]
    | type[e.TalkEnded]
)
PersonEvent = (
    type[e.OperatorLoggedIn]
    | type[e.OperatorLoggedOut]
    | type[e.OperatorReady]
    | type[e.BreakChosen]
    | type[e.WrapUpProlonged]
)

_C = CallStage
CALL_STEPS: dict[tuple[CallStage, CallEvent], Step] = {
    (_C.UNKNOWN, e.CallQueued): Step(Act.ENTER, _C.WAITING),
    (_C.UNKNOWN, e.CallerHungUp): _ignored("the call is not here"),
    (_C.UNKNOWN, e.CallTakenBack): _ignored("the call is not here"),
    (_C.WAITING, e.CallQueued): Step(Act.MOVE, _C.WAITING),
    (_C.WAITING, e.CallerHungUp): Step(Act.LEAVE, _C.UNKNOWN),
    (_C.WAITING, e.CallTakenBack): Step(Act.LEAVE, _C.UNKNOWN),
    (_C.OFFERED, e.CallQueued): Step(Act.MOVE, _C.WAITING),
    (_C.OFFERED, e.CallerHungUp): Step(Act.WITHDRAW, _C.UNKNOWN),
    (_C.OFFERED, e.CallTakenBack): Step(Act.WITHDRAW, _C.UNKNOWN),
    (_C.ANSWERED, e.CallQueued): _ignored("an operator has answered this call"),
    (_C.ANSWERED, e.CallerHungUp): Step(Act.WITHDRAW, _C.UNKNOWN),
    (_C.ANSWERED, e.CallTakenBack): _ignored("an operator has answered this call"),
    (_C.TALKING, e.CallQueued): _ignored("the call is talking"),
    (_C.TALKING, e.CallerHungUp): Step(Act.COMPLETE, _C.UNKNOWN),
    (_C.TALKING, e.CallTakenBack): _ignored("the call is talking"),
}
"""MOVE is for another queue only: the same one again is a doubled event and is ignored."""

_O = OfferStage
OFFER_STEPS: dict[tuple[OfferStage, OfferEvent], Step] = {
    (_O.CALLING, e.PhoneRang): Step(Act.RING, _O.RANG),
    (_O.CALLING, e.OperatorAnswered): Step(Act.ANSWER, _O.ANSWERED),
    (_O.CALLING, e.OfferFailed): Step(Act.MISS, _O.ENDED),
    (_O.CALLING, e.TalkStarted): Step(Act.ANSWER_AND_CONNECT, _O.TALKING),
    (_O.CALLING, e.TalkEnded): Step(Act.CONNECT_AND_COMPLETE, _O.ENDED),
    (_O.RANG, e.PhoneRang): _ignored("it rang already"),
    (_O.RANG, e.OperatorAnswered): Step(Act.ANSWER, _O.ANSWERED),
    (_O.RANG, e.OfferFailed): Step(Act.MISS, _O.ENDED),
    (_O.RANG, e.TalkStarted): Step(Act.ANSWER_AND_CONNECT, _O.TALKING),
    (_O.RANG, e.TalkEnded): Step(Act.CONNECT_AND_COMPLETE, _O.ENDED),
    (_O.ANSWERED, e.PhoneRang): _ignored("it was answered already"),
    (_O.ANSWERED, e.OperatorAnswered): _ignored("it was answered already"),
    (_O.ANSWERED, e.OfferFailed): Step(Act.MISS, _O.ENDED),
    (_O.ANSWERED, e.TalkStarted): Step(Act.CONNECT, _O.TALKING),
    (_O.ANSWERED, e.TalkEnded): Step(Act.CONNECT_AND_COMPLETE, _O.ENDED),
    (_O.TALKING, e.PhoneRang): _ignored("they talk already"),
    (_O.TALKING, e.OperatorAnswered): _ignored("they talk already"),
    (_O.TALKING, e.OfferFailed): _ignored("they talk already"),
    (_O.TALKING, e.TalkStarted): _ignored("they talk already"),
    (_O.TALKING, e.TalkEnded): Step(Act.COMPLETE, _O.ENDED),
    (_O.ENDED, e.PhoneRang): _ignored("the offer is over"),
    (_O.ENDED, e.OperatorAnswered): Step(Act.DROP_LEG, why="the offer is over"),
    (_O.ENDED, e.OfferFailed): _ignored("the offer is over"),
    (_O.ENDED, e.TalkStarted): Step(Act.DROP_LEG, why="the offer is over"),
    (_O.ENDED, e.TalkEnded): _ignored("the offer is over"),
}

_P = OperatorStage
_R = RefusalCode
OPERATOR_STEPS: dict[tuple[OperatorStage, PersonEvent], Step] = {
    (_P.LOGGED_OUT, e.OperatorLoggedIn): Step(Act.LOG_IN, _P.IDLE),
    (_P.LOGGED_OUT, e.OperatorLoggedOut): _refused(_R.NOT_LOGGED_IN),
    (_P.LOGGED_OUT, e.OperatorReady): _refused(_R.NOT_LOGGED_IN),
    (_P.LOGGED_OUT, e.BreakChosen): _refused(_R.NOT_LOGGED_IN),
    (_P.LOGGED_OUT, e.WrapUpProlonged): _refused(_R.NOT_LOGGED_IN),
    (_P.ON_BREAK, e.OperatorLoggedIn): _refused(_R.ALREADY_LOGGED_IN),
    (_P.ON_BREAK, e.OperatorLoggedOut): Step(Act.LOG_OUT, _P.LOGGED_OUT),
    (_P.ON_BREAK, e.OperatorReady): Step(Act.BE_READY, _P.IDLE),
    (_P.ON_BREAK, e.BreakChosen): Step(Act.TAKE_BREAK, _P.ON_BREAK),
    (_P.ON_BREAK, e.WrapUpProlonged): _refused(_R.NOT_IN_WRAP_UP),
    (_P.IDLE, e.OperatorLoggedIn): _refused(_R.ALREADY_LOGGED_IN),
    (_P.IDLE, e.OperatorLoggedOut): Step(Act.LOG_OUT, _P.LOGGED_OUT),
    (_P.IDLE, e.OperatorReady): Step(Act.CLEAR_HURDLES, _P.IDLE),
    (_P.IDLE, e.BreakChosen): Step(Act.TAKE_BREAK, _P.ON_BREAK),
    (_P.IDLE, e.WrapUpProlonged): _refused(_R.NOT_IN_WRAP_UP),
    (_P.BUSY, e.OperatorLoggedIn): _refused(_R.ALREADY_LOGGED_IN),
    (_P.BUSY, e.OperatorLoggedOut): Step(Act.CHOOSE_NEXT),
    (_P.BUSY, e.OperatorReady): Step(Act.CLEAR_HURDLES),
    (_P.BUSY, e.BreakChosen): Step(Act.CHOOSE_NEXT),
    (_P.BUSY, e.WrapUpProlonged): _refused(_R.NOT_IN_WRAP_UP),
    (_P.WRAP_UP, e.OperatorLoggedIn): _refused(_R.ALREADY_LOGGED_IN),
    (_P.WRAP_UP, e.OperatorLoggedOut): Step(Act.CHOOSE_NEXT),
    (_P.WRAP_UP, e.OperatorReady): Step(Act.END_WRAP_UP, _P.IDLE),
    (_P.WRAP_UP, e.BreakChosen): Step(Act.CHOOSE_NEXT),
    (_P.WRAP_UP, e.WrapUpProlonged): Step(Act.PROLONG),
}
"""BUSY is ringing, joining or talking."""

_OPERATOR_BY_ITSELF = (
    (_P.IDLE, "offered", _P.BUSY),
    (_P.BUSY, "missed or withdrawn", _P.IDLE),
    (_P.BUSY, "missed too often", _P.ON_BREAK),
    (_P.BUSY, "talk ended", _P.WRAP_UP),
    (_P.BUSY, "talk ended, no wrap-up", _P.IDLE),
    (_P.WRAP_UP, "deadline", _P.IDLE),
    (_P.WRAP_UP, "deadline, next status", _P.ON_BREAK),
    (_P.WRAP_UP, "deadline, next status", _P.LOGGED_OUT),
)
_CALL_BY_ITSELF = (
    (_C.WAITING, "operator free", _C.OFFERED),
    (_C.OFFERED, "missed", _C.WAITING),
    (_C.OFFERED, "OperatorAnswered", _C.ANSWERED),
    (_C.ANSWERED, "TalkStarted", _C.TALKING),
    (_C.ANSWERED, "leg lost", _C.WAITING),
    (_C.TALKING, "TalkEnded", _C.UNKNOWN),
    (_C.WAITING, "limit of the queue", _C.UNKNOWN),
)


def mermaid(machine: str) -> str:
    """The diagram of 'call', 'offer', 'operator' or 'work' (else KeyError) in Mermaid's stateDiagram-v2."""
    arrows = {
        "call": [*_table_arrows(list(CALL_STEPS.items())), *_CALL_BY_ITSELF],
        "offer": _table_arrows(list(OFFER_STEPS.items())),
        "operator": [*_table_arrows(list(OPERATOR_STEPS.items())), *_OPERATOR_BY_ITSELF],
        "work": work_arrows(),
    }[machine]
    merged: dict[tuple[str, str], list[str]] = {}
    for source, label, target in arrows:
        merged.setdefault((source, target), []).append(label)
    lines = [
        f"    {_node(source)} --> {_node(target)}: {', '.join(labels)}"
        for (source, target), labels in merged.items()
    ]
    return "\n".join(["stateDiagram-v2", *lines])


def _table_arrows(
    steps: list[tuple[tuple[CallStage, CallEvent], Step]]
    | list[tuple[tuple[OfferStage, OfferEvent], Step]]
    | list[tuple[tuple[OperatorStage, PersonEvent], Step]],
) -> list[tuple[str, str, str]]:
    return [
        (stage, event.__name__, step.to)
        for (stage, event), step in steps
        if step.to and not (stage == step.to and step.act is Act.CLEAR_HURDLES)
    ]


def _node(stage: str) -> str:
    return "[*]" if stage in ("unknown", "ended", "closed") else stage.replace(" ", "_").replace("-", "_")
