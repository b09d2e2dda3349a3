"""Questions of reports: facts in the database and those still on their way, as one journal."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

from sqlalchemy import ColumnElement
from sqlalchemy.exc import SQLAlchemyError

from acd.core.facts import Record
from acd.core.words import CallId
from acd.storage.database import Database
from acd.storage.engine import is_missing, shown
from acd.storage.errors import DatabaseAway
from acd.storage.promise_reader import PromiseReader
from acd.storage.rows import Row, column, record_of
from acd.storage.spool import read_rows
from acd.storage.tables import facts

Wanted = Callable[[Row], bool]


class FactReader:
    """Reads from this process or another one. Every method raises DatabaseAway where it does not answer."""

    def __init__(self, database: Database, folder: Path, held: Callable[[], list[Row]] = list) -> None:
        """`held`: rows that are in this process's memory only."""
        self._database = database
        self._folder = folder
        self._held = held
        self.promises = PromiseReader(database, self._on_the_way, self.answering)

    async def facts_of_call(self, call: CallId) -> list[Record]:
        """Everything that names the call, in order."""
        text = column(call)
        on_the_way = await self._on_the_way(lambda row: row.call == text)
        with self.answering():
            stored = self._database.rows(facts.c.call == text)
            return [record async for record in _merged(stored, on_the_way)]

    async def facts_between(
        self, start: float, end: float, kinds: Collection[str] | None = None
    ) -> AsyncIterator[Record]:
        """Facts with start <= at < end, in the journal's order; `kinds` are names of fact classes."""

        def wanted(row: Row) -> bool:
            return start <= row.at < end and (kinds is None or row.kind in kinds)

        on_the_way = await self._on_the_way(wanted)
        with self.answering():
            async for record in _merged(self._stored_between(start, end, kinds), on_the_way):
                yield record

    async def _stored_between(
        self, start: float, end: float, kinds: Collection[str] | None
    ) -> AsyncIterator[Row]:
        bounds = await self._database.seq_bounds(start, end)
        if bounds is None:
            return
        conditions: list[ColumnElement[bool]] = [
            facts.c.seq <= bounds[1],
            facts.c.at >= start,
            facts.c.at < end,
        ]
        if kinds is not None:
            conditions.append(facts.c.kind.in_(kinds))
        async for row in self._database.rows(*conditions, after=bounds[0] - 1):
            yield row

    async def days(self, zone: tzinfo = UTC) -> list[date]:
        """The days of `zone` on which something happened, ascending."""
        on_the_way = await self._on_the_way(lambda row: True)
        found = {datetime.fromtimestamp(row.at, zone).date() for row in on_the_way}
        with self.answering():
            at = await self._database.first_at(0.0)
            while at is not None:
                day = datetime.fromtimestamp(at, zone).date()
                found.add(day)
                at = await self._database.first_at(_midnight_after(day, zone))
        return sorted(found)

    async def _on_the_way(self, wanted: Wanted) -> list[Row]:
        """Asked before the database: a fact that moves between the two questions is seen twice, not never."""
        with self.answering():
            last = await self._database.last_seq()
        spooled = await asyncio.to_thread(lambda: list(filter(wanted, read_rows(self._folder, last))))
        return spooled + [row for row in self._held() if row.seq > last and wanted(row)]

    @contextmanager
    def answering(self) -> Iterator[None]:
        """What the database raises here becomes DatabaseAway."""
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseAway(shown(self._database.url), error) from error

    async def close(self) -> None:
        await self._database.close()


def open_reader(url: str, spool_folder: Path) -> FactReader:
    """For a report in a process of its own; writes nothing, needs no lock. DatabaseAway: there is none."""
    if is_missing(url):
        raise DatabaseAway(shown(url), FileNotFoundError("there is no such file yet"))
    return FactReader(Database(url), spool_folder)


async def _merged(stored: AsyncIterator[Row], on_the_way: list[Row]) -> AsyncIterator[Record]:
    last = 0
    async for row in stored:
        last = row.seq
        yield record_of(row)
    for row in on_the_way:
        if row.seq > last:
            last = row.seq
            yield record_of(row)


def _midnight_after(day: date, zone: tzinfo) -> float:
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=zone).timestamp()
