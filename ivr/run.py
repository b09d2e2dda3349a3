"""`dzvin run`: Asterisk and the server beside it, both ended cleanly by Ctrl-C.

Asterisk lives in a session of its own and outlives a kill of this process; the next `dzvin run` adopts it
with its calls. Whichever of the two dies alone is started again at once, and the other one notices.
"""

import asyncio
import contextlib
import shutil
import signal
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console

from ivr.about import info, read_dialplan
from ivr.arrangement import first_arrangement
from ivr.asterisk.instance import AsteriskInstance, Start
from ivr.asterisk.instance_ports import PortTaken, check_free, server_listens
from ivr.config import Settings
from ivr.dialplan.loader import Loaded
from ivr.errors import Plain
from ivr.own_asterisk import asterisk_conf, own_asterisk
from ivr.run_lock import only_one
from ivr.server_process import STOP_WITHIN, ServerProcess
from ivr.terminal.info import print_info

LOOK_EVERY_FOR = 0.5
"""So often we look whether Asterisk lives; one that was adopted is no child that could be waited for."""
LONGEST_PAUSE = 10.0
ENOUGH_DISK = 5 * 2**20
"""Bytes below which the run folder's disk is called full."""


async def run_all(settings: Settings) -> int:
    """Until SIGINT or SIGTERM; the exit status. Plain: what is wrong and what would be right."""
    screen = _Screen()
    running = asyncio.create_task(_run(settings, screen))
    loop = asyncio.get_running_loop()
    told = asyncio.Event()

    def stop() -> None:
        if not told.is_set():  # a second Ctrl-C must not cut the clean end short
            told.set()
            running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup wants it to outlive its terminal
        loop.add_signal_handler(signal.SIGHUP, stop)
    try:
        return await running
    except asyncio.CancelledError:
        screen.say("Ended.")
        return 0


class _Screen:
    """Where the administrator reads."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def say(self, text: str) -> None:
        """Whether or not somebody reads it."""
        with contextlib.suppress(OSError):
            print(text, flush=True)


async def _run(settings: Settings, screen: _Screen) -> int:
    with only_one(settings.run_folder) as ended_well:
        loaded = first_arrangement(settings).whole
        look_at_disk(settings.run_folder, screen.say)
        await _wait_for_ports(settings, 0.0 if ended_well else STOP_WITHIN)
        server = ServerProcess(settings, screen.say)
        await server.prepare()
        asterisk = None
        try:
            if settings.asterisk == "own":
                asterisk = await _start_asterisk(settings, loaded, screen)
            print_info(info(settings), screen.console)
            screen.say("Ctrl-C ends Asterisk and the server.")
            return await _first_of(server.keep(), _keep_asterisk(asterisk, settings, screen))
        finally:
            await server.stop()
            if asterisk is not None:
                await asterisk.stop()


async def _first_of(*works: Coroutine[Any, Any, int]) -> int:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def look_at_disk(run_folder: Path, say: Callable[[str], None]) -> None:
    """Plain: a first start would fail. Later ones go on, for calls are served without a disk too."""
    free = shutil.disk_usage(run_folder).free
    if free >= ENOUGH_DISK:
        return
    full = f"The disk of {run_folder} is full ({free // 1024} kB are free)"
    if not (run_folder / "journal").is_dir():
        raise Plain(f"{full}: make room, {ENOUGH_DISK // 2**20} MB at least, or set DZVIN_RUN_FOLDER.")
    say(f"{full}: facts are held in memory and lost at the next restart. Make room.")


async def _wait_for_ports(settings: Settings, within: float) -> None:
    """PortTaken, after waiting for a server that ends because its `dzvin run` was killed."""
    deadline = time.monotonic() + within
    while True:
        try:
            for listening in server_listens(settings.addresses, settings.http_host, settings.http_port):
                check_free(listening)
        except PortTaken:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            return


async def _start_asterisk(settings: Settings, loaded: Loaded, screen: _Screen) -> AsteriskInstance:
    asterisk = own_asterisk(settings, loaded)
    began = time.monotonic()
    how = await asterisk.start()
    took = f"in {time.monotonic() - began:.1f} s"
    calls = await asterisk.calls() if how is Start.ADOPTED else 0
    found = f"found running with {calls} call(s)" if how is Start.ADOPTED else "started"
    screen.say(f"Asterisk {asterisk.program.version()} {found} {took}.")
    return asterisk


async def _keep_asterisk(asterisk: AsteriskInstance | None, settings: Settings, screen: _Screen) -> int:
    """Start it again whenever it has died; never returns. None: somebody else keeps it."""
    pause = LOOK_EVERY_FOR
    while True:
        await asyncio.sleep(pause)
        if asterisk is None or asterisk.pid is not None:
            pause = LOOK_EVERY_FOR
            continue
        screen.say("Asterisk ended and is started again; its calls are lost.")
        try:
            with contextlib.suppress(Plain):  # versions were published since
                asterisk.conf = asterisk_conf(settings, read_dialplan(settings))
            await asterisk.start()
            screen.say(f"Asterisk runs again (process {asterisk.pid}).")
        except Plain as error:
            pause = min(LONGEST_PAUSE, 2 * pause)
            screen.say(f"Asterisk cannot be started: {error} Trying again in {pause:.0f} s.")
