"""`dzvin run`: Asterisk and the server beside it, both ended cleanly by Ctrl-C.

Asterisk lives in a session of its own and outlives a kill of this process; the next `dzvin run` adopts it
with its calls. The server is a process of its own too: when it dies it is started anew at once, and its
calls come back to it.
"""

import asyncio
import contextlib
import signal
import socket
import sys
import time

from rich.console import Console

from ivr.about import info, read_dialplan
from ivr.app import serve
from ivr.asterisk.instance import AsteriskInstance, Start
from ivr.asterisk.instance_ports import Listening, check_free
from ivr.config import Settings
from ivr.own_asterisk import own_asterisk
from ivr.terminal.info import print_info

STEADY_FOR = 10.0
"""A server that lived shorter than this is started again only after a pause that doubles."""
LONGEST_PAUSE = 5.0
STOP_WITHIN = 10.0


async def run_all(settings: Settings) -> int:
    """Until SIGINT or SIGTERM; the exit status. Plain: what is wrong and what would be right."""
    console = Console()
    stopped = _stop_event()
    for listening in _server_listens(settings):
        check_free(listening)
    asterisk = await _start_asterisk(settings, console) if settings.asterisk == "own" else None
    try:
        print_info(info(settings), console)
        console.print("Ctrl-C ends Asterisk and the server.")
        await _keep_server(settings, stopped)
    finally:
        if asterisk is not None:
            await asterisk.stop()
    console.print("Ended.")
    return 0


def _stop_event() -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


async def _start_asterisk(settings: Settings, console: Console) -> AsteriskInstance:
    asterisk = own_asterisk(settings, read_dialplan(settings))
    began = time.monotonic()
    how = await asterisk.start()
    took = f"in {time.monotonic() - began:.1f} s"
    calls = await asterisk.calls() if how is Start.ADOPTED else 0
    found = f"found running with {calls} call(s)" if how is Start.ADOPTED else "started"
    console.print(f"Asterisk {asterisk.program.version()} {found} {took}.")
    return asterisk


def _server_listens(settings: Settings) -> tuple[Listening, Listening]:
    host, port = settings.fastagi_host, settings.fastagi_port
    return (
        Listening(host, port, socket.SOCK_STREAM, "FastAGI", "DZVIN_FASTAGI_PORT"),
        Listening(settings.http_host, settings.http_port, socket.SOCK_STREAM, "HTTP", "DZVIN_HTTP_PORT"),
    )


async def _keep_server(settings: Settings, stopped: asyncio.Event) -> None:
    pause = 0.0
    while not stopped.is_set():
        began = time.monotonic()
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ivr.cli", "serve", "--attached"),
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        await _until_ended(server, stopped)
        if stopped.is_set():
            return
        pause = 0.0 if time.monotonic() - began > STEADY_FOR else min(LONGEST_PAUSE, 2 * pause + 0.2)
        print(f"dzvin: the server ended (status {server.returncode}) and is started again.", file=sys.stderr)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), pause)


async def _until_ended(server: asyncio.subprocess.Process, stopped: asyncio.Event) -> None:
    """Return when the server has ended, by itself or because we were told to stop."""
    ended = asyncio.create_task(server.wait())
    told = asyncio.create_task(stopped.wait())
    await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if ended.done():
        return
    server.terminate()
    try:
        await asyncio.wait_for(ended, STOP_WITHIN)
    except TimeoutError:
        server.kill()
        await server.wait()


async def serve_attached(settings: Settings) -> None:
    """The server as a child of `dzvin run`: when that one is gone (its pipe closes), the server ends too."""
    serving = asyncio.create_task(serve(settings))
    parent = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(parent), sys.stdin)
    orphaned = asyncio.create_task(parent.read())
    await asyncio.wait({serving, orphaned}, return_when=asyncio.FIRST_COMPLETED)
    for task in (orphaned, serving):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
