"""The server as a child of `dzvin run`: `python -m ivr.attached`.

Everything is imported first, then it waits for its turn, a line on standard input: a server that was killed
is replaced by one that has nothing left to load but dialplan and journal. When the pipe closes, `dzvin run`
is gone and the server ends too; Asterisk keeps the calls.
"""

import asyncio
import contextlib
import sys

from ivr.app import serve
from ivr.config import load_settings
from ivr.guard import guarded
from ivr.loop import run


async def serve_in_turn() -> None:
    """Until SIGTERM or the parent's end. Plain: what is wrong and what would be right."""
    parent = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(parent), sys.stdin)
    if not await parent.readline():
        return
    serving = asyncio.create_task(serve(load_settings()))
    orphaned = asyncio.create_task(parent.read())
    await asyncio.wait({serving, orphaned}, return_when=asyncio.FIRST_COMPLETED)
    for task in (orphaned, serving):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


if __name__ == "__main__":
    sys.exit(guarded(lambda: run(serve_in_turn())))
