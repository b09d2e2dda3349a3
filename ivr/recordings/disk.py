"""A folder as a shelf: files readable by their owner alone, written by threads of its own.

A file that has its final name is whole. A slow or full disk costs the recording, never the call.
"""

import contextlib
import errno
import os
import secrets
import threading
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ivr.recordings.ids import id_in, is_left_over
from ivr.recordings.port import NotFound, RecordingError
from ivr.recordings.threads import disk_threads

WAITING_LIMIT = 64
"""Recordings that wait for the disk; each is some hundred kilobytes of memory."""
_THREADS = 2
_LOOKING_WITHIN = 60.0
"""Seconds to look through all days."""


class FolderShelf:
    """Implements `Shelf`. `within`: seconds that a call waits for the disk at most."""

    def __init__(self, folder: Path, *, within: float = 5.0) -> None:
        self.folder = folder
        self._waiting = 0
        self._threads = disk_threads(folder, _THREADS, within=within)
        self._renaming = threading.Lock()

    async def put(self, files: Mapping[str, bytes]) -> None:
        if self._waiting >= WAITING_LIMIT:
            raise RecordingError(f"{self._waiting} recordings already wait for the disk of {self.folder}")
        self._waiting += 1
        try:
            await self._threads.run(
                lambda: _write_all(self.folder, files, self._renaming), after=self._written
            )
        except FileNotFoundError:
            raise RecordingError(f"somebody removes files in {self.folder} that are being written") from None

    async def get(self, name: str) -> bytes:
        try:
            return await self._threads.run((self.folder / name).read_bytes)
        except FileNotFoundError:
            raise NotFound("there is no such recording") from None

    async def stored(self, name: str) -> bytes:
        return await self.get(name)

    async def remove(self, name: str) -> None:
        await self._threads.run(lambda: (self.folder / name).unlink(missing_ok=True))

    async def remove_if(self, name: str, data: bytes) -> bool:
        """Only while it holds `data`; whether it did."""
        return await self._threads.run(lambda: _remove_if(self.folder / name, data, self._renaming))

    async def names(self, since: date | None = None) -> list[str]:
        return await self._threads.run(lambda: _names(self.folder, since), within=_LOOKING_WITHIN)

    async def tidy(self, before: date) -> None:
        await self._threads.run(lambda: _tidy(self.folder, before), within=_LOOKING_WITHIN)

    async def upkeep(self) -> None:
        return

    async def close(self) -> None:
        await self._threads.close()

    def _written(self) -> None:
        self._waiting -= 1


# In a thread


def _write_all(folder: Path, files: Mapping[str, bytes], renaming: threading.Lock) -> None:
    """A new file goes again if one after it cannot be written."""
    made: list[Path] = []
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            new = not path.exists()
            _write(path, data, renaming)
            made += [path] if new else []
    except OSError:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def _write(path: Path, data: bytes, renaming: threading.Lock) -> None:
    """All of it under its name, or nothing at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with renaming:
            part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _remove_if(path: Path, data: bytes, renaming: threading.Lock) -> bool:
    with renaming:
        try:
            if path.read_bytes() != data:
                return False
        except FileNotFoundError:
            return False
        path.unlink()
        return True


def _days(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if _day(path) and path.is_dir() and not path.is_symlink()]


def _day(folder: Path) -> date | None:
    try:
        return date.fromisoformat(folder.name)
    except ValueError:
        return None


def _names(folder: Path, since: date | None) -> list[str]:
    if not folder.exists():
        return []
    days = [day for day in _days(folder) if since is None or (_day(day) or date.min) >= since]
    found = (f"{day.name}/{file}" for day in days for file in _files(day))
    return sorted(name for name in found if id_in(name))


def _files(day: Path) -> list[str]:
    """None in a day that is removed meanwhile: each thread may list, and each may tidy."""
    with contextlib.suppress(FileNotFoundError):
        return os.listdir(day)
    return []


def _tidy(folder: Path, before: date) -> None:
    if not folder.exists():
        return
    for day in _days(folder):
        if (_day(day) or date.max) < before:
            _tidy_day(day)


def _tidy_day(day: Path) -> None:
    for file in _files(day):
        if is_left_over(file):
            (day / file).unlink(missing_ok=True)
    if not _files(day):
        _remove_empty(day)


def _remove_empty(day: Path) -> None:
    """It stays if something was put into it meanwhile."""
    try:
        day.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST):
            raise
