"""Messages that callers are leaving: on disk from the first word on, so that no crash loses what was said.

`FOLDER/ID.json` says whose message it is and what is stored of it already, `ID.pcm` holds the sound that is
being recorded. Both are readable by their owner alone, and gone when the message is left or dropped.
"""

import asyncio
import json
import os
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_WRITE_BYTES = 8000
"""Half a second: so much of a message a crash costs at most."""
_NAME = re.compile(r"[^A-Za-z0-9.]")
_LONGEST_BYTES = 600 * 16000


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

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drafts")
        self._unwritten: dict[str, bytearray] = {}

    def note(self, draft: Draft, *, fresh: bool = False) -> None:
        """As it is now. `fresh`: the sound written so far is stored elsewhere, or not wanted."""
        if fresh:
            self._unwritten.pop(draft.key, None)
        self._do(_write_note, self._folder, draft, fresh)

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
            self._do(_append, self._path(key, "pcm"), bytes(waiting))

    def forget(self, key: str) -> None:
        """The message is left or dropped."""
        self._unwritten.pop(key, None)
        self._do(_remove, self._path(key, "json"), self._path(key, "pcm"))

    async def left(self) -> list[tuple[Draft, bytes]]:
        """Drafts of an earlier run with the sound that was being recorded. They stay until forgotten."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _read_all, self._folder)

    async def close(self) -> None:
        """Write what was heard."""
        for key in list(self._unwritten):
            self.flush(key)
        await asyncio.to_thread(self._thread.shutdown)

    def _path(self, key: str, ending: str) -> Path:
        return _path(self._folder, key, ending)

    def _do(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            doing = self._thread.submit(work, *arguments)
        except RuntimeError:
            return  # the server is ending
        doing.add_done_callback(_tell_fault)


def with_recording(draft: Draft, recording: str) -> Draft:
    return replace(draft, recordings=(*draft.recordings, recording))


# In the thread


def _path(folder: Path, key: str, ending: str) -> Path:
    return folder / f"{_NAME.sub('_', key[-120:]).strip('.') or '_'}.{ending}"


def _write_note(folder: Path, draft: Draft, fresh: bool) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _path(folder, draft.key, "json")
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(draft), file)
    part.rename(path)
    if fresh:
        path.with_suffix(".pcm").unlink(missing_ok=True)


def _append(path: Path, pcm: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
        file.write(pcm)


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _read_all(folder: Path) -> list[tuple[Draft, bytes]]:
    if not folder.is_dir():
        return []
    found = (_read(path) for path in sorted(folder.glob("*.json")))
    return [one for one in found if one is not None]


def _read(path: Path) -> tuple[Draft, bytes] | None:
    try:
        words = json.loads(path.read_text())
        words["recordings"] = tuple(map(str, words["recordings"]))
        draft = Draft(**words)
        sound = path.with_suffix(".pcm")
        raw = sound.read_bytes()[:_LONGEST_BYTES] if sound.exists() else b""
    except (OSError, ValueError, TypeError, KeyError) as error:
        log.error("a caller's unfinished message cannot be read", file=str(path), why=str(error))
        return None
    return draft, raw


def _tell_fault(doing: Future[None]) -> None:
    error = doing.exception()
    if error is not None:
        log.warning("an unfinished message is not on disk", why=str(error))
