"""Calling a customer from an operator's phone: dialled on the operator's own leg, asked, then joined.

What has become of it is kept in variables of the leg, so that a server that comes back still tells it once.
"""

import asyncio
from collections.abc import Callable

import structlog

from acd.core.words import CallId
from acd.core.work import Reach, WorkId
from acd.core.work_events import CustomerCalled
from acd.service import AcdService
from ivr.announce import prompt_file
from ivr.asterisk.agi import AgiSession
from ivr.calls import DONE

log = structlog.get_logger(__name__)

DIALLING = "DZVIN_DIALLING"
"""The attempt that is under way on the leg."""
REACH = "DZVIN_REACH"
"""What the customer's side has told of it."""
_WORK, _CALL, _LANGUAGE = "DZVIN_WORK", "DZVIN_CALL", "DZVIN_LANGUAGE"
_ASK = "rgU(dzvin-asked)"
"""Dial: ringing is heard; the session goes on after the talk; whoever answers is asked first."""
YES, NO = "1", "2"
_ASKED_TIMES, _ASKED_FOR = 2, 4.0
_BY_STATUS = {
    "BUSY": Reach.BUSY,
    "NOANSWER": Reach.NO_ANSWER,
    "CANCEL": Reach.NO_ANSWER,
    "ANSWER": Reach.MACHINE,
}


class Calling:
    """Attempts on one operator's leg."""

    def __init__(self, agi: AgiSession, service: AcdService) -> None:
        self._agi, self._service = agi, service

    async def dial(
        self, work: WorkId, call: CallId, number: str, language: str, ring_for: float, *, shown: str
    ) -> Reach:
        """`number` as it may be dialled; `shown` is what the customer's phone shows.

        Returns when the customer has left. Raises CallerGone when the operator has.
        """
        await self._agi.set_variable("CALLERID(name)", "")
        await self._agi.set_variable("CALLERID(num)", shown)
        values = {_WORK: str(work), _CALL: call, _LANGUAGE: language}
        for name, value in values.items():
            await self._agi.set_variable(f"__{name}", value)
        await self._agi.set_variable(REACH, "")
        await self._agi.set_variable(DIALLING, call)
        await self._agi.exec_dial(f"Local/{number}@dzvin-transfer/n", ring_for, _ASK)
        return await self.outcome(work, call)

    async def interrupted(self) -> CallId | None:
        """The attempt that was under way when another server had this leg."""
        call = await self._agi.get_variable(DIALLING)
        return CallId(call) if call else None

    async def outcome(self, work: WorkId, call: CallId) -> Reach:
        """What became of the attempt that has ended; the centre is told, if it was not."""
        told = await self._agi.get_variable(REACH)
        reach = (
            Reach(told)
            if told in set(Reach)
            else _BY_STATUS.get(await self._agi.get_variable("DIALSTATUS"), Reach.FAILED)
        )
        if not told:
            tell(self._service, work, call, reach)
        await self._agi.set_variable(DIALLING, "")
        return reach


def tell(service: AcdService, work: WorkId, call: CallId, reach: Reach) -> None:
    """Said twice it counts once: the attempt is over then."""
    service.post(CustomerCalled(at=service.now(), work=work, call=call, reach=reach))


async def ask(agi: AgiSession) -> Reach:
    """Whether whoever has answered wants the call. Raises CallerGone."""
    await agi.music(False)  # of a time without a server
    for _ in range(_ASKED_TIMES):
        played = await agi.play(prompt_file("call-back-confirm"), YES + NO)
        key = played.key or await _wanted_key(agi)
        if key == YES:
            return Reach.TALKED
        if key == NO:
            await agi.play(prompt_file("call-back-sorry"))
            return Reach.WRONG_PERSON
    return Reach.MACHINE


async def _wanted_key(agi: AgiSession) -> str | None:
    """Other keys mean nothing."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _ASKED_FOR
    while (left := until - loop.time()) > 0:
        key = await agi.wait_for_key(left)
        if key in (YES, NO, None):
            return key
    return None


class Asked:
    """Handler of the FastAGI route 'asked': the customer's side of a call from an operator's leg.

    The operator's leg is the master channel. The centre is told at once: a talk that begins keeps the
    promise, whatever becomes of this server meanwhile.
    """

    def __init__(self, service: AcdService, speak: Callable[[str], str]) -> None:
        """`speak`: the language to speak where the work item has this one."""
        self._service, self._speak = service, speak

    async def take(self, agi: AgiSession) -> None:
        master = f"MASTER_CHANNEL({REACH})"
        work, call = await agi.get_variable(_WORK), await agi.get_variable(_CALL)
        if not work.isdecimal() or not call:
            log.error("a customer was called for no work item", channel=agi.environment.channel)
            await agi.set_variable(DONE, "1")
            return
        await agi.set_language(self._speak(await agi.get_variable(_LANGUAGE)))
        before = await agi.get_variable(master)
        reach = Reach(before) if before in set(Reach) else await ask(agi)
        await agi.set_variable(master, reach)
        tell(self._service, WorkId(int(work)), CallId(call), reach)
        log.info("customer asked", work=work, reach=str(reach))
        if reach is Reach.TALKED:
            await agi.set_variable("GOSUB_RESULT", "")
        await agi.set_variable(DONE, "1")
