"""A FastAGI server and one call from a scripted Asterisk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ivr.asterisk.agi import AgiHandler, AgiSession
from ivr.asterisk.agi_server import FastAgiServer
from ivr.asterisk.testing import FakeAgiPeer

ENVIRONMENT = FakeAgiPeer(0, "line").environment()


@asynccontextmanager
async def serving(handler: AgiHandler, **limits: float) -> AsyncIterator[FastAgiServer]:
    server = FastAgiServer("127.0.0.1", 0, {"line": handler}, **limits)  # type: ignore[arg-type]
    await server.start()
    try:
        yield server
    finally:
        await server.close(2)


class Sessions:
    """A handler that keeps each session open until its caller is gone, so that a test may act on it."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[AgiSession] = asyncio.Queue()

    async def __call__(self, session: AgiSession) -> None:
        self.arrived.put_nowait(session)
        await session.until_gone()

    async def next(self) -> AgiSession:
        return await asyncio.wait_for(self.arrived.get(), 5)


@asynccontextmanager
async def one_call(
    prepare: Callable[[FakeAgiPeer], object] = lambda peer: None, **headers: str
) -> AsyncIterator[tuple[AgiSession, FakeAgiPeer]]:
    sessions = Sessions()
    async with serving(sessions) as server:
        peer = FakeAgiPeer(server.port, "line", **headers)
        prepare(peer)
        async with peer:
            yield await sessions.next(), peer
