"""One stream with an operator's phone: sounds one after the other, and the keys that are pressed."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from ivr.asterisk.agi import AgiSession
from ivr.asterisk.audiosocket import AudioStream, Ended, Key, StreamEvent
from ivr.recorder import StreamTake, Taken
from ivr.sound_stream import connected, why_lost
from ivr.sounds import Sounds
from ivr.take import TakeRules

BYTES_A_SECOND = 16000


class Deck:
    """Every method raises CallerGone when the phone hangs up, ListeningFailed when the stream is lost."""

    def __init__(self, stream: AudioStream, command: asyncio.Task[bool], keys_in_stream: bool) -> None:
        self._stream, self._command, self._keys_in_stream = stream, command, keys_in_stream
        self._pressed: deque[str] = deque()
        self._changed = asyncio.Event()
        self._lost = False
        self._taking: StreamTake | None = None
        stream.take(self._event)

    def press(self, key: str) -> None:
        """A key that was told beside the stream."""
        if self._keys_in_stream:
            return
        if self._taking is not None:
            self._taking.press(key)
        else:
            self._press(key)

    async def play(self, sounds: Sequence[bytes], within: float | None = None) -> str | None:
        """The key that was pressed meanwhile and ended it; None: heard to the end, or `within` seconds."""
        _, key = await self.play_from(b"".join(sounds), 0, within)
        return key

    async def play_from(self, pcm: bytes, at: int, within: float | None = None) -> tuple[int, str | None]:
        """The byte of `pcm` up to which it was heard, beginning at `at`, and the key that ended it."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        deadline = None if within is None else began + within
        playing = self._stream.play(pcm[at:])
        playing.add_done_callback(lambda _: self._changed.set())
        while not self._pressed and not (playing.done() and playing.result()):
            if not await self._wait(deadline):
                break
        if playing.done() and playing.result():
            return len(pcm), self._pressed.popleft() if self._pressed else None
        self._stream.stop_playing()
        heard = round((loop.time() - began) * BYTES_A_SECOND)
        return min(len(pcm), at + heard // 2 * 2), self._pressed.popleft() if self._pressed else None

    async def key(self, within: float) -> str | None:
        """The next key; None after `within` seconds."""
        deadline = asyncio.get_running_loop().time() + within
        while not self._pressed:
            if not await self._wait(deadline):
                return None
        return self._pressed.popleft()

    async def record(self, prompts: Sequence[bytes], rules: TakeRules) -> Taken:
        """What is said after prompts and a tone, until silence, a key or the limit; '#' skips prompts.

        A phone that hangs up while it is recorded raises nothing here: the next use of the deck does.
        """
        self._pressed.clear()
        self._taking = StreamTake(self._stream, rules, _kept_nowhere, self._keys_in_stream)
        try:
            await self._taking.run(b"".join(prompts))
            begun, take = self._taking.begun, self._taking.take
        finally:
            self._taking = None
            self._stream.stop_playing()
            self._stream.take(self._event)
        self._lost = self._stream.ended
        if self._lost and not begun:
            raise await why_lost(self._command)
        return Taken(await asyncio.to_thread(take.sound), self._lost)

    async def _wait(self, deadline: float | None) -> bool:
        """For news; False at the deadline, in the loop's time."""
        if self._lost:
            raise await why_lost(self._command)
        self._changed.clear()
        try:
            async with asyncio.timeout_at(deadline):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _event(self, event: StreamEvent) -> None:
        match event:
            case Key(key=key):
                if self._keys_in_stream:
                    self._press(key)
            case Ended():
                self._lost = True
                self._changed.set()
            case _:
                pass

    def _press(self, key: str) -> None:
        self._pressed.append(key)
        self._changed.set()


def _kept_nowhere(_: bytes) -> None:
    """A note that a crash cuts short is said again."""


@asynccontextmanager
async def deck(sounds: Sounds, agi: AgiSession) -> AsyncIterator[Deck]:
    """Open as long as the block lasts. Raises CallerGone, ListeningFailed."""
    keys_in_stream = await sounds.keys_in_stream(agi)
    async with connected(sounds.streams, agi) as (stream, command):
        yield Deck(stream, command, keys_in_stream)
