"""Threads that wait for a disk, so that no call does."""

import asyncio
import errno
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from ivr.recordings.port import RecordingError, RecordingsFull

_FULL = {errno.ENOSPC, errno.EDQUOT}
_ENDING = "the server is ending: nothing is recorded any more"
_T = TypeVar("_T")


class DiskThreads:
    """For the files of `folder`; whoever asks waits `within` seconds at most."""

    def __init__(self, folder: Path, count: int, *, within: float) -> None:
        self._folder = folder
        self._within = within
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="recordings")

    async def run(
        self, work: Callable[[], _T], *, after: Callable[[], None] | None = None, within: float | None = None
    ) -> _T:
        """RecordingError, RecordingsFull; FileNotFoundError goes through.

        `after` is called when the work is over, however late and however it ended.
        """
        try:
            working = asyncio.get_running_loop().run_in_executor(self._threads, work)
        except RuntimeError:
            if after:
                after()
            raise RecordingError(_ENDING) from None
        working.add_done_callback(lambda over: _ended(over, after))
        patience = self._within if within is None else within
        done, _ = await asyncio.wait({working}, timeout=patience)
        if not done:
            raise RecordingError(f"the disk of {self._folder} did not take it within {patience:g} s")
        if working.cancelled():
            raise RecordingError(_ENDING)
        error = working.exception()
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise _explained(error, self._folder)
        return working.result()

    async def close(self) -> None:
        """Finish what is under way, as far as `within` allows; nothing runs afterwards."""
        ending = asyncio.create_task(asyncio.to_thread(self._threads.shutdown, cancel_futures=True))
        await asyncio.wait({ending}, timeout=self._within)


def _ended(working: "asyncio.Future[_T]", after: Callable[[], None] | None) -> None:
    if after:
        after()
    if not working.cancelled():
        working.exception()  # somebody may have stopped waiting: it is not reported as never retrieved


def _explained(error: OSError, folder: Path) -> RecordingError:
    if error.errno in _FULL:
        return RecordingsFull(f"the disk of {folder} is full: make room, or keep recordings for fewer days")
    return RecordingError(f"{folder} cannot be used for recordings: {error.strerror or type(error).__name__}")
