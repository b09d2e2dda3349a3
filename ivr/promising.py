"""What a dialogue promises to its caller: messages are kept, call-backs taken down, numbers checked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

import structlog

from acd.core.errors import RefusalCode
from acd.core.state import Call
from acd.core.words import QueueId
from acd.core.work import WorkKind
from acd.core.work_events import WorkPromised
from acd.service import AcdService
from ivr.asterisk.agi import AgiSession
from ivr.book import Book
from ivr.flow import inputs
from ivr.flow.actions import CheckNumber, DropRecordings, KeepMessage, PromiseCallBack, Record
from ivr.flow.model import Voicemail
from ivr.flow.session import Session
from ivr.messages import Caller, Messages, promised_by
from ivr.numbers import dialable
from ivr.sounds import Sounds

log = structlog.get_logger(__name__)

Promise = Record | KeepMessage | DropRecordings | CheckNumber | PromiseCallBack
WITHOUT_CALLER = (KeepMessage, DropRecordings, CheckNumber, PromiseCallBack)
"""What is done also when the caller is gone."""


@dataclass(slots=True, kw_only=True)
class Promising:
    """What holds for all calls."""

    region: str = "UA"
    """Country of numbers that name none."""
    made: Callable[[str, str], None] = lambda recording, language: None
    """Told of each voicemail that was taken down: its recording and language."""


class Promises:
    """Of one call."""

    def __init__(
        self, agi: AgiSession, sounds: Sounds | None, service: AcdService, promising: Promising
    ) -> None:
        self.place: Call | None = None
        """The call as it waited, where it has left its queue without a talk: its place in line is kept."""
        self._environment, self._service, self._promising = agi.environment, service, promising
        self._messages = Messages(agi, sounds, service, promising.made)

    async def do(self, action: Promise, session: Session, book: Book) -> inputs.Input | None:
        """Raises CallerGone for a recording that cannot begin; else what came of it."""
        match action:
            case Record():
                return await self._messages.record(action, _queue(session, book), self._caller(session))
            case KeepMessage():
                return await self._messages.keep(action, self._caller(session))
            case DropRecordings(recordings=recordings):
                await self._messages.drop(recordings)
                return None
            case CheckNumber(number=number):
                form = dialable(number, self._promising.region, book.may_dial)
                return inputs.NumberChecked(form or number, ok=bool(form))
            case PromiseCallBack():
                return await self._call_back(action, session, book)
            case _:
                assert_never(action)

    def over(self) -> None:
        """The dialogue has ended by itself."""
        self._messages.over()

    def _caller(self, session: Session) -> Caller:
        return Caller(
            call=self._environment.call,
            number=self._environment.caller,
            line=session.line,
            language=session.language,
        )

    async def _call_back(self, action: PromiseCallBack, session: Session, book: Book) -> inputs.Promised:
        """Only a number that may be dialled is ever taken down."""
        number = dialable(action.number, self._promising.region, book.may_dial)
        if not number:
            return inputs.Promised(ok=False, refused=RefusalCode.NO_NUMBER)
        try:
            return promised_by(await self._service.ask(self._promise(action, session, number)))
        except Exception:
            log.exception("a call-back was not taken down", call=self._environment.call)
            return inputs.Promised(ok=False)

    def _promise(self, action: PromiseCallBack, session: Session, number: str) -> WorkPromised:
        return WorkPromised(
            at=self._service.now(),
            token=f"{self._environment.call}/{action.visit}",
            promise=WorkKind.CALL_BACK,
            queue=action.queue,
            caller=number,
            line=session.line,
            language=session.language,
            call=self._environment.call,
            waiting_since=self.place.waiting_since if self.place else None,
            priority=self.place.priority if self.place else None,
            needs=self.place.needs if self.place else (),
            not_before=action.at,
        )


def _queue(session: Session, book: Book) -> QueueId:
    """Of the message that is being left."""
    step = book.plan.steps.get(session.step)
    return step.queue if isinstance(step, Voicemail) else QueueId("")
