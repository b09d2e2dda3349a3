"""Files that are only added to, as evidence: each line names the one before it by its digest.

A line is JSON: `number`, `before` (SHA-256 of the line before it, of nothing for the first), then what was
written down. A line that is changed, taken out or put in breaks the chain, and reading says where. Several
processes may add at once. What a power cut leaves of a line is dropped by whoever adds next.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from ivr.recordings.port import RecordingError

_TAIL = 1 << 16
"""Longer than any line."""


class Lines(Protocol):
    """What proofs and accesses are written to."""

    def add(self, entries: Iterable[Mapping[str, object]]) -> None:
        """All of them, safe when it returns; or none. OSError, RecordingError."""

    def read(self) -> list[dict[str, Any]]:
        """All, in their order. OSError, RecordingError."""


class Records:
    """One such file; made at the first line, readable by its owner alone. Blocks: use it in a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, entries: Iterable[Mapping[str, object]]) -> None:
        """All of them, on the disk when it returns; or none. OSError; RecordingError: it ends in no line."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            last, end = self._last(fd)
            lines = []
            for entry in entries:
                last = _following(self._number(last), last, entry)
                lines.append(last + b"\n")
            _append(fd, b"".join(lines), end)
        finally:
            os.close(fd)

    def read(self) -> list[dict[str, Any]]:
        """All lines. OSError; RecordingError: the chain is broken, and where."""
        try:
            *lines, _unfinished = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        befores = [b"", *lines]
        return [self._checked(line, befores[at], at + 1) for at, line in enumerate(lines)]

    def _checked(self, line: bytes, before: bytes, number: int) -> dict[str, Any]:
        try:
            entry = json.loads(line)
            if (entry["number"], entry["before"]) == (number, _digest(before)):
                return dict(entry)
        except (ValueError, TypeError, KeyError):
            pass
        raise RecordingError(f"{self.path} was changed by somebody: line {number} does not follow the others")

    def _last(self, fd: int) -> tuple[bytes, int]:
        """The last whole line, and where it ends."""
        size = os.fstat(fd).st_size
        tail = os.pread(fd, _TAIL, max(0, size - _TAIL))
        whole = tail[: tail.rfind(b"\n") + 1]
        return whole.rstrip(b"\n").rpartition(b"\n")[2], size - len(tail) + len(whole)

    def _number(self, line: bytes) -> int:
        try:
            return int(json.loads(line)["number"]) if line else 0
        except (ValueError, TypeError, KeyError):
            raise RecordingError(
                f"{self.path} was changed by somebody: its last line is none of ours"
            ) from None


def _following(number: int, before: bytes, entry: Mapping[str, object]) -> bytes:
    head = {"number": number + 1, "before": _digest(before)}
    return json.dumps({**head, **entry}, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _append(fd: int, data: bytes, end: int) -> None:
    os.ftruncate(fd, end)
    try:
        while data:
            data = data[os.write(fd, data) :]
        os.fsync(fd)
    except OSError:
        os.ftruncate(fd, end)
        raise
