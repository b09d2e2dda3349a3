"""The ledger in both databases: kept with the facts, read while they move, and safe from the purge."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from acd.core.facts import Record
from acd.core.ledger import ledger_of
from acd.core.ports import Checkpoint
from acd.core.promise import Deed, Outcome, Promise, PromiseFigures, PromiseFilter, figures_of
from acd.core.words import QueueId
from acd.core.work import WorkEnd, WorkKind
from acd.storage import (
    DatabaseAway,
    JournalSettings,
    OlderDatabase,
    SqlJournal,
    database,
    open_journal,
    open_reader,
)
from acd.storage.engine import new_engine
from acd.storage.migrate import migrate
from acd.storage.tables import checkpoints, facts, facts_set_aside, promises
from tests.eventually import eventually
from tests.postgres import Postgres, postgres
from tests.promise_facts import (
    METER,
    POST,
    START,
    a_few,
    broken,
    closed,
    kept_call_back,
    made,
    records,
    taken,
)

PATIENT = JournalSettings(patience=10, close_for=10)
NEWEST, DUE = PromiseFilter(), PromiseFilter(is_open=True, order="due")


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.db"
    server: Postgres = request.getfixturevalue("server")
    return server.create(f"db_{abs(hash(request.node.name)) % 10**9}")


async def opened(url: str, folder: Path) -> SqlJournal:
    journal = await open_journal(url, folder, PATIENT)
    await journal.load()
    return journal


async def stored(url: str, folder: Path, what: Sequence[Record]) -> None:
    journal = await opened(url, folder)
    journal.append(what)
    await journal.close()


def rows_of(what: Sequence[Record]) -> dict[int, Promise]:
    return dict(ledger_of([each.fact for each in what]).promises)


async def test_the_rows_are_the_fold_of_the_facts(url: str, tmp_path: Path) -> None:
    what = records(a_few())
    await stored(url, tmp_path / "spool", what)
    reader = open_reader(url, tmp_path / "spool")
    found = await reader.promises.some(NEWEST, limit=100)
    assert [promise.id for promise in found] == [6, 5, 4, 3, 2, 1]
    assert {promise.id: promise for promise in found} == rows_of(what)
    assert await reader.promises.one(2) == rows_of(what)[2]
    for nobody in (99, -1, 2**70):
        assert await reader.promises.one(nobody) is None
    await reader.close()


async def test_facts_on_their_way_are_in_the_answer_once(url: str, tmp_path: Path) -> None:
    what = records(a_few())
    journal = await opened(url, tmp_path / "spool")
    for cut in range(len(what)):
        journal.append(what[cut : cut + 1])
        found = await journal.promises.some(NEWEST, limit=100)
        assert {promise.id: promise for promise in found} == rows_of(what[: cut + 1])
        figures = sum((await journal.promises.figures(NEWEST)).values(), PromiseFigures())
        assert figures == figures_of(rows_of(what[: cut + 1]).values())
    await journal.close()


@pytest.mark.parametrize(
    ("wanted", "works"),
    [
        (DUE, [2, 4, 6]),
        (PromiseFilter(outcomes=frozenset({Outcome.KEPT})), [1]),
        (PromiseFilter(outcomes=frozenset({Outcome.BROKEN})), [5, 2]),
        (PromiseFilter(outcomes=frozenset({Outcome.BROKEN}), is_open=True), [2]),
        (PromiseFilter(kind=WorkKind.VOICEMAIL), [2]),
        (PromiseFilter(queue=METER), [2]),
        (PromiseFilter(queue=QueueId("none")), []),
        (PromiseFilter(caller="050"), [4, 1]),
        (PromiseFilter(caller="050***4567"), [1]),
        (PromiseFilter(caller="4567***050"), []),
        (PromiseFilter(caller="'; DROP TABLE promises; --%_"), [6, 5, 4, 3, 2, 1]),
        (PromiseFilter(made_since=START + 20, made_until=START + 45), [5, 4, 3]),
        (PromiseFilter(decided_since=START + 3640), [5]),
    ],
)
async def test_filters_mean_the_same_stored_and_on_the_way(
    url: str, tmp_path: Path, wanted: PromiseFilter, works: list[int]
) -> None:
    journal = await opened(url, tmp_path / "spool")
    journal.append(records(a_few()))
    moving = await journal.promises.some(wanted, limit=100)
    assert [promise.id for promise in moving] == works
    await eventually(lambda: journal.backlog == 0)
    assert await journal.promises.some(wanted, limit=100) == moving
    assert await journal.promises.some(wanted, limit=2, offset=1) == moving[1:3]
    counted = sum((await journal.promises.figures(wanted)).values(), PromiseFigures())
    assert counted == figures_of(moving)
    await journal.close()


async def test_figures_of_a_time_are_of_what_was_decided_in_it(url: str, tmp_path: Path) -> None:
    later = [made(7, START + 86400), broken(8, START + 86500), made(8, START - 86400, due_in=172900)]
    await stored(url, tmp_path / "spool", records([*a_few(), *later]))
    reader = open_reader(url, tmp_path / "spool")
    day = await reader.promises.figures_between(START, START + 86400)
    assert day[POST, WorkKind.CALL_BACK] == PromiseFigures(made=5, kept=1, broken=1, called_off=1, open=4)
    assert day[METER, WorkKind.VOICEMAIL] == PromiseFigures(made=1, broken=1, open=1)
    next_day = await reader.promises.figures_between(START + 86400, START + 172800)
    assert next_day[POST, WorkKind.CALL_BACK] == PromiseFigures(made=1, broken=1, open=4)
    await reader.close()


async def purgeable(journal: SqlJournal, what: Sequence[Record], url: str) -> None:
    """All of it is in the database, and no start needs it."""
    journal.append(what)
    await eventually(lambda: journal.backlog == 0)
    await checkpoint_at(journal, what[-1].seq, url)


async def checkpoint_at(journal: SqlJournal, seq: int, url: str) -> None:
    journal.keep_checkpoint(Checkpoint(seq, {}))
    engine, deadline = new_engine(url), time.monotonic() + 10
    while await newest_checkpoint(engine) != seq:
        assert time.monotonic() < deadline, "the checkpoint does not come to the database"
        await asyncio.sleep(0.02)
    await engine.dispose()


async def newest_checkpoint(engine: AsyncEngine) -> int | None:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.max(checkpoints.c.seq)))


async def test_the_purge_leaves_open_promises_and_those_closed_lately(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PURGED_AT_ONCE", 3)
    later = [made(7, START + 10), taken(7, START + 20), closed(7, START + 90000, kept=False)]
    what = records([*a_few(), *later])
    journal = await opened(url, tmp_path / "spool")
    journal.append(what)
    await eventually(lambda: journal.backlog == 0)
    before = await journal.promises.some(NEWEST, limit=100)
    assert await journal.purge(START + 80000) == 0, "no checkpoint yet: a start needs them"
    assert await journal.promises.some(NEWEST, limit=100) == before
    await checkpoint_at(journal, what[-1].seq, url)
    done = sum(each.fact.work in (1, 3, 5) for each in what)  # type: ignore[union-attr]
    assert await journal.purge(START + 80000) == done
    left = {each.fact.work async for each in journal.facts_between(0, 2e9)}  # type: ignore[union-attr]
    assert left == {2, 4, 6, 7}, "open, or closed too lately: the whole story stays"
    rows = await journal.promises.some(NEWEST, limit=100)
    assert rows == [promise for promise in before if promise.id in left]
    assert await journal.purge(START + 80000) == 0
    await journal.close()


async def test_facts_that_come_after_the_purge_of_their_promise_hold_nothing_up(
    url: str, tmp_path: Path
) -> None:
    first = records(kept_call_back(1))
    journal = await opened(url, tmp_path / "spool")
    await purgeable(journal, [*first, *records([made(3, START + 89000)], first[-1].seq + 1)], url)
    assert await journal.purge(START + 80000) == len(first)
    journal.append(records([taken(1, START + 90000), made(2, START + 90001)], first[-1].seq + 2))
    await eventually(lambda: journal.backlog == 0)
    assert await journal.promises.one(2) is not None
    await journal.close()


@pytest.mark.parametrize("local", [True, False], ids=["local disk there", "the database alone"])
async def test_a_start_after_everything_has_grown_old_goes_on_with_the_next_number(
    url: str, tmp_path: Path, local: bool
) -> None:
    what = records(kept_call_back(1))
    journal = await opened(url, tmp_path / "spool")
    await purgeable(journal, what, url)
    assert await journal.purge(START + 800000) == 0, "the story stays with its last fact, the newest of all"
    later = records([made(2, START + 10)], what[-1].seq + 1)
    await purgeable(journal, later, url)
    assert await journal.purge(START + 800000) == len(what)
    await journal.close()
    journal = await open_journal(url, tmp_path / ("spool" if local else "new"), PATIENT)
    history = await journal.load()
    assert (history.checkpoint.seq if history.checkpoint else 0) == later[-1].seq
    assert not history.records
    journal.append(records([closed(2, START + 20, kept=True)], later[-1].seq + 1))
    await eventually(lambda: journal.backlog == 0)
    assert journal.lost == 0
    found = await journal.promises.one(2)
    assert found is not None
    assert not found.is_open
    await journal.close()


async def test_what_was_set_aside_is_purged_too(url: str, tmp_path: Path) -> None:
    journal = await opened(url, tmp_path / "spool")
    await purgeable(journal, records([made(1)]), url)
    engine = new_engine(url)
    async with engine.begin() as connection:
        for at in (START, START + 90000):
            row = {"set_aside_at": at, "seq": 7, "at": at, "kind": "CallOffered", "body": "{}"}
            await connection.execute(insert(facts_set_aside).values(row))
    await journal.purge(START + 80000)
    async with engine.connect() as connection:
        left = (await connection.scalars(select(facts_set_aside.c.at))).all()
    assert list(left) == [START + 90000]
    await engine.dispose()
    await journal.close()


async def test_a_purge_of_a_database_that_is_away_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    journal = await opened(url, tmp_path / "spool")
    await purgeable(journal, records(kept_call_back(1)), url)
    engine = new_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE facts RENAME TO elsewhere"))
    with pytest.raises(DatabaseAway):
        await journal.purge(START + 80000)
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO facts"))
    await engine.dispose()
    await journal.close()


async def test_a_history_that_is_set_aside_takes_its_promises_along(url: str, tmp_path: Path) -> None:
    await stored(url, tmp_path / "other", records(a_few()))
    mine = records([made(1), made(2, START + 1), closed(2, START + 2, WorkEnd.CANCELLED, kept=False)])
    await stored(url, tmp_path / "spool", mine)
    reader = open_reader(url, tmp_path / "none")
    found = {promise.id: promise for promise in await reader.promises.some(NEWEST, limit=100)}
    await reader.close()
    assert found.keys() >= {1, 2}
    engine = new_engine(url)
    async with engine.connect() as connection:
        rows = (await connection.execute(select(facts.c.seq).order_by(facts.c.seq))).scalars().all()
        counted = await connection.scalar(select(func.count()).select_from(promises))
    await engine.dispose()
    assert len(found) == counted
    assert list(rows) == [1, 2, 3] or found == rows_of(records(a_few()))


async def test_a_row_of_another_version_is_made_again_from_its_facts(url: str, tmp_path: Path) -> None:
    what = records(kept_call_back(1))
    await stored(url, tmp_path / "spool", what[:4])
    engine = new_engine(url)
    async with engine.begin() as connection:
        await connection.execute(update(promises).values(body='{"old": 1}'))
    await engine.dispose()
    journal = await opened(url, tmp_path / "spool")
    journal.append(what[4:])
    await journal.close()
    reader = open_reader(url, tmp_path / "spool")
    assert await reader.promises.one(1) == rows_of(what)[1]
    await reader.close()


async def test_a_row_that_is_gone_is_made_again_with_the_next_fact(url: str, tmp_path: Path) -> None:
    what = records(kept_call_back(1))
    await stored(url, tmp_path / "spool", what[:4])
    engine = new_engine(url)
    async with engine.begin() as connection:
        await connection.execute(delete(promises))
    await engine.dispose()
    journal = await opened(url, tmp_path / "spool")
    journal.append(what[4:])
    journal.append(records([taken(1, START + 900)], 7))
    await journal.close()
    reader = open_reader(url, tmp_path / "spool")
    row = await reader.promises.one(1)
    assert row is not None
    assert [entry.what for entry in row.history] == [
        *(entry.what for entry in rows_of(what)[1].history),
        Deed.TAKEN,
    ]
    await reader.close()


async def test_a_database_that_was_not_brought_up_to_date_is_said(url: str, tmp_path: Path) -> None:
    await migrate(url, to="0003")
    reader = open_reader(url, tmp_path / "spool")
    with pytest.raises(OlderDatabase, match="when it is started"):
        await reader.promises.some(NEWEST, limit=1)
    assert [found async for found in reader.facts_between(0, 1)] == [], "other questions are answered"
    await reader.close()
