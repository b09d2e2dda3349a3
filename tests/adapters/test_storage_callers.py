"""Callers' languages with a database that is locked, away, frozen or foreign: a call never waits for it."""

import asyncio
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from acd.storage import CallerLanguageSettings, SqlCallerLanguages, open_caller_languages, open_journal
from acd.storage.callers import DAY
from tests.eventually import eventually
from tests.machine import stood_still
from tests.postgres import Postgres, postgres

NUMBER = "+380501234567"
WAITED = 4.0
"""Seconds: far above the deadline of 0.2 s, below the 5 s that PostgreSQL has for a connection."""
WAITED_FOR_A_LOCK = 1.8
"""Below the 2 s that SQLite waits for a lock."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


def rows(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT number, language FROM caller_languages ORDER BY number").fetchall()


async def written(store: SqlCallerLanguages) -> None:
    await eventually(lambda: store.waiting == 0, within=30, what="everything is written")


async def asked_quickly(store: SqlCallerLanguages, number: str, within: float = WAITED) -> str | None:
    started = time.monotonic()
    found = await store.language_of(number)
    assert time.monotonic() - started - stood_still(started) < within
    return found


async def test_a_locked_sqlite_delays_nobody(tmp_path: Path) -> None:
    store = open_caller_languages(f"sqlite:///{tmp_path}/a.db")
    store.remember("101", "uk")
    await written(store)
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        store.remember(NUMBER, "ru")
        assert await asked_quickly(store, NUMBER, WAITED_FOR_A_LOCK) == "ru"
        assert store.waiting == 1
        other.execute("COMMIT")
    await written(store)
    await store.close()
    assert rows(tmp_path / "a.db") == [(NUMBER, "ru"), ("101", "uk")]


async def test_the_journal_and_the_languages_make_one_new_file_together(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    store = open_caller_languages(url)
    journal = await open_journal(url, tmp_path / "spool")
    store.remember(NUMBER, "ru")
    await journal.load()
    await written(store)
    await journal.close()
    await store.close()
    assert rows(tmp_path / "a.db") == [(NUMBER, "ru")]
    assert (tmp_path / "a.db").stat().st_mode & 0o077 == 0


async def test_a_database_that_cannot_be_made_costs_the_memory_only(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = open_caller_languages(f"sqlite:///{tmp_path}/file/a.db")
    assert await asked_quickly(store, NUMBER) is None
    store.remember(NUMBER, "ru")
    assert await asked_quickly(store, NUMBER) == "ru"
    started = time.monotonic()
    await store.close()
    assert time.monotonic() - started < 10
    store.remember("102", "uk")
    assert store.waiting == 1, "closed"


async def test_a_postgresql_that_is_away_gets_it_later(server: Postgres) -> None:
    url = await asyncio.to_thread(server.create, "away")
    store = open_caller_languages(url)
    store.remember("101", "uk")
    await written(store)
    server.stop()
    assert await asked_quickly(store, "101") is None
    store.remember(NUMBER, "ru")
    store.remember("101", "en")
    assert await asked_quickly(store, "101") == "en"
    server.start()
    await written(store)
    assert await store.language_of("101", 20) == "en"
    assert await store.language_of(NUMBER, 20) == "ru"
    await store.close()


async def test_a_frozen_postgresql_delays_nobody(server: Postgres) -> None:
    url = await asyncio.to_thread(server.create, "frozen")
    store = open_caller_languages(url, CallerLanguageSettings(close_for=0.2))
    store.remember("101", "uk")
    await written(store)
    server.send(signal.SIGSTOP)
    try:
        answers = await asyncio.gather(*(asked_quickly(store, "101") for _ in range(50)))
        assert set(answers) == {None}
        store.remember(NUMBER, "ru")
        assert await asked_quickly(store, NUMBER) == "ru"
        started = time.monotonic()
        await store.close()
        assert time.monotonic() - started < 10
    finally:
        server.send(signal.SIGCONT)


async def test_many_calls_at_once_all_get_their_language(tmp_path: Path) -> None:
    store = open_caller_languages(f"sqlite:///{tmp_path}/a.db")
    store.remember(NUMBER, "ru")
    await written(store)
    assert set(await asyncio.gather(*(store.language_of(NUMBER, 20) for _ in range(200)))) == {"ru"}
    await store.close()


async def test_a_caller_who_leaves_while_asking_disturbs_nothing(tmp_path: Path) -> None:
    store = open_caller_languages(f"sqlite:///{tmp_path}/a.db")
    asking = asyncio.create_task(store.language_of(NUMBER, 20))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    store.remember(NUMBER, "ru")
    await written(store)
    assert await store.language_of(NUMBER, 20) == "ru"
    await store.close()


async def test_memory_is_bounded_and_the_oldest_go(tmp_path: Path) -> None:
    settings = CallerLanguageSettings(held_limit=10, close_for=30)
    store = open_caller_languages(f"sqlite:///{tmp_path}/a.db", settings)
    for extension in range(100, 115):
        store.remember(str(extension), "uk")
    store.remember("105", "ru")
    assert (store.waiting, store.lost) == (10, 5)
    await store.close()
    assert rows(tmp_path / "a.db") == [
        (str(extension), "ru" if extension == 105 else "uk") for extension in range(105, 115)
    ]


async def test_old_rows_are_removed(tmp_path: Path) -> None:
    url, clock = f"sqlite:///{tmp_path}/a.db", [1_700_000_000.0]
    settings = CallerLanguageSettings(kept_days=30, purge_every=0.05)
    store = open_caller_languages(url, settings, now=lambda: clock[0])
    store.remember("101", "uk")
    await written(store)
    clock[0] += 29 * DAY
    store.remember("102", "ru")
    await written(store)
    assert rows(tmp_path / "a.db") == [("101", "uk"), ("102", "ru")]
    clock[0] += 2 * DAY
    await eventually(lambda: rows(tmp_path / "a.db") == [("102", "ru")])
    await store.close()


async def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    store = open_caller_languages(url)
    store.remember("101", "uk")
    await written(store)
    await store.close()
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    with capture_logs() as logs:
        store = open_caller_languages(url)
        store.remember(NUMBER, "uk")
        await eventually(lambda: logs)
        assert await asked_quickly(store, "101") is None
        await store.close()
    assert "start the newer version" in logs[0]["why"]
    assert rows(tmp_path / "a.db") == [("101", "uk")]


async def test_numbers_stand_in_no_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    store = open_caller_languages(url)
    store.remember("101", "uk")
    await written(store)
    await store.close()
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("DROP TABLE caller_languages")
    with capture_logs() as logs:
        store = open_caller_languages(url, CallerLanguageSettings(close_for=0.1))
        assert await store.language_of(NUMBER, 20) is None
        store.remember(NUMBER, "ru")
        await eventually(lambda: len(logs) >= 2)
        await store.close()
    assert logs
    assert not any("1234567" in str(entry) for entry in logs)


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="use sqlite or postgresql"):
        open_caller_languages("mysql://root@localhost/x")
