"""The server's process as `dzvin run` keeps it: one at work and, soon after, one ready to take its place."""

import asyncio
import contextlib
import http.client
import signal
import sys
import time
from collections.abc import Callable

from ivr.config import Settings

STEADY_FOR = 10.0
"""Servers that live shorter than this are started again with a growing pause; the first time at once."""
LONGEST_PAUSE = 5.0
STOP_WITHIN = 10.0
SPARE_AFTER = 3.0
"""So long after a start the next server is prepared: its imports must not slow the first calls down."""
_POLL_FOR = 0.05

Process = asyncio.subprocess.Process


class ServerProcess:
    """`say` gets a sentence about each change.

    server = ServerProcess(settings, print)
    await server.prepare()      # imports while something else starts
    status = await server.keep()
    ...
    await server.stop()
    """

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._spare: Process | None = None
        self._working: Process | None = None
        self._was_ready = False

    async def prepare(self) -> None:
        """A process that has imported everything and waits for its turn, if there is none yet."""
        if self._spare is None or self._spare.returncode is not None:
            self._spare = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ivr.attached"),
                stdin=asyncio.subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is told by us, when Asterisk and callers are ready for it
            )

    async def keep(self) -> int:
        """Let a server work and replace it whenever it ends; the exit status if it could not start at all."""
        pause = 0.0
        while True:
            began = time.monotonic()
            status = await self._work()
            if not self._was_ready:
                return status or 1
            if time.monotonic() - began > STEADY_FOR:
                pause = 0.0
            self._say(f"The server ended ({_how(status)}) and is started again; calls come back to it.")
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, 2 * pause + 0.25)

    async def _work(self) -> int:
        await self.prepare()
        assert self._spare is not None
        self._working, self._spare = self._spare, None
        assert self._working.stdin is not None
        self._working.stdin.write(b"go\n")
        beside = asyncio.create_task(self._beside(time.monotonic()))
        try:
            return await self._working.wait()
        finally:
            beside.cancel()

    async def _beside(self, began: float) -> None:
        while True:
            if await asyncio.to_thread(is_ready, self._settings):
                break
            await asyncio.sleep(_POLL_FOR)
        self._was_ready = True
        self._say(f"The server takes calls, {time.monotonic() - began:.1f} s after its start.")
        await asyncio.sleep(SPARE_AFTER)
        await self.prepare()

    async def stop(self) -> None:
        """End both, by force after STOP_WITHIN seconds."""
        await asyncio.gather(*(_end(process) for process in (self._spare, self._working) if process))


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()


def is_ready(settings: Settings) -> bool:
    """Whether a server takes calls at the configured address (GET /ready answers 200)."""
    connection = http.client.HTTPConnection(settings.http_host, settings.http_port, timeout=1.0)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _how(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    try:
        return f"by {signal.Signals(-status).name}"
    except ValueError:
        return f"by signal {-status}"
