"""The journal in the database: batches in, rows out. Every method may raise SQLAlchemyError or OSError."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Insert,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    inspect,
    literal,
    not_,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.storage.engine import new_engine
from acd.storage.migrate import migrate
from acd.storage.promise_rows import fold_again, keep, works_after
from acd.storage.rows import Row
from acd.storage.tables import checkpoints, facts, facts_set_aside, promises

PAGE = 1000
"""Rows per query of a long answer."""
KEPT_CHECKPOINTS = 3
PURGED_AT_ONCE = 5000
"""Facts looked at in one transaction: some 50 ms."""
PAUSE_OF_PURGE = 0.1
_READ = [each for each in facts.c if each.name != "work"]
"""What a reader needs of a fact, as in a database that the server has not brought up to date yet."""


class Database:
    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = new_engine(url, pool_pre_ping=True)
        self._is_sqlite = self._engine.dialect.name == "sqlite"

    async def migrate(self) -> None:
        """Raises NewerDatabase."""
        await migrate(self.url)

    async def insert(self, rows: Sequence[Row]) -> int | None:
        """Add what is not there yet, all or nothing. Answers the first seq that is there with another
        fact (then nothing was added), else None."""
        async with self._engine.begin() as connection:
            there = await self._there(connection, rows)
            for row in rows:
                if there.get(row.seq, row.body) != row.body:
                    return row.seq
            if new := [row for row in rows if row.seq not in there]:
                await connection.execute(self._insert_once(), [row._asdict() for row in new])
                await keep(connection, new)
        return None

    def _insert_once(self) -> Insert:
        if self._is_sqlite:
            return sqlite.insert(facts).on_conflict_do_nothing(index_elements=["seq"])
        return postgresql.insert(facts).on_conflict_do_nothing(index_elements=["seq"])

    async def _there(self, connection: AsyncConnection, rows: Sequence[Row]) -> dict[int, str]:
        query = select(facts.c.seq, facts.c.body).where(facts.c.seq.between(rows[0].seq, rows[-1].seq))
        return {row.seq: row.body for row in await connection.execute(query)}

    async def last_seq(self) -> int:
        """0 in an empty database."""
        async with self._engine.connect() as connection:
            return int(await connection.scalar(select(func.max(facts.c.seq))) or 0)

    async def set_aside_after(self, seq: int) -> int:
        """Move every later fact out of the history; later checkpoints go. Answers how many facts."""
        columns = [column.name for column in facts.columns]
        later = select(literal(time.time()), *facts.c).where(facts.c.seq > seq).order_by(facts.c.seq)
        async with self._engine.begin() as connection:
            works = await works_after(connection, seq)
            moved = await connection.execute(
                insert(facts_set_aside).from_select(["set_aside_at", *columns], later)
            )
            await connection.execute(delete(facts).where(facts.c.seq > seq))
            await connection.execute(delete(checkpoints).where(checkpoints.c.seq > seq))
            await fold_again(connection, works)
        return _count(moved)

    async def keep_checkpoint(self, seq: int, state: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(checkpoints).where(checkpoints.c.seq == seq))
            await connection.execute(insert(checkpoints).values(seq=seq, state=state))
            newest = select(checkpoints.c.seq).order_by(checkpoints.c.seq.desc()).limit(KEPT_CHECKPOINTS)
            kept = (await connection.scalars(newest)).all()
            await connection.execute(delete(checkpoints).where(checkpoints.c.seq < kept[-1]))

    async def newest_checkpoint(self) -> tuple[int, str] | None:
        query = select(checkpoints.c.seq, checkpoints.c.state).order_by(checkpoints.c.seq.desc()).limit(1)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else (row[0], row[1])

    async def purge(self, before: float) -> int:
        """Delete the facts older than `before`; answers how many.

        What a start from the database alone needs stays, and the newest fact, by whose number the next one
        goes on. The facts of a work item stay together until it is closed and all of them are as old; then
        its row in the ledger goes too. In small transactions with pauses, for new facts wait meanwhile.
        """
        until_seq = await self._not_needed_until()
        last = await self._last_older(before, until_seq)
        removed = 0
        at = 0
        while at < last:
            end = await self._end_of_part(at, last)
            old = and_(facts.c.seq > at, facts.c.seq <= end, facts.c.at < before)
            query = delete(facts).where(
                old, or_(facts.c.work.is_(None), not_(_still_needed(before, until_seq)))
            )
            async with self._engine.begin() as connection:
                removed += _count(await connection.execute(query))
            at = end
            await asyncio.sleep(PAUSE_OF_PURGE)
        await self._purge_beside(before)
        return removed

    async def _not_needed_until(self) -> int:
        async with self._engine.connect() as connection:
            kept = int(await connection.scalar(select(func.max(checkpoints.c.seq))) or 0)
        return min(kept, await self.last_seq() - 1)

    async def _last_older(self, before: float, until_seq: int) -> int:
        query = select(func.max(facts.c.seq)).where(facts.c.at < before, facts.c.seq <= until_seq)
        async with self._engine.connect() as connection:
            return int(await connection.scalar(query) or 0)

    async def _end_of_part(self, after: int, last: int) -> int:
        part = select(facts.c.seq).where(facts.c.seq > after, facts.c.seq <= last).order_by(facts.c.seq)
        query = part.offset(PURGED_AT_ONCE - 1).limit(1)
        async with self._engine.connect() as connection:
            return int(await connection.scalar(query) or last)

    async def _purge_beside(self, before: float) -> None:
        """Closed promises without facts, and what was set aside."""
        told = exists().where(facts.c.work == promises.c.work)
        closed = (promises.c.is_open.is_(False), promises.c.decided_at < before, not_(told))
        async with self._engine.begin() as connection:
            await connection.execute(delete(promises).where(*closed))
            await connection.execute(delete(facts_set_aside).where(facts_set_aside.c.set_aside_at < before))

    async def make_durable(self) -> bool:
        """What was committed so far outlives a power cut. False: not now, ask again."""
        if not self._is_sqlite:
            return True  # PostgreSQL's commit is durable
        async with self._engine.connect() as connection:
            row = (await connection.execute(text("PRAGMA wal_checkpoint(PASSIVE)"))).first()
        return row is not None and row[0] == 0 and row[1] == row[2]

    async def rows(self, *conditions: ColumnElement[bool], after: int = 0) -> AsyncIterator[Row]:
        """Matching rows with a greater seq than `after`, in order of seq, fetched in pages."""
        while True:
            query = select(*_READ).where(facts.c.seq > after, *conditions)
            async with self._engine.connect() as connection:
                page = (await connection.execute(query.order_by(facts.c.seq).limit(PAGE))).all()
            for found in page:
                yield Row(*found)
            if len(page) < PAGE:
                return
            after = page[-1][0]

    async def fetch(self, query: Select[Any]) -> list[Any]:
        """All rows of the answer."""
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).all())

    async def has_ledger(self) -> bool:
        """False: the server has not brought the database up to this version yet."""

        def look(connection: Connection) -> bool:
            return inspect(connection).has_table(promises.name)

        async with self._engine.connect() as connection:
            return await connection.run_sync(look)

    async def seq_bounds(self, start: float, end: float) -> tuple[int, int] | None:
        """The smallest and greatest seq with start <= at < end."""
        query = select(func.min(facts.c.seq), func.max(facts.c.seq)).where(
            facts.c.at >= start, facts.c.at < end
        )
        async with self._engine.connect() as connection:
            first, last = (await connection.execute(query)).one()
        return None if first is None else (first, last)

    async def first_at(self, since: float) -> float | None:
        """The earliest time of a fact at or after `since`."""
        async with self._engine.connect() as connection:
            found = await connection.scalar(select(func.min(facts.c.at)).where(facts.c.at >= since))
        return None if found is None else float(found)

    async def close(self) -> None:
        await self._engine.dispose()


def _still_needed(before: float, until_seq: int) -> ColumnElement[bool]:
    """Whether a fact's work item is open, or has a fact that must stay."""
    other = facts.alias()
    is_old = and_(other.c.at < before, other.c.seq <= until_seq)
    stays = exists().where(other.c.work == facts.c.work, not_(is_old))
    return or_(stays, exists().where(promises.c.work == facts.c.work, promises.c.is_open))


def _count(result: CursorResult[tuple[()]]) -> int:
    return max(result.rowcount, 0)
