"""One task per call: it carries out what the dialogue wants on the caller's channel, and reads like the call.

A fault of ours never drops a caller: the session ends without DZVIN_DONE, Asterisk plays music and comes back
a moment later, and a call that waited goes on in its old place.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import assert_never
from zlib import crc32

import structlog

from acd.core.masking import mask_number
from acd.core.words import CallId, LeaveReason, OfferId
from acd.service import AcdService
from ivr.asking import Conversation
from ivr.asterisk.agi import AgiRefused, AgiSession, AgiTimeout, CallerGone
from ivr.asterisk.encode import UnsafeValue
from ivr.book import Book, CallEnd, Shelf, outcome_of
from ivr.equipment import Equipment
from ivr.flow import inputs, session
from ivr.flow.actions import (
    Action,
    Answer,
    Ask,
    CallHook,
    CheckNumber,
    DropRecordings,
    EnterQueue,
    HangUp,
    KeepMessage,
    Play,
    PromiseCallBack,
    Record,
    SetLanguage,
    Transfer,
)
from ivr.flow.conditions import NOWHERE, World
from ivr.flow.hook import HookRequest
from ivr.flow.inputs import Input
from ivr.hooks.failed import HookFailed
from ivr.promising import WITHOUT_CALLER, Promises, Promising
from ivr.queue_stay import Control, Guest, Join, Key, QueueStay, Released
from ivr.returning import VARIABLE, before_queue, pack, unpack, version_of

log = structlog.get_logger(__name__)

DONE = "DZVIN_DONE"
_PASSED_ON = "BLINDTRANSFER"
"""Asterisk names in it who transferred the caller."""
_FAULTS_ALLOWED = 5
"""So many actions may fail in a call before its session is given back to Asterisk, which comes again."""


Watcher = Callable[[CallId, Input, session.Step], None]
"""Told what a caller gave and what follows, before it is done. Returns at once, never raises."""


class CallDesk:
    """All calls that have a session now. Implements `ivr.asterisk.call_control.Callers`."""

    def __init__(self, service: AcdService, book: Book, equipment: Equipment | None = None) -> None:
        self.service = service
        self.shelf = Shelf(book)
        self.equipment = equipment or Equipment()
        self.control: Control | None = None
        self.promising = Promising()
        self.world: Callable[[], World] = lambda: NOWHERE
        """The centre as rules of the dialplan may ask for it."""
        self.watchers: list[Watcher] = []
        self.ends: list[Callable[[CallEnd], None]] = []
        """Told of each call that is over. They return at once and never raise."""
        self.guests: dict[CallId, Guest] = {}
        self.key_elsewhere: Callable[[CallId, str], None] = lambda call, key: None
        """Told of keys at channels that are no callers'."""
        self._tasks: dict[CallId, CallTask] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    async def take(self, agi: AgiSession) -> None:
        """Handler of the FastAGI route 'line'."""
        task = CallTask(agi, self)
        call = agi.environment.call
        self._tasks[call] = task
        try:
            await task.run()
        finally:
            if self._tasks.get(call) is task:
                del self._tasks[call]
            if not task.interrupted:
                for tell in self.ends:
                    tell(task.end)

    def versions(self) -> Mapping[int, int]:
        """How many calls go by each version now."""
        return Counter(task.version for task in self._tasks.values())

    def waiting(self, call: CallId) -> EnterQueue | None:
        """The queue step that the call is in."""
        found = self._on_line(call)
        return found.stay.action if found is not None and found.stay is not None else None

    def language(self, call: CallId) -> str:
        found = self._on_line(call)
        return found.language if found is not None else ""

    def _on_line(self, call: CallId) -> "CallTask | Guest | None":
        return self._tasks.get(call) or self.guests.get(call)

    def join(self, call: CallId, offer: OfferId, leg: str) -> bool:
        return self._tell(call, Join(offer, leg))

    def release(self, call: CallId, reason: LeaveReason) -> None:
        self._tell(call, Released(reason))

    def key(self, call: CallId, key: str) -> None:
        if not self._tell(call, Key(key)) and self.equipment.sounds is not None:
            self.equipment.sounds.key(call, key)
            self.key_elsewhere(call, key)

    def is_live(self, call: CallId) -> bool:
        return self._on_line(call) is not None

    def is_queued(self, call: CallId) -> bool:
        return self.service.center.call(call) is not None

    def _tell(self, call: CallId, news: Join | Released | Key) -> bool:
        found = self._on_line(call)
        return found is not None and found.stay is not None and found.stay.tell(news)


