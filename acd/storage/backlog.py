"""Facts on their way to the database: on disk in the spool, in memory where the disk refuses them.

Order is kept in every case: once a fact is held in memory, the following ones queue behind it. Held facts
do not survive a crash; beyond `held_limit` the oldest of them are given up, counted in `lost`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence

import structlog

from acd.core.facts import Record
from acd.storage.rows import Row, line_of, row_of_line
from acd.storage.spool import Cursor, Spool

log = structlog.get_logger(__name__)

RETRY_AFTER = 1.0
"""Seconds between two attempts to bring held facts to disk."""


class Backlog:
    def __init__(self, spool: Spool, held_limit: int) -> None:
        self.spool = spool
        self.lost = 0
        """Facts given up since the start, because neither disk nor database took them for too long."""
        self._cursor = Cursor(spool)
        self._held: deque[tuple[int, bytes]] = deque(maxlen=held_limit)
        self._retry_at = 0.0
        self._newest_seq = 0
        self._written_seq = 0

    @property
    def waiting(self) -> int:
        """Facts taken and not yet known to be in the database."""
        return max(self._newest_seq - self._written_seq, 0)

    @property
    def held(self) -> int:
        """Facts in memory only."""
        return len(self._held)

    @property
    def written_seq(self) -> int:
        return self._written_seq

    def start_at(self, newest: int, written: int) -> None:
        """The history ends at `newest`; the database has everything up to `written`."""
        self._newest_seq, self._written_seq = newest, written

    def put(self, records: Sequence[Record]) -> None:
        """A file write of microseconds; never raises for what the disk does."""
        lines = [(record.seq, line_of(record)) for record in records if self._is_new(record)]
        if not lines:
            return
        if self._held:
            self._hold(lines)
            self.try_disk()
            return
        try:
            self._to_disk(lines)
        except OSError as error:
            log.error("spool takes no facts: they are held in memory", why=str(error), folder=self._folder)
            self._retry_at = time.monotonic() + RETRY_AFTER
            self._hold(lines)

    def _is_new(self, record: Record) -> bool:
        """A number twice would be another history; a hole in the numbers is somebody's fault, and said."""
        newest, self._newest_seq = self._newest_seq, max(record.seq, self._newest_seq)
        if record.seq == newest + 1:
            return True
        log.error("a fact has the wrong number", seq=record.seq, after=newest)
        return record.seq > newest

    def _to_disk(self, lines: Sequence[tuple[int, bytes]]) -> None:
        self.spool.write(b"".join(line for _, line in lines), lines[0][0], lines[-1][0])

    def _hold(self, lines: Sequence[tuple[int, bytes]]) -> None:
        room = (self._held.maxlen or 0) - len(self._held)
        if len(lines) > room:
            if not self.lost:
                log.critical("facts are being lost: no disk, no database", held=len(self._held))
            self.lost += len(lines) - room
        self._held.extend(lines)

    def try_disk(self) -> None:
        """Bring held facts to disk, if the last attempt is long enough ago."""
        if not self._held or time.monotonic() < self._retry_at:
            return
        self._retry_at = time.monotonic() + RETRY_AFTER
        try:
            self._to_disk(list(self._held))
        except OSError:
            return
        log.info("spool takes facts again", facts=len(self._held), lost=self.lost)
        self._held.clear()

    async def next_rows(self, at_most: int) -> list[Row]:
        """What the database should get next, oldest first; empty where there is nothing."""
        rows = await asyncio.to_thread(self._cursor.read, at_most)
        if rows or not self._held:
            return rows
        held = [row_of_line(line) for _, line in list(self._held)[:at_most]]
        return [row for row in held if row is not None]

    def written(self, seq: int) -> None:
        """The database has everything up to `seq`."""
        self._written_seq = max(self._written_seq, seq)
        while self._held and self._held[0][0] <= seq:
            self._held.popleft()

    def held_rows(self) -> list[Row]:
        return [row for _, line in self._held if (row := row_of_line(line)) is not None]

    @property
    def _folder(self) -> str:
        return str(self.spool.folder)
