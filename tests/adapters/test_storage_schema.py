"""Migrations and reports on both databases."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, text

from acd.core.facts import OperatorFreed, Record
from acd.core.words import CallId, OperatorId
from acd.storage import JournalSettings, NewerDatabase, migrations, open_journal, open_reader
from acd.storage.engine import new_engine
from acd.storage.migrate import NEWEST, migrate
from acd.storage.rows import line_of, row_of_line
from acd.storage.tables import facts, metadata
from tests.postgres import Postgres, postgres
from tests.storage_writer import record, records

PATIENT = JournalSettings(patience=10, close_for=10)


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


async def differences(url: str) -> list[object]:
    """Between the database and acd.storage.tables."""

    def compare(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    engine = new_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


def test_the_newest_revision_is_the_one_of_the_scripts() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == NEWEST


async def test_migrations_lead_to_the_tables_of_the_program(url: str) -> None:
    await migrate(url)
    assert await differences(url) == []
    await migrate(url)  # a second start changes nothing


async def test_an_older_database_keeps_its_facts(url: str, tmp_path: Path) -> None:
    await migrate(url, to="0001")
    rows = [row_of_line(line_of(record(seq))) for seq in range(1, 11)]
    engine = new_engine(url)
    old = [{key: value for key, value in row._asdict().items() if key != "work"} for row in rows if row]
    async with engine.begin() as connection:
        await connection.execute(insert(facts), old)
    await engine.dispose()
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    assert list((await journal.load()).records) == records(1, 10)
    await journal.close()
    assert await differences(url) == []


async def test_a_newer_database_is_refused_in_words(url: str, tmp_path: Path) -> None:
    await migrate(url)
    engine = new_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    with pytest.raises(NewerDatabase, match=r"9999.*start the newer version"):
        await journal.load()
    await journal.close()


async def test_two_servers_may_migrate_at_once(server: Postgres) -> None:
    url = await asyncio.to_thread(server.create, "at_once")
    await asyncio.gather(migrate(url), migrate(url), migrate(url))
    assert await differences(url) == []


async def test_questions_of_reports(url: str, tmp_path: Path) -> None:
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    await journal.load()
    journal.append(records(1, 3000))
    assert await journal.facts_of_call(CallId("c2")) == records(4, 5), "whether written yet or not"
    await journal.close()
    reader = open_reader(url, tmp_path / "spool")
    assert await reader.facts_of_call(CallId("c2")) == records(4, 5)
    assert await reader.facts_of_call(CallId("none")) == []
    between = [found async for found in reader.facts_between(10, 2510)]
    assert between == records(10, 2509)
    entered = [found.seq async for found in reader.facts_between(1, 20, kinds=["CallEntered"])]
    assert entered == [1, 4, 7, 10, 13, 16, 19]
    await reader.close()


async def test_days_are_those_of_the_asked_zone(url: str, tmp_path: Path) -> None:
    kyiv = ZoneInfo("Europe/Kyiv")
    moments = [1774735200.0, 1774738800.0, 1774825200.0, 1775000000.0]  # 28 March 2026 22:00 UTC and later
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    await journal.load()
    for seq, at in enumerate(moments, start=1):
        journal.append([Record(seq, OperatorFreed(at=at, operator=OperatorId("olha")))])
    unwritten = await journal.days(kyiv)
    await journal.close()
    reader = open_reader(url, tmp_path / "spool")
    assert await reader.days(kyiv) == unwritten == [date(2026, 3, 29), date(2026, 3, 30), date(2026, 4, 1)]
    assert await reader.days() == [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 31)]
    await reader.close()


async def test_text_that_databases_dislike_is_stored(url: str, tmp_path: Path) -> None:
    nasty = OperatorId("a\0b\ud800'; DROP TABLE facts; --" + "х" * 600)
    fact = Record(1, OperatorFreed(at=1.0, operator=nasty))
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    await journal.load()
    journal.append([fact])
    await journal.close()
    assert journal.backlog == 0
    reader = open_reader(url, tmp_path / "none")
    assert [found async for found in reader.facts_between(0, 2)] == [fact]
    await reader.close()


async def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    await migrate(f"sqlite:///{tmp_path}/deep/journal.db")
    assert (tmp_path / "deep" / "journal.db").stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(tmp_path / "deep" / "journal.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="use sqlite or postgresql"):
        new_engine("mysql://root@localhost/x")
