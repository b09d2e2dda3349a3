"""`dzvin run` as an administrator has it: a process of its own, what it says, and what it leaves behind."""

import asyncio
import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath

import psutil

from ivr.asterisk.instance_ports import asterisk_listens, check_free, free_addresses, server_listens
from ivr.asterisk.instance_program import InstanceError
from ivr.config import Settings, load_settings
from ivr.server_process import is_ready
from tests.eventually import eventually
from tests.instance_asterisk import asterisk_program
from tests.processes import gone, send
from tests.real import free_port

PROJECT = Path(__file__).resolve().parents[1]
READY = "The server takes calls"
_numbers = itertools.count(1)


def settings_for_run(folder: Path, **more: object) -> Settings:
    """The shipped dialplans, ports of its own."""
    addresses = free_addresses()
    fixed: dict[str, object] = {
        "run_folder": folder / "run",
        "asterisk_name": f"run-{os.getpid()}-{next(_numbers)}",
        "sip_port": addresses.sip_port,
        "ami_port": addresses.ami_port,
        "fastagi_port": addresses.fastagi_port,
        "rtp_first": addresses.rtp_first,
        "rtp_last": addresses.rtp_last,
        "http_port": free_port(),
    }
    return load_settings(**(fixed | more))


def environment_of(settings: Settings) -> dict[str, str]:
    """The same settings for another process."""
    fixed = {name: getattr(settings, name) for name in settings.model_fields_set}
    return {**os.environ, **{f"DZVIN_{name.upper()}": str(value) for name, value in fixed.items()}}


def dzvin(*words: str, settings: Settings, within: float = 60.0) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ivr.cli", *words],
        cwd=PROJECT,
        env=environment_of(settings),
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )


def _heed_a_closed_terminal() -> None:
    """Tests under nohup would hand down that it is ignored."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class RunningDzvin:
    """`dzvin run` with these settings; `said()` is all that it and its server have written so far."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self._log = folder / f"run-{next(_numbers)}.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    async def start(self) -> float:
        """Wait until it takes calls; answers the seconds that it took."""
        asterisk_program()
        began = time.monotonic()
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ivr.cli", "run"),
                cwd=PROJECT,
                env=environment_of(self.settings),
                stdout=log,
                stderr=log,
                preexec_fn=_heed_a_closed_terminal,
            )
        await self.until_said(READY, within=60)
        return time.monotonic() - began

    def said(self) -> str:
        return self._log.read_text(encoding="utf-8")

    async def until_said(self, text: str, within: float = 20.0, times: int = 1) -> None:
        def done() -> bool:
            return self.said().count(text) >= times or self.process.returncode is not None

        await eventually(done, within, f"says {text!r}: {self.said()[-2000:]}")
        assert self.said().count(text) >= times, self.said()

    def password(self, account: str) -> str:
        """As printed."""
        found = re.search(rf"^{account} +(\S+)", self.said(), re.MULTILINE)
        assert found is not None, self.said()
        return found[1]

    async def ended(self, by: signal.Signals) -> int:
        """Send the signal; the exit status."""
        self.process.send_signal(by)
        return await asyncio.wait_for(self.process.wait(), 30)

    # What runs

    def ready(self) -> bool:
        return is_ready(self.settings)

    async def until_ready(self, within: float) -> float:
        """Seconds until the server takes calls (again)."""
        began = time.monotonic()
        while not await asyncio.to_thread(self.ready):
            assert time.monotonic() - began < within, f"not ready within {within} s: {self.said()[-2000:]}"
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    def servers(self) -> list[int]:
        """The processes of the server: the one at work and the one in waiting."""
        return [pid for pid, words in _children(self.process.pid).items() if "ivr.attached" in words]

    def next_server_waits(self) -> bool:
        """Beside the one at work there is one that has loaded everything: its loop is there."""
        servers = self.servers()
        return len(servers) == 2 and all(_has_loop(pid) for pid in servers)

    def server_pid(self) -> int:
        """The one that listens."""
        port = self.settings.http_port
        pids = [pid for pid in self.servers() if port in _ports_of(pid)]
        assert len(pids) == 1, f"{pids} listen at {port}"
        return pids[0]

    def asterisk_pid(self) -> int | None:
        """The one that is remembered and lives."""
        try:
            pid = int(json.loads((self.asterisk_folder / "instance.json").read_text())["pid"])
        except FileNotFoundError:
            return None
        return None if gone(pid) else pid

    @property
    def asterisk_folder(self) -> Path:
        program = asterisk_program()
        inside = program.outside(PurePosixPath("/srv/dzvin"))
        return (
            inside if program.root else self.settings.run_folder / "asterisk"
        ) / self.settings.asterisk_name

    def taken(self) -> list[str]:
        """The ports that are not free."""
        addresses, settings = self.settings.addresses, self.settings
        sentences = []
        for listening in (
            *asterisk_listens(addresses),
            *server_listens(addresses, settings.http_host, settings.http_port),
        ):
            try:
                check_free(listening)
            except InstanceError as error:
                sentences.append(str(error))
        return sentences

    async def clean(self) -> None:
        """End whatever is left, also after a failed test."""
        if self._process is not None and self._process.returncode is None:
            await self.ended(signal.SIGINT)
        if (pid := self.asterisk_pid()) is not None:
            send(pid, signal.SIGKILL)


def _children(pid: int) -> dict[int, list[str]]:
    """The command lines of those that live."""
    found = {}
    for child in psutil.Process(pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # ended meanwhile
            found[child.pid] = child.cmdline()
    return found


def _has_loop(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):  # ended meanwhile
        for opened in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                if os.readlink(opened) == "anon_inode:[eventpoll]":
                    return True
    return False


def _ports_of(pid: int) -> set[int]:
    with contextlib.suppress(psutil.NoSuchProcess):  # ended meanwhile
        return {each.laddr.port for each in psutil.Process(pid).net_connections("tcp")}
    return set()
