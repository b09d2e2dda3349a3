"""A customer who was called before an operator is there: asked, then waits in the kept place."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from acd.core.words import CallId, QueueId
from acd.core.work import Reach, WorkId
from acd.core.work_events import CustomerConfirmed
from acd.service import AcdService
from ivr.announce import prompt_file
from ivr.asterisk.agi import AgiSession, CallerGone
from ivr.calls import DONE
from ivr.flow import inputs
from ivr.flow.actions import EnterQueue
from ivr.queue_stay import Control, Guest, QueueStay
from ivr.work.calling import ask, tell

log = structlog.get_logger(__name__)

CONFIRMED = "DZVIN_CONFIRMED"
"""Of the customer's channel: a session of a server that was restarted asks nobody twice."""


@dataclass(slots=True)
class OnTheLine:
    """A customer's session. Implements `ivr.queue_stay.Guest`."""

    stay: QueueStay | None = None
    language: str = ""


class CustomerDesk:
    """Handler of the FastAGI route 'customer'."""

    def __init__(
        self,
        service: AcdService,
        guests: dict[CallId, Guest],
        step_of: Callable[[QueueId], EnterQueue],
        answered: Callable[[CallId], None],
    ) -> None:
        """`guests`: those of the call desk; `step_of`: how callers wait in this queue; `answered`: told once
        that somebody is on the line.
        """
        self.control: Control | None = None
        self._service, self._guests, self._step_of, self._answered = service, guests, step_of, answered

    async def take(self, agi: AgiSession) -> None:
        """Until the customer or the operator hangs up."""
        call = agi.environment.call
        guest = self._guests[call] = OnTheLine(language=agi.environment.language)
        self._answered(call)
        try:
            await self._serve(agi, guest)
        except CallerGone:
            if self.control is not None and self._service.center.call(call) is not None:
                self.control.caller_left(call)
            raise
        finally:
            if self._guests.get(call) is guest:
                del self._guests[call]

    async def _serve(self, agi: AgiSession, guest: OnTheLine) -> None:
        work = await agi.get_variable("DZVIN_WORK")
        if work.isdecimal() and await self._wants(agi, WorkId(int(work))):
            await self._wait(agi, guest)
        await agi.set_variable(DONE, "1")
        await agi.hang_up()

    async def _wants(self, agi: AgiSession, work: WorkId) -> bool:
        """Whether the customer asked for the call, and still has a place."""
        call = agi.environment.call
        if await agi.get_variable(CONFIRMED):
            return True
        reach = await self._asked(agi, work)
        if reach is not Reach.TALKED:
            tell(self._service, work, call, reach)
            return False
        await agi.set_variable(CONFIRMED, "1")
        await self._service.ask(CustomerConfirmed(at=self._service.now(), work=work, call=call))
        if self._service.center.call(call) is not None:
            return True
        log.info("a customer is not waited for any more", call=call)
        await agi.play(prompt_file("call-back-sorry"))
        return False

    async def _asked(self, agi: AgiSession, work: WorkId) -> Reach:
        """Whoever hangs up before a key was pressed did not want the call, or is a machine."""
        try:
            return await ask(agi)
        except CallerGone:
            tell(self._service, work, agi.environment.call, Reach.MACHINE)
            raise

    async def _wait(self, agi: AgiSession, guest: OnTheLine) -> None:
        call = agi.environment.call
        if self.control is None:
            raise RuntimeError("no call control")
        live = self._service.center.talk_of(call)
        if live is not None:
            self.control.talk_ended_unseen(live.offer)
            return
        known = self._service.center.call(call)
        if known is None:
            return
        guest.stay = QueueStay(agi, self._step_of(known.queue), known.line, self._service, self.control)
        try:
            answer = await guest.stay.run()
        finally:
            guest.stay = None
        if isinstance(answer, inputs.QueueLeft):
            await agi.play(prompt_file("call-back-sorry"))
