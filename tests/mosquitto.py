"""A real Mosquitto for tests: own folder, free port, ended by its pid. Keeps sessions over restarts."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real import free_port, need

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
"""Mosquitto waits for the disk after each change that it saves, and answers nobody meanwhile."""


class Mosquitto:
    def __init__(self, folder: Path, *options: str) -> None:
        """`options` are further lines of mosquitto.conf."""
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        lines = [
            f"listener {self.port} 127.0.0.1",
            "persistence true",
            f"persistence_location {folder}/",
            "autosave_on_changes true",
            "autosave_interval 1",
            "max_queued_messages 0",
            "user root",
            *(options or ["allow_anonymous true"]),
        ]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        program = need("mosquitto", "/usr/sbin", "/usr/local/sbin")
        log = (self._folder / "log").open("ab")
        command = [program, "-c", str(self._folder / "mosquitto.conf")]
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < deadline, (self._folder / "log").read_text()
            assert self._process.poll() is None, (self._folder / "log").read_text()
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def send(self, what: signal.Signals) -> None:
        """For instance SIGSTOP and SIGCONT."""
        assert self._process is not None
        self._process.send_signal(what)


@contextmanager
def mosquitto(*options: str) -> Iterator[Mosquitto]:
    """Made but not started; stopped and removed at the end."""
    need("mosquitto", "/usr/sbin", "/usr/local/sbin")
    folder = Path(tempfile.mkdtemp(prefix="dzvin-mq-", dir=_MEMORY if _MEMORY.is_dir() else None))
    broker = Mosquitto(folder, *options)
    try:
        yield broker
    finally:
        broker.stop(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
