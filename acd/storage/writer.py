"""The task that brings facts from the backlog into the database, over all its absences."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, wait_random_exponential

from acd.storage.backlog import RETRY_AFTER, Backlog
from acd.storage.database import Database
from acd.storage.engine import STATEMENT_FOR, shown
from acd.storage.errors import NewerDatabase
from acd.storage.rows import Row

log = structlog.get_logger(__name__)

BATCH = 100
"""Facts per transaction: few, as the driver prepares them on the event loop, 10 to 20 µs each."""
GATHER_FOR = 0.1
"""Seconds that facts may gather before they are written: fewer wake-ups beside the calls."""
BACK_OFF = 5.0
"""Seconds between two attempts at most."""

T = TypeVar("T")


@dataclass(slots=True)
class SavedCheckpoint:
    seq: int
    state: str
    in_database: bool = False


class Writer:
    def __init__(self, database: Database, backlog: Backlog) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the database answered and has our schema; NewerDatabase where it cannot."""
        self.away_since: float | None = None
        """Time (monotonic) since when the database does not take facts."""
        self.checkpoint: SavedCheckpoint | None = None
        """The newest one on local disk; spool segments before it are not needed for a start."""
        self._database = database
        self._backlog = backlog
        self._wake = asyncio.Event()
        self._may_write = asyncio.Event()
        self._idle = asyncio.Event()
        self._hurry = asyncio.Event()
        self._dropped_until = 0
        self._task = asyncio.create_task(self._run(), name="journal writer")

    def start(self) -> None:
        """The history is settled: facts may go to the database."""
        self._may_write.set()
        self.wake()

    def wake(self) -> None:
        self._idle.clear()
        self._wake.set()

    async def drained(self) -> None:
        """Returns when the database has everything."""
        self._hurry.set()
        self.wake()
        await self._idle.wait()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self.ready.done() and not self.ready.cancelled():
            self.ready.exception()
        self.ready.cancel()

    async def _run(self) -> None:
        await self._insist(self._prepare)
        await self._may_write.wait()
        while True:
            self._wake.clear()
            rows = await self._insist(partial(self._backlog.next_rows, BATCH))
            if rows:
                await self._insist(partial(self._write, rows))
            elif not self._wake.is_set():
                await self._tidy()

    async def _prepare(self) -> None:
        try:
            await self._database.migrate()
        except NewerDatabase as error:
            if not self.ready.done():
                self.ready.set_exception(error)
            raise
        if not self.ready.done():
            self.ready.set_result(None)

    async def _write(self, rows: Sequence[Row]) -> None:
        conflict = await self._database.insert(rows)
        if conflict is not None:
            moved = await self._database.set_aside_after(conflict - 1)
            log.error("the database held another history: set aside", since_seq=conflict, facts=moved)
            await self._database.insert(rows)
        self._backlog.written(rows[-1].seq)

    async def _tidy(self) -> None:
        await self._insist(self._keep_checkpoint)
        await self._insist(self._drop_segments)
        if not self._wake.is_set():
            self._idle.set()
            await self._wait_for_more()

    async def _wait_for_more(self) -> None:
        held = self._backlog.held > 0
        try:
            async with asyncio.timeout(RETRY_AFTER if held else None):
                await self._wake.wait()
        except TimeoutError:
            self._backlog.try_disk()
        with suppress(TimeoutError):
            async with asyncio.timeout(GATHER_FOR):
                await self._hurry.wait()

    async def _keep_checkpoint(self) -> None:
        found = self.checkpoint
        if found is None or found.in_database or found.seq > self._backlog.written_seq:
            return
        await self._database.keep_checkpoint(found.seq, found.state)
        found.in_database = True
        found.state = ""

    async def _drop_segments(self) -> None:
        """What a start from local disk needs stays, unless the spool became too big for its limit."""
        spool, written = self._backlog.spool, self._backlog.written_seq
        local = self.checkpoint.seq if self.checkpoint else 0
        until = written if spool.half_full else min(written, local)
        if until <= self._dropped_until or len(spool.segments) < 2:
            return
        if await self._database.make_durable():
            spool.drop_until(until)
            self._dropped_until = until

    async def _insist(self, action: Callable[[], Awaitable[T]]) -> T:
        retrying = AsyncRetrying(wait=wait_random_exponential(0.05, BACK_OFF), before_sleep=self._failed)
        async for attempt in retrying:
            with attempt:
                async with asyncio.timeout(STATEMENT_FOR):
                    result = await action()
                self._came_back()
        return result

    def _failed(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if self.away_since is None:
            self.away_since = time.monotonic()
            log.error("database takes no facts: they wait on disk", why=_short(error), url=self._shown)
        self._backlog.try_disk()

    def _came_back(self) -> None:
        if self.away_since is not None:
            away_for = round(time.monotonic() - self.away_since, 1)
            log.info("database is back", away_for=away_for, waiting=self._backlog.waiting, url=self._shown)
            self.away_since = None

    @property
    def _shown(self) -> str:
        return shown(self._database.url)


def _short(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
