"""A call's stay in a queue: music and announcements, then the talk, whatever happens on the way."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Protocol

import structlog

from acd.core.events import CallQueued, CallTakenBack
from acd.core.facts import CallLeft
from acd.core.state import Call
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId
from acd.service import AcdService
from ivr.announce import Announcer
from ivr.asterisk.agi import AgiSession, BridgeResult, CallerGone
from ivr.flow import inputs
from ivr.flow.actions import EnterQueue

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Join:
    """An operator has answered: bridge with the channel named `leg`."""

    offer: OfferId
    leg: str


@dataclass(frozen=True, slots=True)
class Released:
    reason: LeaveReason


@dataclass(frozen=True, slots=True)
class Key:
    key: str


@dataclass(frozen=True, slots=True)
class Gone:
    pass


News = Join | Released | Key | Gone


class Control(Protocol):
    """What a call needs of call control."""

    def caller_ready(self, call: CallId) -> None: ...

    def caller_left(self, call: CallId) -> None: ...

    def join_failed(self, offer: OfferId, cause: Cause = Cause.LEG_LOST) -> None: ...

    def talk_over(self, offer: OfferId, by: Ended) -> None: ...

    def talk_ended_unseen(self, offer: OfferId) -> None: ...

    def stop_playback(self, channel: str) -> None: ...


class QueueStay:
    """`run` ends when the call leaves the queue by any way but the caller's hang-up, which is CallerGone."""

    def __init__(
        self, agi: AgiSession, action: EnterQueue, line: str, service: AcdService, control: Control
    ) -> None:
        self.action = action
        self.talked = False
        """With an operator; also while they talk."""
        self.place: Call | None = None
        """The call as it waited, with its place in line."""
        self._agi = agi
        self._line = line
        self._service = service
        self._control = control
        self._call = agi.environment.call
        self._news: asyncio.Queue[News] = asyncio.Queue()
        self._over = False
        self._announcer = Announcer(
            agi, action.announcements, self._place, lambda: control.stop_playback(agi.environment.channel)
        )

    def tell(self, news: News) -> bool:
        """False: the stay is over, or the caller gone."""
        if self._over or self._agi.gone.is_set():
            return False
        self._news.put_nowait(news)
        return True

    async def run(self) -> inputs.Input:
        watching = asyncio.create_task(self._watch_caller(), name="watch the caller")
        try:
            self._enter()
            self._announcer.start()
            self._control.caller_ready(self._call)
            while True:
                answer = await self._heed(await self._news.get())
                if answer is not None:
                    return answer
        finally:
            self._over = True
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            await self._announcer.stop()

    def _enter(self) -> None:
        """Once: a call that came back keeps its place."""
        known = self._service.center.call(self._call)
        if known is not None and known.queue == self.action.queue:
            self.place = known
            return
        self._service.post(
            CallQueued(
                at=self._service.now(),
                call=self._call,
                queue=self.action.queue,
                caller=self._agi.environment.caller,
                line=self._line,
                priority=self.action.priority,
                needs=self.action.needs,
            )
        )
        self._note_place()

    def _note_place(self) -> None:
        self.place = self._service.center.call(self._call) or self.place

    async def _watch_caller(self) -> None:
        await self._agi.gone.wait()
        self._news.put_nowait(Gone())

    async def _heed(self, news: News) -> inputs.Input | None:
        self._note_place()
        match news:
            case Join(offer=offer, leg=leg):
                return await self._talk(offer, leg)
            case Released(reason=reason):
                await self._announcer.stop()
                await self._agi.music(False)
                return inputs.QueueLeft(reason)
            case Key(key=key):
                return await self._leave_by(key)
            case Gone():
                raise CallerGone

    async def _talk(self, offer: OfferId, leg: str) -> inputs.Input | None:
        """None: the two were not joined, and the call waits on in its place."""
        await self._announcer.stop()
        await self._agi.music(False)
        self.talked = True
        result = await self._agi.exec_bridge(leg)
        if result is BridgeResult.JOINED:
            self._control.talk_over(offer, Ended.OPERATOR)
            return inputs.TalkOver()
        self.talked = False
        log.info("not joined", call=self._call, offer=offer, why=str(result))
        self._control.join_failed(offer)
        self._announcer.start()
        return None

    async def _leave_by(self, key: str) -> inputs.Input | None:
        """A key counts only if no operator has answered in the same moment."""
        if key not in self.action.leave_keys:
            return None
        outcome = await self._service.ask(CallTakenBack(at=self._service.now(), call=self._call))
        if not any(isinstance(fact, CallLeft) and fact.call == self._call for fact in outcome.facts):
            return None
        await self._announcer.stop()
        await self._agi.music(False)
        return inputs.KeyPressed(key)

    def _place(self) -> tuple[int | None, float | None]:
        center = self._service.center
        return center.position(self._call), center.expected_wait(self.action.queue, self._service.now())


class Guest(Protocol):
    """A call that waits in a queue without a dialogue."""

    stay: QueueStay | None
    language: str
