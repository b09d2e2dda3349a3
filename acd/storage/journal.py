"""`SqlJournal`: acd.core.ports.Journal on SQLite or PostgreSQL, with a spool on local disk in front of it.

What holds when:
- the process is killed: every fact that `append` took is there at the next start (it was handed to the
  kernel), except those held in memory while the disk refused writes;
- the machine loses power: facts of the last `SpoolLimits.sync_every` seconds may be missing, at the end;
- the database is slow, locked, full or away: facts wait in the spool (default 1 GiB, about 4 million);
- the disk of the spool is full, or the spool's limit is reached: facts are held in memory (default
  100,000) and go to the database, if it takes them, or to disk as soon as there is room. Beyond that the
  oldest held facts are given up, logged and counted in `lost`; a later checkpoint bridges the hole;
- a start without the database: from the local checkpoint and the spool, which together are complete;
- a hole in the journal after the checkpoint (a damaged disk): the history ends before it, what came later
  is kept in `*.aside` files and the table facts_set_aside, and an error is logged.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from acd.core.facts import Record
from acd.core.ports import Checkpoint, History
from acd.core.words import CallId
from acd.storage.backlog import Backlog
from acd.storage.checkpoints import read_checkpoint, state_text, write_checkpoint
from acd.storage.database import Database
from acd.storage.engine import shown
from acd.storage.errors import HistoryUnknown
from acd.storage.history import Found, merge, newest
from acd.storage.promise_reader import PromiseReader
from acd.storage.reader import FactReader
from acd.storage.rows import Row
from acd.storage.spool import Spool, SpoolLimits, read_rows
from acd.storage.writer import SavedCheckpoint, Writer

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSettings:
    spool: SpoolLimits = field(default_factory=SpoolLimits)
    held_limit: int = 100_000
    """Facts in memory while the spool takes none."""
    patience: float = 1.0
    """Seconds that a start waits for the database before it goes on with local disk alone."""
    first_patience: float = 15.0
    """The same where local disk does not know the history, so that there is nothing to go on with."""
    close_for: float = 3.0
    """Seconds that `close` waits for the database."""


class SqlJournal:
    """Made by `open_journal`."""

    def __init__(self, url: str, spool: Spool, settings: JournalSettings) -> None:
        self._settings = settings
        self._folder = spool.folder
        self._database = Database(url)
        self._backlog = Backlog(spool, settings.held_limit)
        self._writer = Writer(self._database, self._backlog)
        self._reader = FactReader(self._database, spool.folder, self._backlog.held_rows)
        self._next_checkpoint: Checkpoint | None = None
        self._checkpointing: asyncio.Task[None] | None = None

    @property
    def backlog(self) -> int:
        """Facts that are not in the database yet."""
        return self._backlog.waiting

    @property
    def held(self) -> int:
        """Facts in memory only: the disk refuses them."""
        return self._backlog.held

    @property
    def lost(self) -> int:
        """Facts given up since the start."""
        return self._backlog.lost

    @property
    def database_away_since(self) -> float | None:
        """time.monotonic() of the first failure of the present outage."""
        return self._writer.away_since

    @property
    def promises(self) -> PromiseReader:
        """The ledger, up to the last fact."""
        return self._reader.promises

    async def load(self) -> History:
        """Raises HistoryUnknown or NewerDatabase; a database that is away is no error if local disk knows
        enough."""
        local = await asyncio.to_thread(read_checkpoint, self._folder)
        spooled = await asyncio.to_thread(lambda: list(read_rows(self._folder, local.seq if local else 0)))
        known = _complete(local, spooled)
        try:
            async with asyncio.timeout(self._settings.patience if known else self._settings.first_patience):
                await asyncio.shield(self._writer.ready)
                in_database = await self._database.last_seq()
            found = await self._with_database(local, spooled, in_database)
        except (TimeoutError, OSError, SQLAlchemyError) as error:
            found = self._without_database(local, spooled, error)
            in_database = self._backlog.spool.first_seq - 1
        await self._set_aside_after_hole(found)
        self._backlog.start_at(found.last_seq, min(in_database, found.last_seq))
        if local is not None:
            self._writer.checkpoint = SavedCheckpoint(local.seq, "", in_database=True)
        self._writer.start()
        return found.history

    async def _with_database(self, local: Checkpoint | None, spooled: list[Row], last_seq: int) -> Found:
        if _complete(local, spooled):
            found = merge(local, spooled)
            if found.missing is None and found.last_seq >= last_seq:
                return found
        kept = await self._database.newest_checkpoint()
        stored = Checkpoint(kept[0], json.loads(kept[1])) if kept else None
        base = newest(local, stored)
        rows = [row async for row in self._database.rows(after=base.seq if base else 0)]
        return merge(base, rows, spooled)

    def _without_database(self, local: Checkpoint | None, spooled: list[Row], error: Exception) -> Found:
        if not _complete(local, spooled):
            raise HistoryUnknown(shown(self._database.url), self._folder) from error
        log.error("started without the database, from local disk", why=type(error).__name__)
        return merge(local, spooled)

    async def _set_aside_after_hole(self, found: Found) -> None:
        if found.missing is None:
            return
        log.critical(
            "the journal has a hole: what came after it is set aside", seq=found.missing, why=found.why
        )
        await asyncio.to_thread(self._backlog.spool.set_aside_after, found.last_seq)
        try:
            async with asyncio.timeout(self._settings.patience):
                await asyncio.shield(self._writer.ready)
                await self._database.set_aside_after(found.last_seq)
        except (TimeoutError, OSError, SQLAlchemyError):
            log.error("the database will set its facts aside when the journal goes on")

    def append(self, records: Sequence[Record]) -> None:
        if not records:
            return
        self._backlog.put(records)
        self._writer.start()

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """`checkpoint.state` must not change any more. A newer one replaces one that still waits."""
        self._next_checkpoint = checkpoint
        if self._checkpointing is None or self._checkpointing.done():
            self._checkpointing = asyncio.create_task(self._keep_checkpoints(), name="journal checkpoint")

    async def _keep_checkpoints(self) -> None:
        while (checkpoint := self._next_checkpoint) is not None:
            self._next_checkpoint = None
            text = await asyncio.to_thread(state_text, checkpoint.state)
            try:
                await asyncio.to_thread(write_checkpoint, self._folder, checkpoint.seq, text)
            except OSError as error:
                log.error("checkpoint not kept on local disk", why=str(error))
                continue
            self._writer.checkpoint = SavedCheckpoint(checkpoint.seq, text)
            self._writer.wake()

    async def facts_of_call(self, call: CallId) -> list[Record]:
        return await self._reader.facts_of_call(call)

    def facts_between(
        self, start: float, end: float, kinds: Collection[str] | None = None
    ) -> AsyncIterator[Record]:
        return self._reader.facts_between(start, end, kinds)

    async def days(self, zone: tzinfo = UTC) -> list[date]:
        return await self._reader.days(zone)

    async def purge(self, before: float) -> int:
        """Delete facts older than `before` (epoch seconds) that no start and no open promise needs, and the
        promises closed before; answers how many facts. DatabaseAway: not all of them are removed yet."""
        with self._reader.answering():
            return await self._database.purge(before)

    async def close(self) -> None:
        if self._checkpointing is not None:
            await asyncio.gather(self._checkpointing, return_exceptions=True)
        await self._write_rest()
        await self._writer.stop()
        await self._database.close()
        await asyncio.to_thread(self._backlog.spool.close)

    async def _write_rest(self) -> None:
        """A database that is away is waited for only if it alone could keep facts held in memory."""
        self._backlog.try_disk()
        try:
            async with asyncio.timeout(self._settings.close_for):
                if self.database_away_since is None or self.held:
                    await self._writer.drained()
        except TimeoutError:
            log.warning("database did not take everything in time", facts=self.backlog, in_memory=self.held)


def _complete(checkpoint: Checkpoint | None, spooled: list[Row]) -> bool:
    """Local disk knows how the journal began, or has a checkpoint."""
    return checkpoint is not None or bool(spooled and spooled[0].seq == 1)


async def open_journal(url: str, spool_folder: Path, settings: JournalSettings | None = None) -> SqlJournal:
    """Raises FolderInUse, ValueError for a URL of another kind, OSError where the folder cannot be written.

    The database may be away; `load` comes next.
    """
    settings = settings or JournalSettings()
    spool = await asyncio.to_thread(Spool, spool_folder, settings.spool)
    return SqlJournal(url, spool, settings)
