"""Messages that callers are leaving: on disk from the first word on, so that no crash loses what was said.

`FOLDER/ID.json` says whose message it is and what is stored of it already, `ID.pcm` holds the sound that is
being recorded. Both are readable by their owner alone, and gone when the message is left or dropped. Where
recordings are sealed, so are these: the sound as `ID.sealed`, piece by piece, each after its length in four
bytes, most significant first.
"""

import asyncio
import errno
import json
import os
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from ivr.recordings import RecordingError, Unreadable
from ivr.recordings.sidecar import NO_KEY, SEALED

if TYPE_CHECKING:
    from ivr.recordings.sealing import Seal

log = structlog.get_logger(__name__)

_WRITE_BYTES = 8000
"""Half a second: so much of a message a crash costs at most."""
_NAME = re.compile(r"[^A-Za-z0-9.]")
_LONGEST_BYTES = 600 * 16000
_NOTE, _SOUND, _SEALED_SOUND = ".json", ".pcm", ".sealed"
_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One message in the making."""

    call: str
    queue: str
    caller: str
    line: str
    language: str
    at: float
    """Epoch seconds of its beginning."""
    recordings: tuple[str, ...] = ()
    """What is stored already, in order."""
    token: str = ""
    """Of the promise that is being made of it; '' while it is not left yet."""

    @property
    def key(self) -> str:
        """Of this draft alone: a call that comes back after a restart begins another one."""
        return f"{self.call}-{round(self.at * 1000)}"


class Drafts:
    """Use on the event loop; the disk is used in a thread of its own, and its faults are logged only."""

    def __init__(self, folder: Path, seal: "Seal | None" = None) -> None:
        self._folder, self._seal = folder, seal
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drafts")
        self._unwritten: dict[str, bytearray] = {}

    def note(self, draft: Draft, *, fresh: bool = False) -> None:
        """As it is now. `fresh`: the sound written so far is stored elsewhere, or not wanted."""
        if fresh:
            self._unwritten.pop(draft.key, None)
        self._do(_write_note, self._path(draft.key), draft, fresh, self._seal)

    def hear(self, key: str, pcm: bytes) -> None:
        """More sound of the message."""
        waiting = self._unwritten.setdefault(key, bytearray())
        waiting += pcm
        if len(waiting) >= _WRITE_BYTES:
            self.flush(key)

    def flush(self, key: str) -> None:
        """Write what was heard."""
        waiting = self._unwritten.pop(key, None)
        if waiting:
            self._do(_append, self._path(key), bytes(waiting), self._seal)

    def forget(self, key: str) -> None:
        """The message is left or dropped."""
        self._unwritten.pop(key, None)
        self._do(_remove, self._path(key), _NOTE, _SOUND, _SEALED_SOUND)

    async def left(self) -> list[tuple[Draft, bytes]]:
        """Drafts of an earlier run with the sound that was being recorded. They stay until forgotten."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, _read_all, self._folder, self._seal)

    async def close(self) -> None:
        """Write what was heard."""
        for key in list(self._unwritten):
            self.flush(key)
        await asyncio.to_thread(self._thread.shutdown)

    def _path(self, key: str) -> Path:
        """Of all its files, without the ending."""
        return self._folder / (_NAME.sub("_", key[-120:]).strip(".") or "_")

    def _do(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            doing = self._thread.submit(work, *arguments)
        except RuntimeError:
            return  # the server is ending
        doing.add_done_callback(_tell_fault)


def with_recording(draft: Draft, recording: str) -> Draft:
    return replace(draft, recordings=(*draft.recordings, recording))


# In the thread


def _file(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _write_note(path: Path, draft: Draft, fresh: bool, seal: "Seal | None") -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    note, part = _file(path, _NOTE), _file(path, ".part")
    data = json.dumps(asdict(draft)).encode()
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data if seal is None else seal.close_(note.name, data))
    part.rename(note)
    if fresh:
        _remove(path, _SOUND, _SEALED_SOUND)


def _append(path: Path, pcm: bytes, seal: "Seal | None") -> None:
    """Whole or, on a full disk, not at all: what comes after it has to be read."""
    sound = _file(path, _SOUND if seal is None else _SEALED_SOUND)
    with os.fdopen(os.open(sound, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", buffering=0) as file:
        at = file.tell()
        data = pcm if seal is None else _piece(seal, sound, at, pcm)
        if file.write(data) < len(data):
            file.truncate(at)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _piece(seal: "Seal", sound: Path, at: int, pcm: bytes) -> bytes:
    """Sealed with its place, so that none can be taken out or put elsewhere."""
    sealed = seal.close_(f"{sound.name}:{at}", pcm)
    return len(sealed).to_bytes(_LENGTH, "big") + sealed


def _remove(path: Path, *endings: str) -> None:
    for ending in endings:
        _file(path, ending).unlink(missing_ok=True)


def _read_all(folder: Path, seal: "Seal | None") -> list[tuple[Draft, bytes]]:
    if not folder.is_dir():
        return []
    found = (_read(note.with_suffix(""), seal) for note in sorted(folder.glob(f"*{_NOTE}")))
    return [one for one in found if one is not None]


def _read(path: Path, seal: "Seal | None") -> tuple[Draft, bytes] | None:
    note = _file(path, _NOTE)
    try:
        words = json.loads(_opened(seal, note.name, note.read_bytes()))
        words["recordings"] = tuple(map(str, words["recordings"]))
        draft = Draft(**words)
        sound = _read_file(_file(path, _SOUND)) + _joined(_file(path, _SEALED_SOUND), seal)
    except (OSError, ValueError, TypeError, KeyError, RecordingError) as error:
        log.error("a caller's unfinished message cannot be read", file=str(note), why=str(error))
        return None
    return draft, sound[:_LONGEST_BYTES]


def _read_file(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _joined(sound: Path, seal: "Seal | None") -> bytes:
    """Of all whole pieces: a crash may have cut the last one short."""
    data = _read_file(sound)
    at, pcm = 0, bytearray()
    while (begins := at + _LENGTH) < len(data):
        ends = begins + int.from_bytes(data[at:begins], "big")
        if ends > len(data):
            break
        pcm += _opened(seal, f"{sound.name}:{at}", data[begins:ends])
        at = ends
    return bytes(pcm)


def _opened(seal: "Seal | None", name: str, data: bytes) -> bytes:
    """Unreadable: it is sealed, and not by a key that is there."""
    if seal is not None:
        return seal.open_(name, data)
    if data.startswith(SEALED):
        raise Unreadable(f"it is {NO_KEY}")
    return data


def _tell_fault(doing: Future[None]) -> None:
    error = doing.exception()
    if error is not None:
        log.warning("an unfinished message is not on disk", why=str(error))
