"""A real S3-compatible server for tests, SeaweedFS: own folder, free ports, ended by its pid."""

import asyncio
import itertools
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from ivr.recordings import RecordingError, S3Place
from ivr.recordings.s3 import S3Shelf
from tests.real import free_port, need

KEY_ID, SECRET = "dzvin", "not-a-secret-of-anybody"
_STARTS_WITHIN = 60
_numbers = itertools.count()


class Seaweed:
    """Keeps its objects over restarts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        ports = {"s3.port": self.port}
        for name in ("master.port", "volume.port", "filer.port"):
            ports |= {name: free_port(), f"{name}.grpc": free_port()}
        ports["s3.port.grpc"] = free_port()
        keys = {"accessKey": KEY_ID, "secretKey": SECRET}
        identity = {"name": "dzvin", "credentials": [keys], "actions": ["Admin", "Read", "Write", "List"]}
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        (folder / "data").mkdir()
        self._command = [
            need("weed", str(Path(sys.executable).parent)),
            *("server", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.localSocket={folder / 's3.sock'}"),
            *(f"-filer.localSocket={folder / 'filer.sock'}", "-s3", f"-s3.config={folder / 's3.json'}"),
            *("-master.volumeSizeLimitMB=64", "-volume.max=16"),
            *(f"-{name}={port}" for name, port in ports.items()),
        ]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def place(self, *, secret: str = SECRET, bucket: str = "recordings") -> S3Place:
        """A prefix of its own."""
        return S3Place(
            bucket=bucket, prefix=f"p{next(_numbers)}", endpoint=self.endpoint, key_id=KEY_ID, secret=secret
        )

    def start(self) -> None:
        """Until it stores something."""
        log = (self._folder / "log").open("ab")
        self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd=self._folder)
        deadline = time.monotonic() + _STARTS_WITHIN
        while not self._stores():
            assert time.monotonic() < deadline, (self._folder / "log").read_text()[-3000:]
            assert self._process.poll() is None, (self._folder / "log").read_text()[-3000:]
            time.sleep(0.1)

    def _stores(self) -> bool:
        """In a thread: tests have a loop of their own."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, _stores(self.place())).result()

    def send(self, what: signal.Signals) -> None:
        """For instance SIGSTOP and SIGCONT."""
        assert self._process is not None
        self._process.send_signal(what)

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None


async def _stores(place: S3Place) -> bool:
    shelf = S3Shelf(place, within=4.0)
    try:
        await shelf.put({"2026-01-01/probe": b"probe"})
        return True
    except RecordingError:
        return False
    finally:
        await shelf.close()


@contextmanager
def seaweed() -> Iterator[Seaweed]:
    """Started; stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="dzvin-s3-"))
    server: Seaweed | None = None
    try:
        server = Seaweed(folder)
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
