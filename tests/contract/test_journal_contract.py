"""Every journal passes the core's own checks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from acd.core.facts import Record
from acd.core.ports import Checkpoint, Journal
from acd.core.testing import MemoryJournal, check_journal
from acd.storage import JournalSettings, SqlJournal
from acd.storage.spool import Spool, SpoolLimits
from tests.postgres import postgres


def maker(url: str, folder: Path, settings: JournalSettings) -> Callable[[], Journal]:
    return lambda: SqlJournal(url, Spool(folder, settings.spool), settings)


async def test_memory() -> None:
    shelf: list[Record | Checkpoint] = []
    await check_journal(lambda: MemoryJournal(shelf))


@pytest.mark.parametrize("spool_bytes", [1 << 30, 400])
async def test_sqlite(tmp_path: Path, spool_bytes: int) -> None:
    """Also with a spool that takes hardly anything: then it is the database alone."""
    settings = JournalSettings(spool=SpoolLimits(total=spool_bytes, segment=100), patience=20, close_for=20)
    await check_journal(maker(f"sqlite:///{tmp_path}/journal.db", tmp_path / "spool", settings))


async def test_postgresql(tmp_path: Path) -> None:
    settings = JournalSettings(patience=20, close_for=20)
    with postgres() as server:
        await check_journal(maker(server.create("journal"), tmp_path / "spool", settings))
