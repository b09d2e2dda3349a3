"""Records a caller over one stream: prompts, a tone, then what is said until silence, a key or the limit."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from acd.core.words import CallId
from ivr.asterisk.agi import AgiSession, CallerGone
from ivr.asterisk.audiosocket import AudioSocketServer, AudioStream, Ended, Key, Sound, StreamEvent
from ivr.sound_stream import HELD_UP, beep, connected, why_lost
from ivr.take import END_KEY, Take, TakeRules

_GAP_FOR = 1.0
"""A phone that sends no sound for so much longer than the silence that ends it has nothing more to say."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`sound`: 8 kHz, 16 bit, mono, without silence at its ends; empty where nothing was said."""

    sound: bytes
    gone: bool
    """The caller hung up meanwhile."""
    key: str = ""
    """The key that ended it, other than '#'."""


Keep = Callable[[bytes], None]
"""Given each piece of sound as it comes, so that a crash does not lose it. Returns at once."""


class Recorder:
    """Works without any speech model."""

    def __init__(self, server: AudioSocketServer) -> None:
        self._server = server
        self._live: dict[CallId, StreamTake] = {}

    def key(self, call: CallId, key: str) -> bool:
        """A key that AMI has reported, for an Asterisk whose streams carry none; whether it was used."""
        recording = self._live.get(call)
        if recording is None or recording.keys_in_stream:
            return False
        recording.press(key)
        return True

    async def record(
        self, agi: AgiSession, prompts: Sequence[bytes], rules: TakeRules, keep: Keep, *, keys_in_stream: bool
    ) -> Taken:
        """Raises CallerGone (before the tone: nothing can have been said), ListeningFailed."""
        call = agi.environment.call
        async with connected(self._server, agi) as (stream, command):
            recording = self._live[call] = StreamTake(stream, rules, keep, keys_in_stream)
            try:
                await recording.run(b"".join(prompts))
            finally:
                self._live.pop(call, None)
                stream.stop_playing()
            gone = recording.lost and await self._is_gone(recording, command)
            key = recording.take.ended_by.replace(END_KEY, "")
            return Taken(await asyncio.to_thread(recording.take.sound), gone, key)

    async def _is_gone(self, recording: "StreamTake", command: asyncio.Task[bool]) -> bool:
        why = await why_lost(command)
        if not recording.begun:
            raise why
        return isinstance(why, CallerGone)


class StreamTake:
    """One take over a stream that is open already; `keep` as in `Recorder.record`."""

    def __init__(self, stream: AudioStream, rules: TakeRules, keep: Keep, keys_in_stream: bool) -> None:
        self.take = Take(rules)
        self.keys_in_stream = keys_in_stream
        self.lost = False
        self.begun = False
        """The tone has sounded."""
        self._stream, self._rules, self._keep = stream, rules, keep
        self._changed = asyncio.Event()
        self._toning = False

    async def run(self, prompt: bytes) -> None:
        """Until the take is over or the stream has ended."""
        self._stream.play(prompt).add_done_callback(lambda _: self._tone())
        self._stream.take(self._event)
        longest_for = len(prompt) / 16000 + self._rules.longest_for + self._rules.end_after + 5.0
        deadline = asyncio.get_running_loop().time() + longest_for
        while not (self.take.over or self.lost):
            if not await self._something_comes(deadline):
                self.take.end()
        self.take.end()

    async def _something_comes(self, deadline: float) -> bool:
        """Also when the machine stood still while it was waited for."""
        loop = asyncio.get_running_loop()
        gap = loop.time() + self._rules.end_after + _GAP_FOR if self.begun else deadline
        due = min(deadline, gap)
        self._changed.clear()
        try:
            async with asyncio.timeout_at(due):
                await self._changed.wait()
        except TimeoutError:
            return due < deadline and loop.time() - due > HELD_UP
        return True

    def _tone(self) -> None:
        if not self._toning and not self._stream.ended:
            self._toning = True
            self._stream.play(beep()).add_done_callback(self._toned)

    def _toned(self, _: object) -> None:
        if not self._stream.ended:
            self.begun = True
            self.take.begin()
            self._changed.set()

    def _event(self, event: StreamEvent) -> None:
        match event:
            case Sound(pcm=pcm):
                self.take.feed(pcm)
                if self.take.recording:
                    self._keep(pcm)
            case Key(key=key):
                if self.keys_in_stream:
                    self.press(key)
            case Ended():
                self.lost = not self.take.over
        self._changed.set()

    def press(self, key: str) -> None:
        """`#` before the tone skips the prompts."""
        if key == END_KEY and not self.begun and not self._toning:
            self._stream.stop_playing()
        self.take.key(key)
        self._changed.set()
