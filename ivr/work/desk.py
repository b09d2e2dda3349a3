"""All operators' legs that handle work items now. Implements `ivr.asterisk.surroundings.Works`."""

from typing import Protocol

import structlog

from acd.core.words import CallId
from ivr.asterisk.agi import AgiSession
from ivr.asterisk.legs import Leg
from ivr.calls import DONE
from ivr.work.house import Begun, House
from ivr.work.session import WorkSession

log = structlog.get_logger(__name__)


class LegControl(Protocol):
    """What a leg needs of call control."""

    def work_ready(self, channel: str) -> None: ...


class WorkDesk:
    def __init__(self, house: House | None) -> None:
        """`house` None: there are no streams of sound, and no item can be handled."""
        self._house = house
        self.control: LegControl | None = None
        self._sessions: dict[str, WorkSession] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    async def take(self, agi: AgiSession) -> None:
        """Handler of the FastAGI route 'work'; ends with the leg hung up."""
        channel = agi.environment.call
        if self._house is not None and self.control is not None:
            session = self._sessions[channel] = WorkSession(agi, self._house)
            self.control.work_ready(channel)
            try:
                await session.run()
            finally:
                if self._sessions.get(channel) is session:
                    del self._sessions[channel]
        await agi.set_variable(DONE, "1")
        await agi.hang_up()

    def begin(self, leg: Leg) -> bool:
        """The leg's session is to handle its item; False: it has no session (yet)."""
        session = self._sessions.get(leg.channel)
        if session is None or leg.work is None or leg.operator is None:
            return False
        return session.begin(
            Begun(offer=leg.offer, call=leg.call, operator=leg.operator, queue=leg.queue, work=leg.work)
        )

    def key(self, call: CallId, key: str) -> None:
        """A key that AMI has reported at this channel."""
        session = self._sessions.get(call)
        if session is not None:
            session.press(key)
