"""Questions to the ledger: its rows in the database, with what is still on its way to them."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from acd.core.errors import CodecError
from acd.core.ledger import LEDGER_KINDS
from acd.core.promise import Outcome, Promise, PromiseFigures, PromiseFilter, figure_of
from acd.core.words import QueueId
from acd.core.work import WorkKind
from acd.storage.database import Database
from acd.storage.errors import OlderDatabase
from acd.storage.promise_rows import AT_ONCE, by_work, folded, read_body
from acd.storage.rows import BIGGEST, Row, column
from acd.storage.tables import promises

ByQueue = dict[tuple[QueueId, WorkKind], PromiseFigures]
OnTheWay = Callable[[Callable[[Row], bool]], Awaitable[list[Row]]]


class PromiseReader:
    """Every method raises DatabaseAway where the database does not answer, OlderDatabase before the server
    has brought it up to this version."""

    def __init__(
        self, database: Database, on_the_way: OnTheWay, answering: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._database = database
        self._on_the_way = on_the_way
        self._answering = answering
        self._has_ledger = False

    async def one(self, work: int) -> Promise | None:
        """None: there is no such work item."""
        if not 0 <= work <= BIGGEST:
            return None
        rows = await self._new_rows(lambda row: row.work == work)
        return (await self._changed(rows, [work])).get(work)

    async def some(self, wanted: PromiseFilter, limit: int, offset: int = 0) -> list[Promise]:
        """At most `limit` promises after the first `offset`, in the filter's order."""
        moving = await self._changed(await self._new_rows())
        query = select(promises.c.body).where(*_conditions(wanted), promises.c.work.not_in(list(moving)))
        with self._answering():
            found = await self._database.fetch(query.order_by(*_order(wanted)).limit(limit + offset))
        rows = [_promise(body) for (body,) in found]
        rows += [promise for promise in moving.values() if wanted.accepts(promise)]
        return sorted(rows, key=wanted.sort_key)[offset : offset + limit]

    async def figures(self, wanted: PromiseFilter) -> ByQueue:
        """How many of those that the filter takes had which outcome, by queue and kind."""
        moving = await self._changed(await self._new_rows())
        table = promises.c
        by = (table.queue, table.kind, table.outcome, table.is_open)
        query = select(*by, func.count()).where(*_conditions(wanted), table.work.not_in(list(moving)))
        with self._answering():
            found = await self._database.fetch(query.group_by(*by))
        figures: ByQueue = {}
        for queue, kind, outcome, is_open, count in found:
            _add(figures, QueueId(queue), WorkKind(kind), figure_of(Outcome(outcome), is_open, count))
        for promise in moving.values():
            if wanted.accepts(promise):
                _add(figures, promise.queue, promise.kind, figure_of(promise.outcome, promise.is_open))
        return figures

    async def figures_between(self, since: float, until: float) -> ByQueue:
        """What happened in this time: made; kept, broken, called off; `open` counts all that are open now."""
        decided = await self.figures(PromiseFilter(decided_since=since, decided_until=until))
        made = await self.figures(PromiseFilter(made_since=since, made_until=until))
        still_open = await self.figures(PromiseFilter(is_open=True))
        figures: ByQueue = {}
        for key in sorted({*decided, *made, *still_open}):
            counts = decided.get(key, PromiseFigures())
            number = made.get(key, PromiseFigures()).made
            figures[key] = replace(counts, made=number, open=still_open.get(key, PromiseFigures()).open)
        return figures

    async def _new_rows(self, wanted: Callable[[Row], bool] = lambda row: True) -> list[Row]:
        await self._look()
        return await self._on_the_way(
            lambda row: row.work is not None and row.kind in LEDGER_KINDS and wanted(row)
        )

    async def _changed(self, rows: list[Row], works: list[int] | None = None) -> dict[int, Promise]:
        """The promises that these facts are about (and `works`), brought up to date with them."""
        new = by_work(rows)
        wanted = list({*new, *(works or ())})
        if not wanted:
            return {}
        stored = await self._stored(wanted)
        found: dict[int, Promise] = {}
        for work in wanted:
            seq, known = stored.get(work, (0, None))
            promise = folded(known, [row for row in new.get(work, ()) if row.seq > seq])
            if promise is not None:
                found[work] = promise
        return found

    async def _stored(self, works: list[int]) -> dict[int, tuple[int, Promise]]:
        table = promises.c
        found: dict[int, tuple[int, Promise]] = {}
        for start in range(0, len(works), AT_ONCE):
            some = table.work.in_(works[start : start + AT_ONCE])
            with self._answering():
                rows = await self._database.fetch(select(table.work, table.seq, table.body).where(some))
            found |= {work: (seq, _promise(body)) for work, seq, body in rows}
        return found

    async def _look(self) -> None:
        if self._has_ledger:
            return
        with self._answering():
            self._has_ledger = await self._database.has_ledger()
        if not self._has_ledger:
            raise OlderDatabase


def _promise(body: str) -> Promise:
    try:
        return read_body(body)
    except ValueError as error:
        raise CodecError(f"a row of the ledger is no JSON: {error}") from error


def _add(figures: ByQueue, queue: QueueId, kind: WorkKind, more: PromiseFigures) -> None:
    figures[queue, kind] = figures.get((queue, kind), PromiseFigures()) + more


def _conditions(wanted: PromiseFilter) -> list[ColumnElement[bool]]:
    """The same as `PromiseFilter.accepts`, for the database."""
    table = promises.c
    found: list[ColumnElement[bool]] = []
    if wanted.is_open is not None:
        found.append(table.is_open.is_(wanted.is_open))
    if wanted.outcomes:
        found.append(table.outcome.in_([each.value for each in wanted.outcomes]))
    if wanted.kind is not None:
        found.append(table.kind == wanted.kind.value)
    if wanted.queue is not None:
        found.append(table.queue == column(wanted.queue))
    if parts := wanted.caller_parts:
        found.append(table.caller.like(f"%{'%'.join(parts)}%"))
    moments = (
        (table.made_at, wanted.made_since, wanted.made_until),
        (table.decided_at, wanted.decided_since, wanted.decided_until),
    )
    for moment, since, until in moments:
        found += [moment >= since] if since is not None else []
        found += [moment < until] if until is not None else []
    return [and_(*found)] if found else []


def _order(wanted: PromiseFilter) -> list[Any]:
    table = promises.c
    if wanted.order == "due":
        return [table.due_at, table.work]
    return [table.made_at.desc(), table.work.desc()]
