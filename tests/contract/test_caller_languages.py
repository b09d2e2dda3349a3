"""Every memory of callers' languages passes the core's own checks."""

from pathlib import Path

from acd.core.testing import MemoryCallerLanguages, check_caller_languages
from acd.storage import CallerLanguageSettings, open_caller_languages
from tests.postgres import postgres

PATIENT = CallerLanguageSettings(close_for=20)


async def test_memory() -> None:
    shelf: dict[str, tuple[str, float]] = {}
    await check_caller_languages(lambda now: MemoryCallerLanguages(shelf, now=now))


async def test_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    await check_caller_languages(lambda now: open_caller_languages(url, PATIENT, now=now))


async def test_postgresql() -> None:
    with postgres() as server:
        url = server.create("callers")
        await check_caller_languages(lambda now: open_caller_languages(url, PATIENT, now=now))
