"""A real PostgreSQL for tests: a cluster in a folder of its own, on a free port, ended by its pid."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path

from tests.processes import send
from tests.real import free_port, need


class Postgres:
    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(self._data), "-U", "dzvin", "-A", "trust", "--no-sync")

    def url(self, database: str) -> str:
        return f"postgresql://dzvin:secret@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """An empty database; answers its URL."""
        self._run("createdb", *self._client, database)
        return self.url(database)

    def start(self) -> None:
        arguments = ["-D", str(self._data), "-p", str(self.port), "-c", "listen_addresses=127.0.0.1"]
        arguments += ["-c", "fsync=off"]  # only processes are killed, never the machine
        command = [_program("postgres"), *arguments, "-k", str(self._folder)]
        log = (self._folder / "log").open("ab")
        self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, **_as_user())
        deadline = time.monotonic() + 30
        while self._ask("pg_isready", *self._client[:4]).returncode != 0:
            assert time.monotonic() < deadline, (self._folder / "log").read_text()
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: cuts every connection, then ends. SIGQUIT: at once, recovery at the next start."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def send(self, what: signal.Signals) -> None:
        """To the server and all of its sessions, for instance SIGSTOP and SIGCONT.

        To the server first: one that is stopped begins no session that would be missed.
        """
        assert self._process is not None
        send(self._process.pid, what)
        children = subprocess.run(["pgrep", "-P", str(self._process.pid)], capture_output=True, check=False)
        for pid in map(int, children.stdout.split()):
            send(pid, what)

    @property
    def _client(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port), "-U", "dzvin"]

    def _run(self, program: str, *arguments: str) -> None:
        done = self._ask(program, *arguments)
        assert done.returncode == 0, done.stderr.decode()

    def _ask(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [_program(program), *arguments]
        return subprocess.run(command, capture_output=True, cwd=self._folder, check=False, **_as_user())


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Started; stopped and removed at the end."""
    _program("postgres")
    folder = Path(tempfile.mkdtemp(prefix="dzvin-pg-"))
    if user := _user():
        os.chown(folder, user.pw_uid, user.pw_gid)
    server = Postgres(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str:
    return need(name, *sorted(glob("/usr/lib/postgresql/*/bin"), reverse=True))


def _user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; Debian's package made a user for it."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def _as_user() -> dict[str, int]:
    user = _user()
    return {"user": user.pw_uid, "group": user.pw_gid} if user else {}
