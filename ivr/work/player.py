"""The messages of a voicemail as they are heard: where it stands, forwards, backwards and faster."""

import asyncio
from dataclasses import dataclass, field

from acd.core.work_state import WorkItem
from ivr.flow.said import Said
from ivr.sounds import Sounds
from ivr.work.deck import BYTES_A_SECOND, Deck
from ivr.work.item import message_title
from ivr.work.keys import BACK_FOR, Act

FASTER = 1.5
"""The same words in two thirds of the time."""


def _faster(pcm: bytes) -> bytes:
    """In a thread, where the library of figures may take its time to be loaded."""
    from ivr.media.sound import faster

    return faster(pcm, FASTER)


@dataclass(slots=True)
class Tape:
    """One message; `at` is the byte to be played next, of the sound at its usual speed."""

    pcm: bytes
    at: int = 0
    _fast: bytes | None = field(default=None, repr=False)

    @property
    def over(self) -> bool:
        return self.at >= len(self.pcm)

    def back(self, seconds: float) -> None:
        self.at = max(0, self.at - round(seconds * BYTES_A_SECOND))

    async def play(self, deck: Deck, *, fast: bool) -> str | None:
        """From `at` on; the key that ended it."""
        if not fast:
            self.at, key = await deck.play_from(self.pcm, self.at)
            return key
        if self._fast is None:
            self._fast = await asyncio.to_thread(_faster, self.pcm)
        share = len(self._fast) / max(1, len(self.pcm))
        heard, key = await deck.play_from(self._fast, round(self.at * share) // 2 * 2)
        self.at = len(self.pcm) if heard >= len(self._fast) else round(heard / share) // 2 * 2
        return key


class Player:
    """All messages of one item, over all streams with one operator."""

    def __init__(self, sounds: Sounds) -> None:
        self.playing = False
        self._fast = False
        self._sounds = sounds
        self._tapes: dict[int, Tape] = {}
        self._index = 0

    def wind(self, item: WorkItem, act: Act | None) -> tuple[Said, ...]:
        """What the key changes, and what is said of it."""
        tape = self._tapes.get(self._index)
        match act:
            case Act.PLAY_PAUSE:
                again = tape is not None and tape.over
                if tape is not None and again:
                    tape.at = 0
                self.playing = again or not self.playing
            case Act.BACK:
                self.playing = True
                if tape is not None:
                    tape.back(BACK_FOR)
            case Act.FASTER:
                self._fast = not self._fast
            case Act.NEXT:
                return self._next(item)
            case _:
                pass
        return ()

    def _next(self, item: WorkItem) -> tuple[Said, ...]:
        if self._index + 1 >= len(item.messages):
            self.playing = False
            return ("work-no-more-messages",)
        self._index += 1
        self.playing = True
        return message_title(item, self._index)

    async def play(self, deck: Deck, item: WorkItem, *, by: str) -> str | None:
        """Until a key, which is returned, or the end."""
        tape = self._tapes.get(self._index) or await self._load(deck, item, by)
        if tape is None:
            self.playing = False
            return None
        key = await tape.play(deck, fast=self._fast)
        if tape.over:
            self.playing = False
        return key

    async def _load(self, deck: Deck, item: WorkItem, by: str) -> Tape | None:
        index = self._index = min(self._index, len(item.messages) - 1)
        sound = await self._sounds.recorded(item.messages[index].recording, by=by)
        if not sound:
            return None
        self._tapes[index] = Tape(sound)
        return self._tapes[index]
