"""The WebSocket: the newest snapshot to each client, and with `?facts=1` every fact as well.

A client that reads slowly gets fewer snapshots, always the newest; its facts wait in a bounded buffer, and
the number of those that fell out is said. One that takes nothing for `send_within` seconds is dropped.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from aiohttp import WSCloseCode, web

from acd.core.facts import Record
from acd.web.encode import facts_text
from acd.web.guard import is_same_origin
from acd.web.snapshots import Snapshots


class Gauge(Protocol):
    def inc(self, amount: float = 1) -> None: ...
    def dec(self, amount: float = 1) -> None: ...


class FactBuffer:
    """The facts that one client has not got yet, at most `limit`; the oldest fall out."""

    def __init__(self, limit: int) -> None:
        self._records: deque[Record] = deque(maxlen=limit)
        self._limit = limit
        self._lost = 0
        self.filled = asyncio.Event()

    def __call__(self, records: Sequence[Record]) -> None:
        self._lost += max(0, len(self._records) + len(records) - self._limit)
        self._records.extend(records)
        self.filled.set()

    def take(self) -> str:
        """Everything so far as one message."""
        text = facts_text(tuple(self._records), self._lost)
        self._records.clear()
        self._lost = 0
        self.filled.clear()
        return text


class LiveClients:
    """Serves `/ws`. `limit` clients at most; more are refused with 503."""

    def __init__(
        self,
        snapshots: Snapshots,
        connected: Gauge,
        *,
        limit: int = 64,
        send_within: float = 10.0,
        facts_kept: int = 1000,
    ) -> None:
        self._snapshots = snapshots
        self._connected = connected
        self._limit = limit
        self._send_within = send_within
        self._facts_kept = facts_kept
        self._open: set[web.WebSocketResponse] = set()

    @property
    def count(self) -> int:
        return len(self._open)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if not is_same_origin(request):
            raise web.HTTPForbidden(text="Only this server's own pages may connect.\n")
        if len(self._open) >= self._limit:
            raise web.HTTPServiceUnavailable(
                text="Too many live connections.\n", headers={"Retry-After": "30"}
            )
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=1024)
        self._open.add(socket)
        self._connected.inc()
        try:
            await socket.prepare(request)
            await self._talk(request, socket)
        finally:
            self._open.discard(socket)
            self._connected.dec()
        return socket

    async def _talk(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        """Until the client leaves or is dropped."""
        lock = asyncio.Lock()
        senders = [asyncio.create_task(self._send_snapshots(socket, lock))]
        facts = FactBuffer(self._facts_kept)
        if request.query.get("facts") == "1":
            self._snapshots.subscribe(facts)
            senders.append(asyncio.create_task(self._send_facts(socket, facts, lock)))
        reader = asyncio.create_task(_read_on(socket))
        try:
            await asyncio.wait([reader, *senders], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._snapshots.unsubscribe(facts)
            for task in (reader, *senders):
                task.cancel()
            results = await asyncio.gather(reader, *senders, return_exceptions=True)
            if any(isinstance(result, TimeoutError) for result in results) and request.transport is not None:
                request.transport.abort()

    async def _send_snapshots(self, socket: web.WebSocketResponse, lock: asyncio.Lock) -> None:
        snapshot = self._snapshots.current()
        while True:
            await self._send(socket, lock, snapshot.text)
            snapshot = await self._snapshots.newer_than(snapshot.number)

    async def _send_facts(self, socket: web.WebSocketResponse, facts: FactBuffer, lock: asyncio.Lock) -> None:
        while True:
            await facts.filled.wait()
            await self._send(socket, lock, facts.take())

    async def _send(self, socket: web.WebSocketResponse, lock: asyncio.Lock, text: str) -> None:
        async with lock, asyncio.timeout(self._send_within):
            await socket.send_str(text)

    async def close(self) -> None:
        """Say goodbye to everybody, within a second."""
        goodbyes = [socket.close(code=WSCloseCode.GOING_AWAY, message=b"") for socket in self._open]
        if goodbyes:
            _, late = await asyncio.wait(
                [asyncio.ensure_future(goodbye) for goodbye in goodbyes], timeout=1.0
            )
            for task in late:
                task.cancel()


async def _read_on(socket: web.WebSocketResponse) -> None:
    """Clients say nothing of interest, but reading answers pings and sees the end."""
    async for _message in socket:
        pass