class CallTask:
    """One caller's dialogue from the first prompt to the last."""

    def __init__(self, agi: AgiSession, desk: CallDesk) -> None:
        self.stay: QueueStay | None = None
        """While the call waits or talks."""
        self._agi = agi
        self._desk = desk
        self._call = agi.environment.call
        self._book = desk.shelf.for_new(self._call)
        self._faults = 0
        self._errors = 0
        """What went wrong for the caller, `_faults` among them."""
        self._hung_up = self._talked = False
        self.interrupted = False
        """The server ended first; the call comes back to the next one."""
        self._returned = False
        """The call waited or talked already when this session began."""
        self._tools = desk.equipment
        self._talk = Conversation(agi, self._tools.ears, self._tools.sounds)
        self._promises = Promises(agi, self._tools.sounds, desk.service, desk.promising)
        self._session = self._fresh_session(None)

    def _fresh_session(self, remembered: str | None) -> session.Session:
        environment, ears = self._agi.environment, self._tools.ears
        return session.start(
            self._book.plan,
            environment.dialled,
            environment.caller,
            datetime.now(UTC),
            remembered=remembered,
            hears=ears.recogniser.languages if ears is not None else (),
            lot=crc32(self._call.encode()),
        )

    @property
    def language(self) -> str:
        return self._session.language

    @property
    def version(self) -> int:
        return self._book.number

    @property
    def end(self) -> CallEnd:
        """Once it is over."""
        outcome = outcome_of(self._session, errors=self._errors, hung_up=self._hung_up, talked=self._talked)
        return CallEnd(call=self._call, version=self.version, outcome=outcome)

    async def run(self) -> None:
        caller = mask_number(self._agi.environment.caller)
        dialled = self._agi.environment.dialled
        log.info("call", call=self._call, caller=caller, dialled=dialled, version=self.version)
        try:
            given: Input | None = await self._begin()
            while given is not None:
                given = await self._step(given)
        except asyncio.CancelledError:
            self.interrupted = True
            raise
        except CallerGone:
            self._hung_up = True
            await self._end_without_caller()
            self._caller_gone()
        except Exception:
            self._errors += 1
            raise
        log.info("call over", call=self._call)

    async def _end_without_caller(self) -> None:
        """What the dialogue still has to do: to keep what was said."""
        given: Input | None = inputs.CallerGone()
        while given is not None:
            step = session.step(self._book.plan, self._session, given, datetime.now(UTC))
            self._session, given = step.session, None
            for action in step.actions:
                if isinstance(action, WITHOUT_CALLER):
                    given = await self._do(action) or given
        self._promises.over()

    def _caller_gone(self) -> None:
        control = self._desk.control
        if control is not None and self._desk.is_queued(self._call):
            control.caller_left(self._call)

    async def _begin(self) -> Input:
        """A new call starts its dialogue; one that was waiting or talking goes on where it was."""
        await self._agi.music(False)  # of the time without a server: no stream would be heard beside it
        kept = await self._agi.get_variable(VARIABLE)
        caller = self._agi.environment.caller
        if kept:
            await self._go_by(version_of(kept))
        found = unpack(kept, self._book.plan, caller, self._session.hears) if kept else None
        if found is None or await self._was_passed_on():
            self._session = self._fresh_session(await self._remembered_language(caller))
            return inputs.Started()
        self._session = replace(found, lot=self._session.lot)
        if await self._has_talked():
            log.info("back after the talk", call=self._call)
            return inputs.TalkOver()
        log.info("back in the queue", call=self._call)
        self._returned = True
        self._session, given = before_queue(self._session)
        return given

    async def _go_by(self, version: int) -> None:
        """The version that the call began with; one that is gone: the live one, as for a new call."""
        if version != self.version:
            self._book = await self._desk.shelf.find(version) or self._book
            log.info("goes on by its version", call=self._call, version=self.version)

    async def _remembered_language(self, caller: str) -> str | None:
        memory = self._tools.languages
        return await memory.language_of(caller) if memory is not None else None

    async def _was_passed_on(self) -> bool:
        """The operator's phone has sent the caller to another line, where the dialogue begins anew."""
        if not await self._agi.get_variable(_PASSED_ON):
            return False
        log.info("passed on by the operator", call=self._call)
        for name in (_PASSED_ON, VARIABLE):
            await self._agi.set_variable(name, "")
        return True

    async def _has_talked(self) -> bool:
        """A session that returns is in no bridge: if the call talked, the operator has hung up since."""
        live = self._desk.service.center.talk_of(self._call)
        if live is not None:
            if self._desk.control is not None:
                self._desk.control.talk_ended_unseen(live.offer)
            return True
        if self._desk.is_queued(self._call):
            return False
        return await self._agi.get_variable("BRIDGERESULT") == "SUCCESS"

    async def _step(self, given: Input) -> Input | None:
        """One step of the dialogue; the answer to its last action, None at its end."""
        world = self._desk.world()
        step = session.step(self._book.plan, self._session, given, datetime.now(UTC), world)
        self._session = step.session
        self._errors += isinstance(given, inputs.HookFailed | inputs.PromptMissing)
        log.info("step", call=self._call, trace=step.trace)
        for watcher in self._desk.watchers:
            watcher(self._call, given, step)
        answer: Input | None = None
        for action in step.actions:
            answer = await self._do_safely(action)
        if answer is None and not step.session.ended:
            raise RuntimeError(f"the dialogue gave no action that is answered, on {given}")
        return answer

    async def _do_safely(self, action: Action) -> Input | None:
        """An action that fails while the caller is there counts as done with the least result."""
        try:
            return await self._do(action)
        except (AgiTimeout, AgiRefused, UnsafeValue) as error:
            self._faults += 1
            self._errors += 1
            log.warning("an action failed", call=self._call, action=type(action).__name__, why=str(error))
            if self._faults > _FAULTS_ALLOWED or isinstance(action, EnterQueue | HangUp):
                raise
            return _least_result(action)

    async def _do(self, action: Action) -> Input | None:
        match action:
            case Answer():
                await self._agi.answer()
            case SetLanguage():
                await self._set_language(action)
            case Play(said=said):
                await self._talk.play(said, self.language)
                return inputs.PlayDone()
            case Ask():
                return await self._talk.ask(action, self.language)
            case CallHook():
                return await self._call_hook(action)
            case EnterQueue():
                return await self._enter_queue(action)
            case Transfer():
                return await self._transfer(action)
            case Record() | KeepMessage() | DropRecordings() | CheckNumber() | PromiseCallBack():
                return await self._promises.do(action, self._session, self._book)
            case HangUp():
                self._promises.over()
                await self._agi.set_variable(DONE, "1")
                await self._agi.hang_up()
            case _:
                assert_never(action)
        return None

    async def _set_language(self, action: SetLanguage) -> None:
        await self._agi.set_language(action.language)
        if action.chosen and self._tools.languages is not None:
            self._tools.languages.remember(self._agi.environment.caller, action.language)

    async def _call_hook(self, hook: CallHook) -> Input:
        """The service is asked while the caller listens."""
        if self._tools.hooks is None:
            return inputs.HookFailed("web hooks are switched off")
        asking = asyncio.create_task(self._tools.hooks.ask(self._request(hook)), name="web hook")
        try:
            await self._talk.play(hook.said, self.language)
            return inputs.HookAnswered(await asking)
        except HookFailed as error:
            log.warning("a web hook failed", call=self._call, step=hook.step, why=str(error))
            return inputs.HookFailed(str(error))
        finally:
            asking.cancel()

    def _request(self, hook: CallHook) -> HookRequest:
        return HookRequest(
            url=hook.url,
            call=self._call,
            line=self._session.line,
            step=hook.step,
            visit=hook.visit,
            language=self.language,
            caller=self._agi.environment.caller,
            values=hook.values,
            deadline=hook.deadline,
            tries=hook.tries,
        )

    async def _enter_queue(self, action: EnterQueue) -> Input:
        if self._desk.control is None:
            raise RuntimeError("no call control")
        if not self._returned:
            await self._agi.set_variable("BRIDGERESULT", "")
            await self._agi.set_variable(VARIABLE, pack(self._session, self.version))
        line = self._session.line
        self.stay = QueueStay(self._agi, action, line, self._desk.service, self._desk.control)
        try:
            answer = await self.stay.run()
        finally:
            self._talked = self._talked or self.stay.talked
            self._promises.place = None if self.stay.talked else self.stay.place
            self.stay = None
        self._returned = False
        await self._agi.set_variable(VARIABLE, "")
        return answer

    async def _transfer(self, transfer: Transfer) -> Input:
        """Through a context that knows the allowed numbers only."""
        if not self._book.may_dial(transfer.number):
            log.warning("a transfer to a number that is not allowed", call=self._call)
            return inputs.TransferOver(answered=False)
        result = await self._agi.exec_dial(f"Local/{transfer.number}@dzvin-transfer", transfer.ring_for)
        return inputs.TransferOver(answered=result.status == "ANSWER")


def _least_result(action: Action) -> Input | None:
    match action:
        case Play():
            return inputs.PlayDone()
        case Ask():
            return inputs.Silence()
        case CallHook():
            return inputs.HookFailed("the call could not wait for it")
        case Transfer():
            return inputs.TransferOver(answered=False)
        case Record():
            return inputs.Recorded("", 0.0, failed=True)
        case _:
            return None
