"""`dzvin top`: calls, operators and queues of the running server, live in the terminal."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any

from acd.web.client import RemoteCenter
from ivr.config import Settings
from ivr.errors import Plain
from ivr.terminal.screen import CenterScreen

FIRST_WITHIN = 5.0


async def watch(settings: Settings) -> None:
    """Until Ctrl-C. Plain: no server answers at the configured address."""
    said: list[str] = []
    remote = RemoteCenter(settings.http_url, said.append)
    feeding = asyncio.create_task(remote.run())
    try:
        await _first_answer(remote, settings, said)
        screen = CenterScreen(remote.view, title=f"Dzvin at {settings.http_url}")
        remote.say = screen.note
        remote.add_sink(screen)
        await _until_told(screen.run())
    finally:
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await feeding


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    """Ctrl-C is the way to end a view, so it is no error."""
    task = asyncio.create_task(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _first_answer(remote: RemoteCenter, settings: Settings, said: list[str]) -> None:
    try:
        await asyncio.wait_for(remote.first_view(), FIRST_WITHIN)
    except TimeoutError:
        why = said[-1] if said else "it does not answer"
        raise Plain(
            f"no server at {settings.http_url}: {why}. Start it with `dzvin run`, or set DZVIN_HTTP_PORT."
        ) from None
