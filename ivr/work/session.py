"""An operator's phone that handles one work item, from the first word to the end of the leg."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from acd.core.work import Reach, WorkKind
from acd.core.work_state import WorkItem
from ivr.announce import prompt_file
from ivr.asterisk.agi import AgiSession, CallerGone
from ivr.question import ListeningFailed
from ivr.work.calling import Calling, tell
from ivr.work.console import Console
from ivr.work.deck import Deck, deck
from ivr.work.house import Begun, House
from ivr.work.item import NOT_REACHED, dials_itself, header, menu, notes
from ivr.work.player import Player

log = structlog.get_logger(__name__)


class WorkSession:
    """`begin` when the centre has connected it; `run` until the leg is over."""

    def __init__(self, agi: AgiSession, house: House) -> None:
        self._agi, self._house = agi, house
        self._begun: asyncio.Future[Begun] = asyncio.get_running_loop().create_future()
        self._calling = Calling(agi, house.service)
        self._player = Player(house.sounds)
        self._deck: Deck | None = None

    def begin(self, begun: Begun) -> bool:
        """Twice is once; False: the phone has hung up."""
        if self._agi.gone.is_set():
            return False
        if not self._begun.done():
            self._begun.set_result(begun)
        return True

    def press(self, key: str) -> None:
        """A key that AMI has reported."""
        if self._deck is not None:
            self._deck.press(key)

    async def run(self) -> None:
        """Raises CallerGone when the operator hangs up: what is not settled then comes again."""
        begun = await self._until_begun()
        await self._agi.music(False)
        try:
            await self._handle(begun)
        except ListeningFailed as error:
            log.warning("no stream with an operator's phone", operator=begun.operator, why=str(error))
            await self._agi.play(prompt_file("work-failed"))

    async def _until_begun(self) -> Begun:
        gone = asyncio.create_task(self._agi.until_gone(), name="watch the operator")
        gone.add_done_callback(lambda _: self._begun.cancel())
        try:
            return await self._begun
        except asyncio.CancelledError:
            if self._agi.gone.is_set():
                raise CallerGone from None
            raise
        finally:
            gone.cancel()

    async def _handle(self, begun: Begun) -> None:
        call_now = await self._first(begun)
        while call_now:
            call_now = await self._call(begun)

    async def _first(self, begun: Begun) -> bool:
        """Whether to call the customer."""
        interrupted = await self._calling.interrupted()
        if interrupted is not None:
            return await self._after(begun, await self._calling.outcome(begun.work, interrupted))
        item = self._house.item(begun.work)
        if item is None:
            return False
        whose = header(item, self._house.service.now())
        if not dials_itself(item):
            self._player.playing = bool(item.messages)
            async with self._console(begun) as console:
                return await console.attend(whose if item.messages else (*whose, menu(item)))
        preview_for = self._house.rules(item.queue).preview_for
        if preview_for <= 0:
            return True
        spoken = notes(item)
        said = (menu(item),) if spoken else (*whose, menu(item))
        async with self._console(begun) as console:
            key = await console.say((*whose, *spoken)) if spoken else None
            return await console.preview(said, preview_for, key)

    async def _call(self, begun: Begun) -> bool:
        """Call the customer; afterwards whether the operator wants it once more."""
        item = self._house.item(begun.work)
        if item is None:
            return False
        number = self._house.dialable(item.caller)
        if not number:
            return await self._not_dialled(begun, item)
        ring_for = self._house.rules(item.queue).ring_for
        shown = self._house.line_number(item.line)
        reach = await self._calling.dial(item.id, begun.call, number, item.language, ring_for, shown=shown)
        log.info("customer called", work=item.id, operator=begun.operator, reach=str(reach))
        return await self._after(begun, reach)

    async def _not_dialled(self, begun: Begun, item: WorkItem) -> bool:
        if item.caller:
            tell(self._house.service, item.id, begun.call, Reach.FORBIDDEN)
        async with self._console(begun) as console:
            return await console.attend(("work-not-allowed" if item.caller else "work-no-number",))

    async def _after(self, begun: Begun, reach: Reach) -> bool:
        """The customer is gone. Whether to call once more."""
        item = self._house.item(begun.work)
        said = (NOT_REACHED[reach],) if reach in NOT_REACHED else ()
        decides = item is not None and (item.by_hand or item.promise is WorkKind.VOICEMAIL)
        if item is None or not decides:
            if said:
                async with self._console(begun) as console:
                    await console.say(said)
            return False
        self._player.playing = False
        async with self._console(begun) as console:
            return await console.attend((*said, menu(item)))

    @asynccontextmanager
    async def _console(self, begun: Begun) -> AsyncIterator[Console]:
        async with deck(self._house.sounds, self._agi) as at:
            self._deck = at
            try:
                yield Console(at, self._house, begun, self._player)
            finally:
                self._deck = None
