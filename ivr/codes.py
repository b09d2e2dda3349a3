"""Operators act from their own phones: *10 to *17, answered by a spoken confirmation or refusal.

*10 log in, *11 log out, *12 ready (ends wrap-up), *13N break with reason N, *14 prolong the wrap-up,
*15N next status: break N, *150 next status: logged out, *16 test call, *17 the next work item now. Who acts
is the phone that calls.
"""

from collections.abc import Callable, Sequence

import structlog

from acd.core.center import Outcome
from acd.core.errors import RefusalCode
from acd.core.events import (
    BreakChosen,
    OperatorLoggedIn,
    OperatorLoggedOut,
    OperatorReady,
    WrapUpProlonged,
)
from acd.core.facts import Fact, NextStatusChosen, OperatorFreed, SetAsideEnded, StatusChanged, WrapUpMoved
from acd.core.words import OperatorId
from acd.core.work_events import WorkAskedFor
from acd.service import AcdService
from ivr.announce import prompt_file
from ivr.asterisk.agi import AgiSession
from ivr.calls import DONE

log = structlog.get_logger(__name__)

PersonEvent = (
    OperatorLoggedIn | OperatorLoggedOut | OperatorReady | BreakChosen | WrapUpProlonged | WorkAskedFor
)

_WORK_REFUSALS = {RefusalCode.NO_WORK: "work-none", RefusalCode.WORK_TAKEN: "work-taken"}
TEST_CALL = "*16"
TEST_CALL_FOR = 30.0
PROLONG_FOR = 60.0
"""Each *14 adds so much to the wrap-up."""


def event_of(code: str, operator: OperatorId, reasons: Sequence[str], at: float) -> PersonEvent | None:
    """What the code asks for; None for one that means nothing. `reasons`: *131 is the first."""
    match code:
        case "*10":
            return OperatorLoggedIn(at=at, operator=operator)
        case "*11" | "*150":
            return OperatorLoggedOut(at=at, operator=operator)
        case "*12":
            return OperatorReady(at=at, operator=operator)
        case "*14":
            return WrapUpProlonged(at=at, operator=operator, extra_for=PROLONG_FOR)
        case "*17":
            return WorkAskedFor(at=at, operator=operator)
    number = code[3:]
    if code[:3] not in ("*13", "*15") or not (number.isascii() and number.isdigit() and len(number) < 3):
        return None
    if not 1 <= int(number) <= len(reasons):
        return None
    return BreakChosen(at=at, operator=operator, reason=reasons[int(number) - 1])


def confirmation(operator: OperatorId, event: PersonEvent, facts: Sequence[Fact]) -> tuple[str, str]:
    """The prompt that says what happened, and a plain one in case there is no recording of it."""
    own = [fact for fact in facts if getattr(fact, "operator", None) == operator]
    for fact in own:
        match fact:
            case StatusChanged(status="on break", reason=reason):
                return f"op-break-{reason}", "op-break"
            case StatusChanged(status="logged out"):
                return "op-logged-out", "op-logged-out"
            case StatusChanged() if isinstance(event, OperatorLoggedIn):
                return "op-logged-in", "op-logged-in"
            case NextStatusChosen(status="on break", reason=reason):
                return f"op-next-{reason}", "op-next-break"
            case NextStatusChosen(status="logged out"):
                return "op-next-log-out", "op-next-log-out"
            case WrapUpMoved():
                return "op-wrap-up-prolonged", "op-wrap-up-prolonged"
            case OperatorFreed():
                return "op-wrap-up-ended", "op-wrap-up-ended"
            case StatusChanged() | SetAsideEnded() | NextStatusChosen():
                return "op-ready", "op-ready"
    return "op-ready", "op-ready"


class Codes:
    """Handler of the FastAGI route 'code'. `operator_of`: by the phone's endpoint."""

    def __init__(self, service: AcdService, operator_of: Callable[[str], OperatorId | None]) -> None:
        self._service = service
        self._operator_of = operator_of

    async def take(self, agi: AgiSession) -> None:
        """One code from first to last; ends with the call hung up."""
        await agi.answer()
        code, operator = agi.environment.dialled, self._operator_of(agi.environment.endpoint)
        if operator is None:
            log.warning("a code from a phone that is no operator's", phone=agi.environment.endpoint)
            await self._say(agi, "op-unknown-phone")
        elif code == TEST_CALL:
            await self._test_call(agi)
        else:
            await self._act(agi, code, operator)
        await agi.set_variable(DONE, "1")
        await agi.hang_up()

    async def _act(self, agi: AgiSession, code: str, operator: OperatorId) -> None:
        reasons = self._service.center.settings.break_reasons
        event = event_of(code, operator, reasons, self._service.now())
        if event is None:
            await self._say(agi, "op-unknown-code")
            return
        try:
            outcome = await self._service.ask(event)
        except Exception:
            log.exception("a code could not be carried out", operator=operator, code=code)
            await self._say(agi, "op-failed")
            return
        log.info("code", operator=operator, code=code, refused=_refusal(outcome))
        if outcome.refusal is not None:
            code = outcome.refusal.code
            await self._say(agi, _WORK_REFUSALS.get(code, f"op-{code}"), "op-not-allowed")
        elif not isinstance(event, WorkAskedFor):  # there the phone rings in this moment
            await self._say(agi, *confirmation(operator, event, outcome.facts))

    async def _test_call(self, agi: AgiSession) -> None:
        """The operator hears the own voice until hanging up, at most `TEST_CALL_FOR` seconds."""
        await self._say(agi, "op-test-call")
        await agi.play("beep")
        await agi.set_variable(DONE, "1")
        await agi.set_variable("TIMEOUT(absolute)", str(round(TEST_CALL_FOR)))
        await agi.execute("Echo")

    async def _say(self, agi: AgiSession, prompt: str, otherwise: str = "") -> None:
        played = await agi.play(prompt_file(prompt))
        if played.missing and otherwise and otherwise != prompt:
            played = await agi.play(prompt_file(otherwise))
        if played.missing:
            log.warning("a prompt cannot be played", prompt=otherwise or prompt)


def _refusal(outcome: Outcome) -> str:
    return str(outcome.refusal.code) if outcome.refusal is not None else ""
