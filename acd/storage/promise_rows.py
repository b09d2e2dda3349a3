"""The ledger in the database: kept with every batch of facts, in the same transaction."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.core.codec import from_json, to_json
from acd.core.errors import CodecError
from acd.core.ledger import LEDGER_KINDS, LedgerFact, after, is_ledger_fact
from acd.core.promise import Promise
from acd.core.work import WorkId
from acd.core.work_facts import WorkMade
from acd.storage.rows import Row, column, record_of
from acd.storage.tables import facts, promises

log = structlog.get_logger(__name__)

AT_ONCE = 500
"""Numbers in one statement; SQLite takes 32,766 at most."""
_OLD_COLUMNS = [each for each in facts.c if each.name != "work"]


def folded(promise: Promise | None, rows: Iterable[Row]) -> Promise | None:
    """The promise after these facts of it. What this version cannot read is passed over, and logged."""
    for row in rows:
        try:
            fact = record_of(row).fact
        except CodecError as error:
            log.error("a fact of a promise cannot be read", seq=row.seq, why=str(error))
            continue
        if row.work is not None and is_ledger_fact(fact):
            promise = _safely_after(promise, WorkId(row.work), fact)
    return promise


def _safely_after(promise: Promise | None, work: WorkId, fact: LedgerFact) -> Promise | None:
    """A fault of ours in the ledger must not keep facts out of the database."""
    try:
        return after(promise, work, fact)
    except Exception:
        log.exception("a fact of a promise is not in the ledger", work=work, fact_kind=type(fact).__name__)
        return promise


def by_work(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """The rows that the ledger reads, in order, by their work item."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.work is not None and row.kind in LEDGER_KINDS:
            found[row.work].append(row)
    return found


def read_body(body: str) -> Promise:
    """CodecError: another version wrote it."""
    promise: Promise = from_json(Promise, json.loads(body))
    return promise


async def keep(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """Bring the ledger up to these facts, which were not in the database before."""
    touched = by_work(rows)
    if not touched:
        return
    query = select(promises.c.work, promises.c.body).where(promises.c.work.in_(list(touched)))
    bodies = {row.work: row.body for row in await connection.execute(query)}
    new, left = await asyncio.to_thread(_brought_up, bodies, touched)
    await _put(connection, [work for work in touched if work not in left], new)
    await fold_again(connection, left)


def _brought_up(
    bodies: Mapping[int, str], touched: Mapping[int, list[Row]]
) -> tuple[list[dict[str, Any]], list[int]]:
    """The rows for the database, and the work items that must be folded anew: their row is missing, or is of
    another version. Some 0.1 ms for each, so not on the event loop."""
    new: list[dict[str, Any]] = []
    left: list[int] = []
    for work, rows in touched.items():
        try:
            known = read_body(bodies[work]) if work in bodies else None
        except (CodecError, ValueError):
            known = None
        if known is None and rows[0].kind != WorkMade.__name__:
            left.append(work)
        elif (promise := folded(known, rows)) is not None:
            new.append(_row(promise, rows[-1].seq))
    return new, left


async def fold_again(connection: AsyncConnection, works: Sequence[int]) -> None:
    """Make the rows of these work items anew from the facts that are in the database."""
    for start in range(0, len(works), AT_ONCE):
        some = works[start : start + AT_ONCE]
        new: list[dict[str, Any]] = []
        for work in some:
            promise = await _folded_anew(connection, work)
            if promise is not None:
                new.append(_row(promise, await _last_seq(connection, work)))
        await _put(connection, some, new)


async def works_after(connection: AsyncConnection, seq: int) -> list[int]:
    """The work items with a later fact."""
    query = select(facts.c.work).where(facts.c.seq > seq, facts.c.work.is_not(None)).distinct()
    return [work for work in (await connection.scalars(query)).all() if work is not None]


async def _folded_anew(connection: AsyncConnection, work: int) -> Promise | None:
    query = select(*_OLD_COLUMNS).where(facts.c.work == work).order_by(facts.c.seq)
    rows = [Row._make((*found, work)) for found in await connection.execute(query)]
    return folded(None, [row for row in rows if row.kind in LEDGER_KINDS])


async def _last_seq(connection: AsyncConnection, work: int) -> int:
    query = select(facts.c.seq).where(facts.c.work == work).order_by(facts.c.seq.desc()).limit(1)
    return int(await connection.scalar(query) or 0)


async def _put(connection: AsyncConnection, works: Sequence[int], new: Sequence[dict[str, Any]]) -> None:
    await connection.execute(delete(promises).where(promises.c.work.in_(works)))
    if new:
        await connection.execute(insert(promises), list(new))


def _row(promise: Promise, seq: int) -> dict[str, Any]:
    body = json.dumps(to_json(Promise, promise), separators=(",", ":"), default=str)
    return {
        "work": promise.id,
        "seq": seq,
        "kind": promise.kind.value,
        "queue": column(promise.queue),
        "caller": column(promise.caller),
        "outcome": promise.outcome.value,
        "is_open": promise.is_open,
        "made_at": promise.made_at,
        "due_at": promise.due_at,
        "decided_at": promise.decided_at,
        "body": body,
    }
