"""What an operator hears of a work item and does with it by keys, while one stream is open."""

import asyncio
from collections.abc import Sequence
from typing import assert_never

import structlog

from acd.core.events import Event
from acd.core.work_events import NoteSpoken, WorkDone, WorkHandedBack, WorkPassedOn
from acd.core.work_state import Forwarded, WorkItem
from ivr.drafts import Draft
from ivr.flow.said import Said
from ivr.messages import store_message
from ivr.recordings import RecordingError
from ivr.take import TakeRules
from ivr.work.deck import Deck
from ivr.work.house import Begun, House
from ivr.work.item import menu
from ivr.work.keys import KEYS, NONE, Act, chosen
from ivr.work.player import Player

log = structlog.get_logger(__name__)

KEY_WITHIN = 8.0
"""After what was said; then the menu is told again."""
TOLD_TIMES = 3
"""So often without a key: then the phone is hung up, and the item comes again."""
NOTE_FOR = 60.0
"""The longest note for a department."""
NOTE_ENDS_AFTER = 3.0
"""So much silence ends it."""
_HANDED_BACK = "by key"


class Console:
    """Every method raises CallerGone when the operator hangs up, ListeningFailed without a stream."""

    def __init__(self, deck: Deck, house: House, begun: Begun, player: Player) -> None:
        self._deck, self._house, self._begun, self._player = deck, house, begun, player

    async def say(self, said: Sequence[Said]) -> str | None:
        """The key that was pressed meanwhile."""
        return await self._deck.play(await self._sounds(said))

    async def preview(self, said: Sequence[Said], for_: float, key: str | None = None) -> bool:
        """A call-back before it is dialled. True: dial now; False: the operator has settled it otherwise.

        `key`: one that was pressed already; then nothing is said first.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + for_
        if key is None:
            key = await self._deck.play(await self._sounds(said), for_)
        while True:
            if key is None and (left := until - loop.time()) > 0:
                key = await self._deck.key(left)
            act = KEYS.get(key) if key is not None else None
            if key is None or act is Act.CALL:
                return True
            if act is not None and await self._settled_by(act):
                return False
            key = None

    async def attend(self, said: Sequence[Said]) -> bool:
        """True: call the person now; False: it is settled, or nobody presses a key."""
        key = await self.say(said)
        silences = 0
        while silences < TOLD_TIMES:
            act = KEYS.get(key) if key is not None else None
            if act is Act.CALL:
                return True
            if act is not None and await self._settled_by(act):
                return False
            key = await self._go_on(act)
            silences = silences + 1 if key is None else 0
        return False

    async def _go_on(self, act: Act | None) -> str | None:
        """The next key; None: nothing was pressed in time."""
        item = self._house.item(self._begun.work)
        if item is None or not item.messages:
            return await self._idle(menu(item) if item is not None else "")
        said = self._player.wind(item, act)
        key = await self.say(said) if said else None
        if key is not None:
            return key
        if not self._player.playing:
            return await self._idle("work-menu")
        key = await self._player.play(self._deck, item, by=self._begun.operator)
        return key if key is not None else await self._over()

    async def _over(self) -> str | None:
        key = await self.say(("work-message-over", "work-menu"))
        return key if key is not None else await self._deck.key(KEY_WITHIN)

    async def _idle(self, prompt: str) -> str | None:
        key = await self._deck.key(KEY_WITHIN)
        return await self.say((prompt,)) if key is None and prompt else key

    # Settling

    async def _settled_by(self, act: Act) -> bool:
        """Whether the item is off this operator's hands."""
        match act:
            case Act.CLOSE:
                return await self._close()
            case Act.FORWARD:
                return await self._forward()
            case Act.HAND_BACK:
                return await self._hand_back()
            case Act.CALL | Act.PLAY_PAUSE | Act.BACK | Act.FASTER | Act.NEXT:
                return False
            case _:
                assert_never(act)

    async def _close(self) -> bool:
        """Where there are no topics to choose from, at once."""
        topics, topic = self._house.topics(self._begun.queue), ""
        if topics:
            key = await self._choice("work-topics")
            topic = (chosen(key, topics) or "") if key is not None else ""
            if not topic and key != NONE:
                return False
        done = WorkDone(
            at=self._house.service.now(),
            work=self._begun.work,
            operator=self._begun.operator,
            topic=topic,
        )
        return await self._done(done, "work-closed")

    async def _forward(self) -> bool:
        departments = self._house.departments(self._begun.queue)
        key = await self._choice("work-departments") if departments else None
        department = chosen(key, departments) if key is not None else None
        if department is None:
            return False
        passed = WorkPassedOn(
            at=self._house.service.now(),
            work=self._begun.work,
            operator=self._begun.operator,
            department=department,
        )
        if not await self._done(passed, "work-forwarded"):
            return False
        item = self._house.item(self._begun.work)
        if item is not None and isinstance(item.hold, Forwarded):
            await self._note(item)
        return True

    async def _note(self, item: WorkItem) -> None:
        """Once it is passed on: who hangs up meanwhile has said enough."""
        sounds, at = self._house.sounds, self._house.service.now()
        rules = TakeRules(longest_for=NOTE_FOR, end_after=NOTE_ENDS_AFTER, voice=sounds.voice)
        taken = await self._deck.record(await self._sounds(("work-say-note",)), rules)
        if not taken.sound:
            return
        spoken = Draft(
            call=self._begun.call,
            queue=item.queue,
            caller="",
            line="",
            language=self._house.language(),
            at=at,
        )
        try:
            recording, seconds = await store_message(sounds, spoken, taken.sound)
        except RecordingError as error:
            log.error("an operator's note was not stored", work=item.id, why=str(error))
            await self.say(("work-failed",))
            return
        self._house.service.post(
            NoteSpoken(
                at=self._house.service.now(),
                work=item.id,
                operator=self._begun.operator,
                recording=recording,
                seconds=round(seconds, 2),
            )
        )
        self._house.transcribe(recording, spoken.language)
        if not taken.gone:
            await self.say(("work-note-kept",))

    async def _hand_back(self) -> bool:
        back = WorkHandedBack(
            at=self._house.service.now(),
            work=self._begun.work,
            reason=_HANDED_BACK,
            operator=self._begun.operator,
        )
        return await self._done(back, "work-returned")

    async def _choice(self, prompt: str) -> str | None:
        key = await self.say((prompt,))
        return key if key is not None else await self._deck.key(KEY_WITHIN)

    async def _done(self, event: Event, prompt: str) -> bool:
        outcome = await self._house.service.ask(event)
        if outcome.refusal is not None:
            log.warning("a work item was not settled", work=self._begun.work, why=str(outcome.refusal.code))
            await self.say(("work-failed",))
            return self._house.item(self._begun.work) is None
        await self.say((prompt,))
        return True

    async def _sounds(self, said: Sequence[Said]) -> list[bytes]:
        return await self._house.sounds.of(said, self._house.language(), by=self._begun.operator)
