"""Asterisk's side of an AudioSocket connection: the caller's sound and keys out, prompts in, in real time."""

import asyncio
import contextlib
import math
import time
from array import array
from typing import Self
from uuid import UUID

from ivr.asterisk.audiosocket_codec import FRAME_BYTES, FrameDecoder, Kind, encode

_FRAME_FOR = 0.02
_SILENCE = bytes(FRAME_BYTES)


class FakeAudioPeer:
    """One caller: `async with FakeAudioPeer(host, port, id) as peer`, then say, press, hang up.

    Between what it says it sends silence every 20 ms, as a phone does; with `sends=False` nothing at all.
    """

    def __init__(self, host: str, port: int, id_: UUID, *, sends: bool = True) -> None:
        self.host, self.port, self.id = host, port, id_
        self.heard: list[tuple[float, bytes]] = []
        """Each sound frame with the time it came at (time.monotonic())."""
        self.said_at: list[float] = []
        """When each frame given to `say` was sent."""
        self.goodbye = False
        """The server has said that it is over."""
        self.ended = asyncio.Event()
        """The connection is over, from whichever side."""
        self._sends = sends
        self._to_say = bytearray()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def connect(self) -> None:
        """Connect and tell the id. OSError when nobody listens."""
        self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self.send(Kind.UUID, self.id.bytes)
        self._tasks = [asyncio.create_task(self._listen())]
        if self._sends:
            self._tasks.append(asyncio.create_task(self._speak()))

    async def close(self) -> None:
        """As when the caller hangs up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()
        self.ended.set()

    def say(self, pcm: bytes) -> None:
        """The caller makes this sound next (8 kHz, 16 bit, mono)."""
        self._to_say += pcm

    def press(self, key: str) -> None:
        self.send(Kind.KEY, key.encode())

    def send(self, kind: Kind, payload: bytes = b"") -> None:
        self.send_raw(encode(kind, payload))

    def send_raw(self, data: bytes) -> None:
        self._writer.write(data)

    def send_no_more(self) -> None:
        """No sound comes from now on, as from a phone that suppresses silence; the connection stays."""
        self._sends = False

    def vanish(self) -> None:
        """The connection is reset, as when Asterisk dies."""
        self._writer.transport.abort()

    @property
    def sound(self) -> bytes:
        """All that was heard so far."""
        return b"".join(frame for _, frame in self.heard)

    @property
    def last_sound_at(self) -> float:
        """When the last frame came that was not silence; 0.0 for none."""
        return next((at for at, frame in reversed(self.heard) if any(frame)), 0.0)

    async def _listen(self) -> None:
        frames = FrameDecoder()
        with contextlib.suppress(OSError):
            while (data := await self._reader.read(65_536)) and not self.goodbye:
                for kind, payload in frames.feed(data):
                    if kind == Kind.SOUND:
                        self.heard.append((time.monotonic(), payload))
                    self.goodbye |= kind == Kind.END
                if self.goodbye:
                    break
        self._writer.close()
        self.ended.set()

    async def _speak(self) -> None:
        due = time.monotonic()
        while self._sends and not self.ended.is_set():
            spoken = bytes(self._to_say[:FRAME_BYTES])
            del self._to_say[:FRAME_BYTES]
            self.send(Kind.SOUND, spoken.ljust(FRAME_BYTES, b"\0") if spoken else _SILENCE)
            if spoken:
                self.said_at.append(time.monotonic())
            due = max(due + _FRAME_FOR, time.monotonic() - 1.0)
            await asyncio.sleep(max(0.0, due - time.monotonic()))


def tone(hz: float, for_s: float, loudness: float = 0.3) -> bytes:
    """A sine as sound of a stream; `loudness` of full scale."""
    step, top = 2 * math.pi * hz / 8000, 32767 * loudness
    return array("h", [round(top * math.sin(step * n)) for n in range(round(8000 * for_s))]).tobytes()
