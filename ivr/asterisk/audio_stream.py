"""One caller's sound and keys in, prompts out, paced by one clock for all streams.

Asterisk passes each frame on to the phone the moment it comes. So a stream sends a frame every 20 ms, a few
ahead of real time, and silence where nothing is played: a pause would be heard as a gap, and Asterisk
gives up after 2 s without a frame. What was sent cannot be called back: the lead is what a stop costs.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from ivr.asterisk.audiosocket_codec import END_FRAME, FRAME_BYTES, SILENCE_FRAME, SOUND_HEADER, Kind

FRAME_FOR = 0.02
KEYS = frozenset("0123456789*#ABCD")
_LATE_FRAMES = 10
"""A clock that is later than this goes on from now: what was missed is played later, not faster."""
_QUEUE_LIMIT = 1_000
"""Events nobody has taken; then sound is dropped (20 s), never a key."""
_UNSENT_LIMIT = 32_768
"""Bytes that wait for a peer that does not read: 2 s of sound beside what the kernel holds."""
_GOODBYE_FOR = 1.0


@dataclass(frozen=True, slots=True)
class Sound:
    """20 ms of the caller: 320 bytes, 8 kHz, 16 bit, little-endian, mono."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Key:
    key: str
    """One of 0-9 * # A-D."""


class Why(StrEnum):
    """Why a stream ended."""

    BY_ASTERISK = "ended by Asterisk"
    """The usual end when the caller hangs up."""
    CLOSED = "closed by us"
    LOST = "connection lost"
    ERROR = "error told by Asterisk"
    BROKEN = "not AudioSocket"
    """Garbage, a frame that is too long, or one whose end does not come."""
    SLOW = "peer does not read"


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event of a stream."""

    why: Why


StreamEvent = Sound | Key | Ended
Sink = Callable[[StreamEvent], None]


@dataclass(slots=True)
class _Playback:
    pcm: bytes
    done: "asyncio.Future[bool]"
    at: int = 0
    """Bytes that were sent."""
    ends_at: int = 0
    """The frame of the stream's clock at which its last one has been heard."""


