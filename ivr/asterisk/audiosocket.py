"""The AudioSocket server: Asterisk connects for one caller at a time whom it was told to connect for.

A peer gets its stream only by an id that `expect` has just given out, once. Everybody else is cut off: peers
of other networks, garbage, unknown and used ids, half frames, peers that say nothing. One connection's faults
end that connection alone.
"""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from typing import cast
from uuid import UUID, uuid4

import structlog

from ivr.asterisk.audio_stream import FRAME_FOR, AudioStream, Ended, Key, Sound, StreamEvent, Why
from ivr.asterisk.audiosocket_codec import BadFrame, FrameDecoder, Kind

__all__ = [
    "AudioSocketFull",
    "AudioSocketServer",
    "AudioStream",
    "Ended",
    "ExpectedStream",
    "Key",
    "Sound",
    "StreamEvent",
    "StreamMissing",
    "Why",
]

log = structlog.get_logger(__name__)

_UNGREETED_LIMIT = 64
"""Connections that have not told their id; beyond it the oldest goes. Asterisk tells it at once."""
_KERNEL_BUFFER = 16_384
"""Bytes: a peer that does not read is noticed within seconds, and not after megabytes."""


class AudioSocketFull(Exception):
    """The configured limit of streams is reached."""


class StreamMissing(Exception):
    """Asterisk did not connect in time, or the server closes."""


