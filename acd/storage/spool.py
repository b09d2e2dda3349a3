"""The disk-backed queue in front of the database: segments of lines in one folder.

A segment is `<first seq>-<n>.spool`; the newest one is appended to by `os.write`, so a fact that `write`
took survives a crash of the process. A thread calls fsync at most every `sync_every` seconds: a power cut
or a crash of the machine can cost that much. One process writes (flock); any may read.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from acd.storage.errors import FolderInUse
from acd.storage.rows import Row, row_of_line

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    total: int = 1 << 30
    """Bytes on disk; beyond it facts wait in memory."""
    segment: int = 4 << 20
    """Bytes after which a new segment begins."""
    sync_every: float = 0.05
    """Seconds between two fsync at most."""


@dataclass(slots=True)
class Segment:
    path: Path
    size: int
    last_seq: int
    """0 where unknown (found at start)."""

    @property
    def first_seq(self) -> int:
        return int(self.path.name.partition("-")[0])


class SpoolFull(OSError):
    """The spool's own limit is reached."""


class Spool:
    def __init__(self, folder: Path, limits: SpoolLimits) -> None:
        """Raises FolderInUse, or OSError where the folder cannot be made or written."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._limits = limits
        self._lock = _locked(folder)
        self.segments = [Segment(path, path.stat().st_size, 0) for path in segment_paths(folder)]
        self.size = sum(segment.size for segment in self.segments)
        """Bytes on disk."""
        self._fd: int | None = None
        self._syncer = _Syncer(limits.sync_every)

    @property
    def first_seq(self) -> int:
        """Of the oldest fact on disk; 1 where there is none."""
        return self.segments[0].first_seq if self.segments else 1

    @property
    def half_full(self) -> bool:
        return self.size > self._limits.total // 2

    def write(self, lines: bytes, first_seq: int, last_seq: int) -> None:
        """All of `lines` or nothing; OSError where the disk does not take them."""
        if self.size + len(lines) > self._limits.total:
            raise SpoolFull("the spool's limit is reached")
        fd = self._open_segment(first_seq)
        segment = self.segments[-1]
        try:
            _write_all(fd, lines)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(fd, segment.size)
            raise
        segment.size += len(lines)
        self.size += len(lines)
        segment.last_seq = last_seq
        self._syncer.wanted.set()

    def _open_segment(self, first_seq: int) -> int:
        if self._fd is not None and self.segments[-1].size < self._limits.segment:
            return self._fd
        path = _new_path(self.folder, first_seq)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._close_segment()
        self._fd = self._syncer.fd = fd
        self.segments.append(Segment(path, 0, first_seq - 1))
        return fd

    def _close_segment(self) -> None:
        if self._fd is not None:
            self._syncer.close_later(self._fd)
            self._fd = None

    def drop_until(self, seq: int) -> None:
        """Remove the closed segments that hold nothing after `seq`."""
        while len(self.segments) > 1 and self.segments[1].first_seq <= seq + 1:
            self.segments[0].path.unlink(missing_ok=True)
            self.size -= self.segments.pop(0).size

    def set_aside_after(self, seq: int) -> list[Path]:
        """Take everything after `seq` out of the history; the old segments stay as `*.aside`."""
        kept = [row for row in read_rows(self.folder, 0) if row.seq <= seq]
        lines = [line for line in _raw_lines(self.segments) if _seq_of(line) <= seq] if kept else []
        self._close_segment()
        aside = [segment.path.rename(_aside_path(segment.path)) for segment in self.segments]
        self.segments, self.size = [], 0
        if lines:
            self.write(b"".join(lines), kept[0].seq, kept[-1].seq)
        return aside

    def close(self) -> None:
        self._close_segment()
        self._syncer.close()
        os.close(self._lock)


class Cursor:
    """Reads the spool in order, on behalf of the database's writer. Not thread-safe: one reader."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._path: Path | None = None
        self._offset = 0

    def read(self, at_most: int) -> list[Row]:
        """The next rows; empty where there are none now."""
        segments = list(self._spool.segments)
        for index, segment in enumerate(segments):
            if self._path is not None and _order(segment.path) < _order(self._path):
                continue
            rows = self._read_from(segment, at_most)
            if rows or index == len(segments) - 1:
                return rows
        return []

    def _read_from(self, segment: Segment, at_most: int) -> list[Row]:
        if segment.path != self._path:
            self._path, self._offset = segment.path, 0
        rows: list[Row] = []
        with segment.path.open("rb") as file:
            file.seek(self._offset)
            while len(rows) < at_most and (line := file.readline())[-1:] == b"\n":
                self._offset += len(line)
                if (row := row_of_line(line)) is not None:
                    rows.append(row)
                time.sleep(0)  # lets go of the interpreter lock: the event loop goes first
        return rows

    def restart(self) -> None:
        """Read everything again, for instance after the database was found to have lost rows."""
        self._path, self._offset = None, 0


def segment_paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.spool"), key=_order)


def read_rows(folder: Path, after: int) -> Iterator[Row]:
    """Whole lines with a greater seq than `after`, in order; from any process, while it is written."""
    paths = segment_paths(folder)
    for path, following in zip(paths, [*paths[1:], None], strict=False):
        if following is not None and _order(following)[0] <= after + 1:
            continue
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            rows = (row_of_line(line) for line in file)
            yield from (row for row in rows if row is not None and row.seq > after)


def _order(path: Path) -> tuple[int, int]:
    first, _, attempt = path.name.removesuffix(".spool").partition("-")
    return int(first), int(attempt)


def _new_path(folder: Path, first_seq: int) -> Path:
    attempt = 0
    while (path := folder / f"{first_seq:016d}-{attempt}.spool").exists():
        attempt += 1
    return path


def _aside_path(path: Path) -> Path:
    attempt = 0
    while (aside := path.with_name(f"{path.name}.{attempt}.aside")).exists():
        attempt += 1
    return aside


def _raw_lines(segments: list[Segment]) -> Iterator[bytes]:
    for segment in segments:
        with segment.path.open("rb") as file:
            yield from (line for line in file if row_of_line(line) is not None)


def _seq_of(line: bytes) -> int:
    return int(line.split(b" ", 2)[1])


def _locked(folder: Path) -> int:
    fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise FolderInUse(folder) from error
    return fd


def _write_all(fd: int, data: bytes) -> None:
    written = os.write(fd, data)
    while written < len(data):
        written += os.write(fd, data[written:])


class _Syncer:
    """The thread that calls fsync, and closes segments after their last one."""

    def __init__(self, every: float) -> None:
        self.wanted = threading.Event()
        self.fd: int | None = None
        self._every = every
        self._closing: list[int] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spool fsync", daemon=True)
        self._thread.start()

    def close_later(self, fd: int) -> None:
        if self.fd == fd:
            self.fd = None
        self._closing.append(fd)
        self.wanted.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.wanted.wait()
            self.wanted.clear()
            self._sync_all()
            self._stop.wait(self._every)
        self._sync_all()

    def _sync_all(self) -> None:
        while self._closing:
            fd = self._closing.pop(0)
            _sync(fd)
            os.close(fd)
        if (current := self.fd) is not None:
            _sync(current)

    def close(self) -> None:
        self._stop.set()
        self.wanted.set()
        self._thread.join(timeout=10)


def _sync(fd: int) -> None:
    try:
        os.fdatasync(fd)
    except OSError as error:
        log.error("spool not synced to disk", why=str(error))
