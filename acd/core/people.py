"""What operators choose, and whether their phones can be reached."""

from acd.core import events as e
from acd.core import facts as f
from acd.core.desk import Desk
from acd.core.errors import RefusalCode, Refused
from acd.core.offers import end_reservations, free
from acd.core.state import Available, Held, Idle, LoggedOut, OnBreak, Operator, Status, WrapUp, status_name
from acd.core.transitions import OPERATOR_STEPS, Act, OperatorStage
from acd.core.words import OperatorId
from acd.core.work_endings import release

PersonNews = e.OperatorLoggedIn | e.OperatorLoggedOut | e.OperatorReady | e.BreakChosen | e.WrapUpProlonged

_TEXTS = {
    RefusalCode.UNKNOWN_OPERATOR: "there is no such operator",
    RefusalCode.ALREADY_LOGGED_IN: "already logged in",
    RefusalCode.NOT_LOGGED_IN: "log in first",
    RefusalCode.ALREADY_READY: "already ready for calls",
    RefusalCode.UNKNOWN_BREAK_REASON: "there is no such reason for a break",
    RefusalCode.ALREADY_ON_THIS_BREAK: "already on this break",
    RefusalCode.ALREADY_CHOSEN: "this is the chosen next status already",
    RefusalCode.NOT_IN_WRAP_UP: "only a wrap-up can be prolonged",
    RefusalCode.BAD_DURATION: "the extra time must be a positive number of seconds",
}


def operator_stage(operator: Operator) -> OperatorStage:
    """Status and activity as one stage of the table."""
    match operator.activity, operator.status:
        case WrapUp(), _:
            return OperatorStage.WRAP_UP
        case Idle() | Held(), LoggedOut():
            return OperatorStage.LOGGED_OUT
        case Idle() | Held(), OnBreak():
            return OperatorStage.ON_BREAK
        case Idle() | Held(), Available():
            return OperatorStage.IDLE
        case _:
            return OperatorStage.BUSY


def on_person_event(desk: Desk, event: PersonNews) -> None:
    """Do what the table says for the operator's stage, or refuse."""
    if event.operator not in desk.settings.operators:
        _refuse(desk, event.operator, RefusalCode.UNKNOWN_OPERATOR)
        return
    operator = desk.state.operator(event.operator)
    if isinstance(event, e.BreakChosen) and event.reason not in desk.settings.break_reasons:
        _refuse(desk, event.operator, RefusalCode.UNKNOWN_BREAK_REASON)
        return
    step = OPERATOR_STEPS[operator_stage(operator), type(event)]
    match step.act:
        case Act.LOG_IN | Act.BE_READY:
            change_status(desk, operator.id, Available())
        case Act.LOG_OUT:
            change_status(desk, operator.id, LoggedOut())
        case Act.TAKE_BREAK:
            _take_break(desk, operator, _chosen(event))
        case Act.CHOOSE_NEXT:
            _choose_next(desk, operator, _chosen(event))
        case Act.CLEAR_HURDLES:
            _clear_hurdles(desk, operator)
        case Act.END_WRAP_UP:
            _end_wrap_up(desk, operator)
        case Act.PROLONG if isinstance(event, e.WrapUpProlonged):
            _prolong(desk, operator, event.extra_for)
        case _:
            _refuse(desk, operator.id, step.refusal or RefusalCode.ALREADY_READY)


def _refuse(desk: Desk, operator: OperatorId, code: RefusalCode) -> None:
    desk.refusal = Refused(code, operator, _TEXTS[code])


def _chosen(event: PersonNews) -> Status:
    return OnBreak(event.reason) if isinstance(event, e.BreakChosen) else LoggedOut()


def change_status(desk: Desk, operator: OperatorId, status: Status, by: str = "operator") -> None:
    """The status takes hold now; calls that wait for this operator only are opened to all."""
    if not isinstance(status, Available):
        release(desk, operator, "the operator goes away")
    reason = status.reason if isinstance(status, OnBreak) else ""
    desk.say(f.StatusChanged(at=desk.at, operator=operator, status=status_name(status), reason=reason, by=by))
    if not isinstance(status, Available):
        end_reservations(desk, operator, "the last operator went away")


def _take_break(desk: Desk, operator: Operator, status: Status) -> None:
    if operator.status == status:
        _refuse(desk, operator.id, RefusalCode.ALREADY_ON_THIS_BREAK)
    else:
        change_status(desk, operator.id, status)


def _choose_next(desk: Desk, operator: Operator, status: Status) -> None:
    if operator.next_status == status:
        _refuse(desk, operator.id, RefusalCode.ALREADY_CHOSEN)
    else:
        choose_next(desk, operator.id, status)


def choose_next(desk: Desk, operator: OperatorId, status: Status | None) -> None:
    """Fill or clear (None) the slot for the status after this call and its wrap-up."""
    reason = status.reason if isinstance(status, OnBreak) else ""
    desk.say(f.NextStatusChosen(at=desk.at, operator=operator, status=status_name(status), reason=reason))
    if status is not None:
        end_reservations(desk, operator, "the last operator goes away after this call")


def _clear_hurdles(desk: Desk, operator: Operator) -> None:
    if operator.next_status is None and operator.set_aside_until is None:
        _refuse(desk, operator.id, RefusalCode.ALREADY_READY)
        return
    if operator.next_status is not None:
        choose_next(desk, operator.id, None)
    if operator.set_aside_until is not None:
        desk.say(f.SetAsideEnded(at=desk.at, operator=operator.id))


def _end_wrap_up(desk: Desk, operator: Operator) -> None:
    if operator.next_status is not None:
        choose_next(desk, operator.id, None)
    free(desk, operator.id)


def _prolong(desk: Desk, operator: Operator, extra_for: float) -> None:
    if not 0 < extra_for < float("inf"):
        _refuse(desk, operator.id, RefusalCode.BAD_DURATION)
        return
    assert isinstance(operator.activity, WrapUp)
    until = operator.activity.until + extra_for
    desk.say(f.WrapUpMoved(at=desk.at, operator=operator.id, until=until))


def on_phone_reachable(desk: Desk, event: e.PhoneReachable) -> None:
    """The phone registered, or is gone. The same news again is nothing: registrations are refreshed."""
    if event.operator not in desk.settings.operators:
        desk.ignore(event, f"operator {event.operator}", "there is no such operator")
    elif desk.state.operator(event.operator).reachable != event.reachable:
        set_reachable(desk, event.operator, event.reachable)


def set_reachable(desk: Desk, operator: OperatorId, reachable: bool) -> None:
    """Note whether the phone can be called."""
    if not reachable:
        release(desk, operator, "the phone is gone")
    desk.say(f.ReachabilityChanged(at=desk.at, operator=operator, reachable=reachable))
    if not reachable:
        end_reservations(desk, operator, "the last operator's phone is gone")