class ExpectedStream:
    """A stream that Asterisk is asked for: give it `id`, wait for `stream`, and `cancel` when it is over."""

    def __init__(self, server: "AudioSocketServer") -> None:
        self.id = uuid4()
        self.arrived: asyncio.Future[AudioStream] = asyncio.get_running_loop().create_future()
        self._server = server

    async def stream(self, within: float) -> AudioStream:
        """The stream as soon as Asterisk has connected. StreamMissing after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                return await asyncio.shield(self.arrived)
        except TimeoutError:
            self.cancel()
            raise StreamMissing(f"Asterisk did not connect within {within:g} s") from None

    def cancel(self) -> None:
        """The id is worth nothing any more; a stream that came is closed. Safe to call at any time, twice."""
        self._server.forget(self.id)
        if not self.arrived.done():
            self.arrived.set_exception(StreamMissing("not waited for any more"))
            self.arrived.exception()  # whoever waits gets it; nobody has to
        elif self.arrived.exception() is None:
            self.arrived.result().close()


class AudioSocketServer:
    """Listens on one address; all its streams are paced by one clock."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        limit: int = 200,
        allowed: Iterable[str] = ("127.0.0.0/8", "::1/128"),
        greeting_for: float = 2.0,
        half_frame_for: float = 2.0,
        ahead: int = 2,
    ) -> None:
        """Port 0: any free. `limit`: streams at once. `allowed`: networks that Asterisk may come from.

        `greeting_for`, `half_frame_for`: seconds until an id, or the end of a frame, has to be there.
        `ahead`: frames of 20 ms that are sent before their time.
        """
        self._host, self._port = host, port
        self._limit, self._greeting_for, self._half_frame_for = limit, greeting_for, half_frame_for
        self._allowed = tuple(ipaddress.ip_network(network) for network in allowed)
        self._ahead = ahead
        self._server: asyncio.Server | None = None
        self._expected: dict[UUID, ExpectedStream] = {}
        self._ungreeted: dict[_Connection, None] = {}
        self._talking: dict[_Connection, AudioStream] = {}
        self._gone = asyncio.Event()
        """No connection is left."""
        self._ticking: asyncio.TimerHandle | None = None
        self._tick_at = 0.0

    async def start(self) -> None:
        """Listen. Raises OSError, for instance when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self), self._host, self._port, backlog=512
        )

    @property
    def port(self) -> int:
        assert self._server is not None, "start() first"
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def address(self) -> str:
        """What Asterisk is told to connect to: 'host:port'."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self.port}"

    @property
    def streams(self) -> int:
        """Streams that are open now."""
        return len(self._talking)

    @property
    def connections(self) -> int:
        """Streams and connections that have not told their id yet."""
        return len(self._talking) + len(self._ungreeted)

    def expect(self) -> ExpectedStream:
        """A fresh id, good for one connection. AudioSocketFull at the limit of streams."""
        if self._server is None or len(self._talking) + len(self._expected) >= self._limit:
            raise AudioSocketFull(f"{self._limit} streams are open or expected")
        expected = ExpectedStream(self)
        self._expected[expected.id] = expected
        return expected

    def forget(self, id_: UUID) -> None:
        """A stream is not expected any more."""
        self._expected.pop(id_, None)

    async def close(self, within: float = 2.0) -> None:
        """Listen no more, say goodbye to every stream, and wait for the ends at most `within` seconds."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for expected in tuple(self._expected.values()):
            expected.cancel()
        for connection in tuple(self._ungreeted):
            connection.refuse("the server closes")
        for stream in tuple(self._talking.values()):
            stream.close()
        if self.connections:
            self._gone.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), within)
        for connection in tuple(self._talking):
            connection.cut()

    # What connections call

    def came(self, connection: "_Connection", peer: str) -> None:
        if not self._is_allowed(peer):
            connection.refuse("its network is not allowed")
            return
        if len(self._ungreeted) >= _UNGREETED_LIMIT:
            next(iter(self._ungreeted)).refuse("too many connections without an id")
        self._ungreeted[connection] = None
        asyncio.get_running_loop().call_later(self._greeting_for, self._no_greeting, connection)

    def _no_greeting(self, connection: "_Connection") -> None:
        if connection in self._ungreeted:
            connection.refuse(f"no id within {self._greeting_for:g} s")

    def _is_allowed(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._allowed)

    def greeted(self, connection: "_Connection", payload: bytes) -> AudioStream | None:
        """The stream, if this id is expected. It is used up, and the peer hears silence from now on."""
        expected = self._expected.pop(UUID(bytes=payload), None)
        if expected is None or expected.arrived.done():
            return None
        self._ungreeted.pop(connection, None)
        now = asyncio.get_running_loop().time()
        stream = AudioStream(expected.id, connection.transport, now, self._ahead)
        self._talking[connection] = stream
        stream.tick(now)
        self._tick_later()
        expected.arrived.set_result(stream)
        return stream

    def went(self, connection: "_Connection") -> None:
        self._ungreeted.pop(connection, None)
        self._talking.pop(connection, None)
        if not self.connections:
            self._gone.set()

    # The clock of all streams

    def _tick_later(self) -> None:
        if self._ticking is None and self._talking:
            loop = asyncio.get_running_loop()
            self._tick_at = max(self._tick_at + FRAME_FOR, loop.time())
            self._ticking = loop.call_at(self._tick_at, self._tick)

    def _tick(self) -> None:
        self._ticking = None
        now = asyncio.get_running_loop().time()
        for connection, stream in tuple(self._talking.items()):
            try:
                stream.tick(now)
                if connection.half_since is not None and now - connection.half_since > self._half_frame_for:
                    stream.end(Why.BROKEN)
            except Exception:
                log.exception("audiosocket.stream_failed")
                connection.cut()
        self._tick_later()


class _Connection(asyncio.Protocol):
    """One TCP connection: first its id, then frames."""

    transport: asyncio.Transport

    def __init__(self, server: AudioSocketServer) -> None:
        self.half_since: float | None = None
        """When the frame began whose end has not come."""
        self._server = server
        self._decoder = FrameDecoder()
        self._stream: AudioStream | None = None
        self._refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one without being a subclass
        peer = transport.get_extra_info("peername") or ("",)
        its_socket = transport.get_extra_info("socket")
        its_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BUFFER)
        self._server.came(self, str(peer[0]))

    def data_received(self, data: bytes) -> None:
        if self._refused or (self._stream is not None and self._stream.ended):
            return
        whole = 0
        try:
            for kind, payload in self._decoder.feed(data):
                whole += 1
                self._frame(kind, payload)
        except BadFrame as wrong:
            self._broken(str(wrong))
        self._note_half(after_whole=whole > 0)

    def _note_half(self, *, after_whole: bool) -> None:
        """`after_whole`: what was half before is whole now, so the half that is there has just begun."""
        if not self._decoder.half:
            self.half_since = None
        elif after_whole or self.half_since is None:
            self.half_since = asyncio.get_running_loop().time()

    def _frame(self, kind: int, payload: bytes) -> None:
        if self._refused:
            return
        if self._stream is not None:
            self._stream.frame(kind, payload)
        elif kind != Kind.UUID:
            self.refuse("its first frame is no id")
        else:
            self._stream = self._server.greeted(self, payload)
            if self._stream is None:
                self.refuse("its id is not expected")

    def _broken(self, why: str) -> None:
        if self._stream is None:
            self.refuse(why)
        else:
            log.warning("audiosocket.broken", why=why)
            self._stream.end(Why.BROKEN)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.went(self)
        if self._stream is not None:
            self._stream.end(Why.BY_ASTERISK if exc is None else Why.LOST)

    def refuse(self, why: str) -> None:
        """Cut off before it has a stream."""
        if not self._refused:
            self._refused = True
            log.warning("audiosocket.refused", why=why)
            self.cut()

    def cut(self) -> None:
        self._server.went(self)
        self.transport.abort()