class AudioStream:
    """Use from the event loop's thread. Iterate over it for events, or `take` them by a callback.

    Made by `AudioSocketServer`; whoever has got it closes it.
    """

    def __init__(self, id_: UUID, transport: asyncio.Transport, now: float, ahead: int) -> None:
        """`now`: of the loop's clock, seconds; `ahead`: frames sent before their time."""
        self.id = id_
        self._transport = transport
        self._began, self._ahead, self._sent = now, ahead, 0
        self._playbacks: deque[_Playback] = deque()
        self._heard_soon: deque[_Playback] = deque()
        """All sent, of which the last frames are not heard yet."""
        self._rest = b""
        self._queue: deque[StreamEvent] = deque()
        self._sink: Sink = self._keep
        self._waiter: asyncio.Future[None] | None = None
        self._over = asyncio.Event()
        self._why: Why | None = None

    # Out

    @property
    def playing(self) -> bool:
        """Something that was given to `play` has not been heard to its end."""
        return bool(self._playbacks or self._heard_soon)

    def play(self, pcm: bytes) -> "asyncio.Future[bool]":
        """Play after what plays already. The answer is True when it was heard to its end, False when stopped.

        `pcm` as in Sound, of any length; an odd byte at its end is left out.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self._why is not None or len(pcm) < 2:
            done.set_result(self._why is None)
        else:
            self._playbacks.append(_Playback(pcm[: len(pcm) // 2 * 2], done))
        return done

    def stop_playing(self) -> None:
        """Silence from the next frame on; what was sent ahead (`ahead` frames) is still heard."""
        for playback in self._heard_soon:
            _resolve(playback, True)
        for playback in self._playbacks:
            _resolve(playback, False)
        self._heard_soon.clear()
        self._playbacks.clear()

    def close(self) -> None:
        """Tell Asterisk that it is over: its command AudioSocket returns. Safe to call twice.

        The connection itself ends when Asterisk closes it, or after a second.
        """
        if self._why is None:
            self._transport.write(END_FRAME)
            self.end(Why.CLOSED)

    async def until_closed(self) -> None:
        """Return when the stream has ended, by whomever."""
        await self._over.wait()

    @property
    def ended(self) -> bool:
        return self._why is not None

    # In

    def __aiter__(self) -> "AudioStream":
        return self

    async def __anext__(self) -> StreamEvent:
        """Events in order; `Ended` is the last one."""
        while not self._queue:
            if self._why is not None:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._queue.popleft()

    def take(self, sink: Sink) -> None:
        """From now on each event goes to `sink` the moment it comes, and those that wait at once."""
        self._sink = sink
        while self._queue:
            sink(self._queue.popleft())

    def _keep(self, event: StreamEvent) -> None:
        if isinstance(event, Sound) and len(self._queue) >= _QUEUE_LIMIT:
            return
        self._queue.append(event)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What the server calls

    def frame(self, kind: int, payload: bytes) -> None:
        """One frame of Asterisk's, checked by the decoder."""
        if self._why is not None:
            return
        match kind:
            case Kind.SOUND:
                self._sound(payload)
            case Kind.KEY:
                self._key(payload.decode("latin-1"))
            case Kind.END:
                self.end(Why.BY_ASTERISK)
            case Kind.ERROR:
                self.end(Why.ERROR)
            case _:
                self.end(Why.BROKEN)

    def _sound(self, payload: bytes) -> None:
        """Asterisk's frames are as long as the phone's packets; ours are 20 ms always."""
        if self._rest or len(payload) != FRAME_BYTES:
            payload = self._rest + payload
            whole = len(payload) // FRAME_BYTES * FRAME_BYTES
            self._rest = payload[whole:]
            for at in range(0, whole, FRAME_BYTES):
                self._sink(Sound(payload[at : at + FRAME_BYTES]))
        else:
            self._sink(Sound(payload))

    def _key(self, key: str) -> None:
        """Asterisk has more letters than keys: 'f' is a fax tone."""
        if key not in KEYS:
            return
        if len(self._queue) >= 2 * _QUEUE_LIMIT:
            self.end(Why.BROKEN)
        else:
            self._sink(Key(key))

    def tick(self, now: float) -> None:
        """Send the frames that are due. `now`: of the loop's clock, seconds."""
        if self._why is not None:
            return
        due = int((now - self._began) / FRAME_FOR)
        missing = due + self._ahead - self._sent
        if missing > _LATE_FRAMES + self._ahead:
            self._began += (missing - self._ahead) * FRAME_FOR
            due -= missing - self._ahead
            missing = self._ahead
        while self._heard_soon and self._heard_soon[0].ends_at <= due:
            _resolve(self._heard_soon.popleft(), True)
        if missing > 0:
            self._send(missing)

    def _send(self, count: int) -> None:
        if self._playbacks:
            self._transport.write(b"".join([self._next_frame() for _ in range(count)]))
        else:
            self._sent += count
            self._transport.write(SILENCE_FRAME * count)
        if self._transport.get_write_buffer_size() > _UNSENT_LIMIT:
            self.end(Why.SLOW)

    def _next_frame(self) -> bytes:
        self._sent += 1
        if not self._playbacks:
            return SILENCE_FRAME
        playback = self._playbacks[0]
        piece = playback.pcm[playback.at : playback.at + FRAME_BYTES]
        playback.at += FRAME_BYTES
        if playback.at >= len(playback.pcm):
            playback.ends_at = self._sent
            self._heard_soon.append(self._playbacks.popleft())
        return SOUND_HEADER + piece.ljust(FRAME_BYTES, b"\0")

    def end(self, why: Why) -> None:
        """The stream is over: playbacks stop, `Ended` is told, the connection goes. Only the first time."""
        if self._why is not None:
            return
        self._why = why
        self.stop_playing()
        self._leave(why)
        self._over.set()
        self._sink(Ended(why))

    def _leave(self, why: Why) -> None:
        """After our goodbye Asterisk closes: closing first would reset the connection and lose it."""
        if why is Why.CLOSED:
            asyncio.get_running_loop().call_later(_GOODBYE_FOR, self._transport.abort)
        elif why in (Why.BROKEN, Why.SLOW):
            self._transport.abort()
        else:
            self._transport.close()


def _resolve(playback: _Playback, to_its_end: bool) -> None:
    if not playback.done.done():
        playback.done.set_result(to_its_end)
