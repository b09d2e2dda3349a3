"""The server's end of the socket to a worker process: messages in both directions, never blocking."""

import asyncio
from collections.abc import Callable
from typing import cast

from ivr.speech.wire import Message, Unpacker, WireError

MOST_UNSENT = 8 << 20
"""Bytes. A worker that leaves so much unread (minutes of sound) is cut off."""


class Link(asyncio.Protocol):
    """`gone` ends, with the reason, when the worker's end is closed or the link is cut."""

    def __init__(self, on_message: Callable[[Message], None]) -> None:
        self._on_message = on_message
        self._unpacker = Unpacker()
        self._transport: asyncio.Transport | None = None
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._unpacker.feed(data):
                self._on_message(message)
        except WireError as error:
            self.cut(f"it sent {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.gone.done():
            self.gone.set_result("it ended")

    def send(self, data: bytes) -> None:
        """Nothing happens when the worker is gone."""
        if self._transport is None or self.gone.done():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MOST_UNSENT:
            self.cut("it reads nothing")

    def cut(self, why: str) -> None:
        """End the link now; what is unsent is dropped."""
        if not self.gone.done():
            self.gone.set_result(why)
        if self._transport is not None:
            self._transport.abort()
