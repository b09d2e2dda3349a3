"""What callers said in their own words: a folder of recordings, each with its transcript beside it.

`FOLDER/2026-11-22/ID.wav` (8 kHz, 16 bit, mono) and `ID.json`, readable by their owner alone. A file that
has its final name is whole; the sidecar is written last, so a recording with one is complete. All disk work
is done in threads of its own: a slow or full disk costs the recording, never the call.
"""

import asyncio
import errno
import io
import json
import math
import os
import re
import secrets
import wave
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

RATE_HZ = 8000
LONGEST_S = 600
"""Longer sound is a fault of whoever hands it over, and refused."""
WAITING_LIMIT = 64
"""Recordings that wait for the disk; each is some hundred kilobytes of memory."""
_THREADS = 2
_NAME_LENGTH = 40
_ID = re.compile(r"(\d{4})(\d\d)(\d\d)-\d{6}(-[A-Za-z0-9_.]{1,40}){2}-[0-9a-f]{8}", re.ASCII)
_OURS = re.compile(rf"\.?{_ID.pattern}\.(wav|json)(\.part)?", re.ASCII)
_FULL = {errno.ENOSPC, errno.EDQUOT}


class RecordingError(Exception):
    """The sound is not stored; the text says why in one sentence."""


class RecordingsFull(RecordingError):
    """There is no room on the disk."""


class RecordingFolder:
    """Use on the event loop."""

    def __init__(self, folder: Path, *, kept_days: int = 30, within: float = 5.0) -> None:
        """`kept_days`: whole days that a recording stays, from 1; `within`: seconds for `save` at most."""
        if kept_days < 1:
            raise ValueError(f"recordings are kept for {kept_days} days: it must be 1 or more")
        self.folder = folder
        self._kept_days = kept_days
        self._within = within
        self._waiting = 0
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="recordings")

    async def save(
        self,
        call: str,
        name: str,
        pcm: bytes,
        *,
        transcript: str,
        confidence: float,
        language: str,
        at: datetime,
    ) -> str:
        """Store 8 kHz 16-bit mono sound; the id, for `path`. RecordingError, RecordingsFull.

        `call` and `name` may be any text: the file's name has what is harmless of them, the sidecar all.
        """
        seconds = len(pcm) // 2 / RATE_HZ
        if not 0 < seconds <= LONGEST_S:
            raise RecordingError(f"a recording of {seconds:.1f} s is not stored: 0 to {LONGEST_S} s are")
        moment = at.astimezone(UTC)
        id_ = f"{moment:%Y%m%d-%H%M%S}-{_harmless(call)}-{_harmless(name)}-{secrets.token_hex(4)}"
        facts = {
            "id": id_,
            "call": call,
            "name": name,
            "at": moment.isoformat(timespec="seconds"),
            "language": language,
            "transcript": transcript,
            "confidence": round(confidence, 3) if math.isfinite(confidence) else 0.0,
            "seconds": round(seconds, 2),
        }
        await self._in_thread(id_, pcm, facts)
        return id_

    def path(self, id_: str) -> Path:
        """The WAV file of an id; its sidecar ends in `.json`. RecordingError for anything that is no id."""
        if not (found := _ID.fullmatch(id_)):
            raise RecordingError("this is not the id of a recording")
        year, month, day = found.group(1, 2, 3)
        return self.folder / f"{year}-{month}-{day}" / f"{id_}.wav"

    async def purge(self, now: datetime) -> int:
        """Remove recordings older than `kept_days` whole days; how many. Other files stay. RecordingError."""
        oldest = now.astimezone(UTC).date() - timedelta(self._kept_days)
        loop = asyncio.get_running_loop()
        try:
            removed = await loop.run_in_executor(self._threads, _purge, self.folder, oldest)
        except OSError as error:
            raise _explained(error, self.folder) from None
        if removed:
            log.info("old recordings were removed", recordings=removed, kept_days=self._kept_days)
        return removed

    async def keep_purging(self, every: float = 6 * 3600) -> None:
        """Purge now and every so many seconds, until cancelled."""
        while True:
            try:
                await self.purge(datetime.now(UTC))
            except RecordingError as error:
                log.warning("old recordings cannot be removed", why=str(error))
            await asyncio.sleep(every)

    async def close(self) -> None:
        """Finish what is being written, as far as the deadline of `save` allows."""
        ending = asyncio.create_task(asyncio.to_thread(self._threads.shutdown, cancel_futures=True))
        await asyncio.wait({ending}, timeout=self._within)

    async def _in_thread(self, id_: str, pcm: bytes, facts: dict[str, object]) -> None:
        if self._waiting >= WAITING_LIMIT:
            raise RecordingError(f"{self._waiting} recordings already wait for the disk of {self.folder}")
        try:
            writing = asyncio.get_running_loop().run_in_executor(
                self._threads, _write_both, self.path(id_), pcm, facts
            )
        except RuntimeError:
            raise RecordingError("the server is ending: nothing is recorded any more") from None
        self._waiting += 1
        writing.add_done_callback(self._written)
        done, _ = await asyncio.wait({writing}, timeout=self._within)
        if not done:
            raise RecordingError(f"the disk of {self.folder} did not take it within {self._within:g} s")
        if writing.cancelled():
            raise RecordingError("the server is ending: nothing is recorded any more")
        if isinstance(error := writing.exception(), OSError):
            raise _explained(error, self.folder)
        writing.result()

    def _written(self, writing: asyncio.Future[None]) -> None:
        self._waiting -= 1
        if not writing.cancelled():
            writing.exception()  # somebody may have stopped waiting: it is not reported as never retrieved


def _harmless(text: str) -> str:
    """Letters, digits, '_' and '.' inside; never empty."""
    return re.sub(r"[^A-Za-z0-9.]", "_", text[:_NAME_LENGTH]).replace("..", "__").strip(".") or "_"


def _explained(error: OSError, folder: Path) -> RecordingError:
    if error.errno in _FULL:
        return RecordingsFull(f"the disk of {folder} is full: make room, or keep recordings for fewer days")
    return RecordingError(f"{folder} cannot be used for recordings: {error.strerror or type(error).__name__}")


# In a thread


def _write_both(path: Path, pcm: bytes, facts: dict[str, object]) -> None:
    path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    _write(path, _wav(pcm))
    try:
        text = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
        _write(path.with_name(f"{path.stem}.json"), text.encode("utf-8", "backslashreplace"))
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _write(path: Path, data: bytes) -> None:
    """All of it under its name, or nothing at all."""
    part = path.with_name(f".{path.name}.part")
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _wav(pcm: bytes) -> bytes:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(pcm[: len(pcm) // 2 * 2])
    return whole.getvalue()


def _purge(folder: Path, oldest: date) -> int:
    if not folder.exists():
        return 0
    return sum(_remove_day(day) for day in folder.iterdir() if _is_before(day, oldest))


def _is_before(folder: Path, oldest: date) -> bool:
    try:
        return date.fromisoformat(folder.name) < oldest and folder.is_dir() and not folder.is_symlink()
    except ValueError:
        return False


def _remove_day(folder: Path) -> int:
    ours = [path for path in folder.iterdir() if _OURS.fullmatch(path.name)]
    for path in ours:
        path.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
    return sum(path.suffix == ".wav" for path in ours)
