"""The database is locked, away, frozen, behind a full disk: facts are taken at once and written later."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from acd.core.ports import Checkpoint
from acd.storage import HistoryUnknown, JournalSettings, SpoolLimits, SqlJournal, open_journal, open_reader
from tests.eventually import eventually
from tests.machine import stood_still
from tests.postgres import Postgres, postgres
from tests.real import need
from tests.storage_writer import last_seq, record, records

HURRIED = JournalSettings(patience=0.5, first_patience=15.0, close_for=0.2)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


async def opened(url: str, folder: Path, settings: JournalSettings = HURRIED) -> tuple[SqlJournal, int]:
    journal = await open_journal(url, folder, settings)
    return journal, last_seq(await journal.load())


async def stored(url: str, tmp_path: Path) -> list[int]:
    """What the database alone holds."""
    reader = open_reader(url, tmp_path / "no such spool")
    found = [found.seq async for found in reader.facts_between(0.0, float("inf"))]
    await reader.close()
    return found


async def test_a_locked_sqlite_delays_nobody(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    journal, _ = await opened(url, tmp_path / "spool")
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for seq in range(1, 1001):
            journal.append([record(seq)])
        assert journal.backlog == 1000  # append returned, and the lock is still held
        await eventually(lambda: journal.database_away_since is not None, what="the lock is noticed")
        reader = open_reader(url, tmp_path / "spool")
        assert len([found async for found in reader.facts_between(0, 2000)]) == 1000, "reports see the spool"
        await reader.close()
        other.execute("COMMIT")
    await eventually(lambda: journal.backlog == 0)
    assert journal.database_away_since is None
    await journal.close()
    assert await stored(url, tmp_path) == list(range(1, 1001))


async def test_the_loop_runs_on_while_sqlite_is_locked(tmp_path: Path) -> None:
    journal, _ = await opened(f"sqlite:///{tmp_path}/journal.db", tmp_path / "spool")
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        journal.append(records(1, 100))
        longest = 0.0
        before = time.monotonic()
        while journal.database_away_since is None:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            longest, before = max(longest, now - before - stood_still(before, now)), now
        assert longest < 1.8, "the wait for the lock (2 s) must not be on the loop"
        other.execute("COMMIT")
    await eventually(lambda: journal.backlog == 0)
    await journal.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_postgresql_stopped_and_started_again(
    server: Postgres, tmp_path: Path, how: signal.Signals
) -> None:
    url = await asyncio.to_thread(server.create, f"stopped_{how.value}")
    journal, _ = await opened(url, tmp_path / "spool")
    journal.append(records(1, 100))
    await eventually(lambda: journal.backlog == 0)
    await asyncio.to_thread(server.stop, how)
    try:
        journal.append(records(101, 2000))
        await eventually(lambda: journal.database_away_since is not None)
        assert journal.backlog == 1900
    finally:
        await asyncio.to_thread(server.start)
    journal.append(records(2001, 2100))
    await eventually(lambda: journal.backlog == 0, within=20)
    await journal.close()
    assert await stored(url, tmp_path) == list(range(1, 2101))


async def test_a_frozen_postgresql_at_start_and_a_start_without_it(server: Postgres, tmp_path: Path) -> None:
    url = await asyncio.to_thread(server.create, "frozen")
    journal, _ = await opened(url, tmp_path / "spool")
    journal.append(records(1, 50))
    journal.keep_checkpoint(Checkpoint(30, {"who": "ольга"}))
    await eventually(lambda: journal.backlog == 0)
    await journal.close()
    server.send(signal.SIGSTOP)
    try:
        journal = await open_journal(url, tmp_path / "spool", HURRIED)
        began = time.monotonic()
        history = await journal.load()
        assert time.monotonic() - began < 4.5, "the callers are waiting"
        assert history.checkpoint == Checkpoint(30, {"who": "ольга"})
        assert list(history.records) == records(31, 50)
        journal.append(records(51, 60))
        await journal.close()
    finally:
        server.send(signal.SIGCONT)
    journal, last = await opened(url, tmp_path / "spool", JournalSettings(patience=20, close_for=20))
    assert last == 60
    await journal.close()
    assert await stored(url, tmp_path) == list(range(1, 61))


async def test_without_database_and_without_history_the_refusal_is_clear(tmp_path: Path) -> None:
    settings = JournalSettings(first_patience=0.5, close_for=0.2)
    journal = await open_journal("postgresql://u:hidden@127.0.0.1:1/none", tmp_path / "spool", settings)
    with pytest.raises(HistoryUnknown, match="does not answer") as refusal:
        await journal.load()
    assert "hidden" not in str(refusal.value)
    await journal.close()


async def test_a_lost_spool_is_made_up_by_the_database(server: Postgres, tmp_path: Path) -> None:
    url = await asyncio.to_thread(server.create, "lost_spool")
    journal, _ = await opened(url, tmp_path / "old", JournalSettings(close_for=20))
    journal.append(records(1, 2500))
    journal.keep_checkpoint(Checkpoint(100, {"a": 1}))
    await journal.close()
    journal = await open_journal(url, tmp_path / "new")
    history = await journal.load()
    assert history.checkpoint == Checkpoint(100, {"a": 1})
    assert list(history.records) == records(101, 2500)
    await journal.close()


async def test_a_full_spool_disk_sends_facts_through_memory(tmp_path: Path) -> None:
    """The limit stands for the disk: the same OSError comes from both."""
    url = f"sqlite:///{tmp_path}/journal.db"
    settings = JournalSettings(spool=SpoolLimits(total=5_000), close_for=20)
    journal, _ = await opened(url, tmp_path / "spool", settings)
    for seq in range(1, 501):
        journal.append([record(seq)])
    assert journal.held > 0
    assert journal.lost == 0
    await eventually(lambda: journal.backlog == 0 and journal.held == 0)
    await journal.close()
    assert await stored(url, tmp_path) == list(range(1, 501))


async def test_beyond_every_bound_facts_are_counted_as_lost_and_a_checkpoint_bridges_them(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    settings = JournalSettings(spool=SpoolLimits(total=5_000), held_limit=100, close_for=20)
    journal, _ = await opened(url, tmp_path / "spool", settings)
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for seq in range(1, 501):
            journal.append([record(seq)])
        assert journal.held == 100
        lost = journal.lost
        assert lost > 0
        other.execute("COMMIT")
    await eventually(lambda: journal.backlog == 0, within=20)
    journal.keep_checkpoint(Checkpoint(450, {"whole": True}))
    await journal.close()
    kept = await stored(url, tmp_path)
    assert kept == sorted(set(kept))
    assert len(kept) == 500 - lost
    journal = await open_journal(url, tmp_path / "spool")
    history = await journal.load()
    assert history.checkpoint == Checkpoint(450, {"whole": True})
    assert list(history.records) == records(451, 500)
    await journal.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
async def test_a_really_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = [need("mount", "/bin"), "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)]
    subprocess.run(mount, check=True)  # noqa: ASYNC221
    try:
        await fill_and_free(disk)
    finally:
        subprocess.run([need("umount", "/bin"), str(disk)], check=True)  # noqa: ASYNC221


async def fill_and_free(disk: Path) -> None:
    """Database and spool are on the same disk, as with the defaults."""
    url = f"sqlite:///{disk}/journal.db"
    journal, _ = await opened(url, disk / "spool", JournalSettings(patience=5, close_for=20))
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * 300_000)
    for seq in range(1, 3001):
        journal.append([record(seq)])
        if seq % 50 == 0:
            await asyncio.sleep(0)
    assert journal.held > 0
    ballast.unlink()
    await grow(disk)
    await eventually(lambda: journal.backlog == 0 and journal.held == 0, within=20)
    assert journal.lost == 0
    assert [found.seq async for found in journal.facts_between(0, 1e9)] == list(range(1, 3001))
    await journal.close()


async def grow(disk: Path) -> None:
    command = [need("mount", "/bin"), "-o", "remount,size=20m", str(disk)]
    await asyncio.to_thread(subprocess.run, command, check=True)


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys, pathlib\n"
        "from acd.storage import open_journal, FolderInUse\n"
        "async def main():\n"
        "    try:\n"
        f"        await open_journal('sqlite:///{tmp_path}/j.db', pathlib.Path('{tmp_path}/spool'))\n"
        "    except FolderInUse as refusal:\n"
        "        print(refusal)\n"
        "asyncio.run(main())\n"
    )

    async def first() -> str:
        journal = await open_journal(f"sqlite:///{tmp_path}/j.db", tmp_path / "spool")
        command = [sys.executable, "-c", program]
        second = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
        await journal.close()
        return str(second.stdout)

    assert "in use by another running server" in asyncio.run(first())
