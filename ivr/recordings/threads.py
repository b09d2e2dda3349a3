"""Threads that wait for a disk or a server, so that no call does."""

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


class Threads:
    """`what` they wait for, as it is said to people; whoever asks waits `within` seconds at most."""

    def __init__(
        self, what: str, count: int, explained: Callable[[BaseException], BaseException], *, within: float
    ) -> None:
        """`explained` makes a RecordingError of an error, where it can."""
        self._what, self._explained, self._within = what, explained, within
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="recordings")

    async def run(
        self, work: Callable[[], _T], *, after: Callable[[], None] | None = None, within: float | None = None
    ) -> _T:
        """Errors as `explained` makes them, RecordingError for the time that ran out.

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
            raise RecordingError(f"{self._what} did not take it within {patience:g} s")
        if working.cancelled():
            raise RecordingError(_ENDING)
        if (error := working.exception()) is not None:
            raise self._explained(error)
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


def disk_threads(folder: Path, count: int, *, within: float) -> Threads:
    """For files in this folder; FileNotFoundError goes through."""

    def explained(error: BaseException) -> BaseException:
        if not isinstance(error, OSError) or isinstance(error, FileNotFoundError):
            return error
        if error.errno in _FULL:
            return RecordingsFull(
                f"the disk of {folder} is full: make room, or keep recordings for fewer days"
            )
        why = error.strerror or type(error).__name__
        return RecordingError(f"{folder} cannot be used for recordings: {why}")

    return Threads(f"the disk of {folder}", count, explained, within=within)
