"""Brings a database to this version's schema: Alembic, run in a thread with a loop of its own."""

import asyncio
import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.pool import NullPool

from acd.storage.engine import make_private_file, new_engine
from acd.storage.errors import NewerDatabase

NEWEST = "0004"
"""The newest script's revision: a database that has it needs no Alembic, whose import takes a while."""
_SCRIPTS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 0x647A76696E  # "dzvin": two servers that start at once must not migrate at once
_ONE_IN_THIS_PROCESS = threading.Lock()
"""The journal and the callers' languages are often in one SQLite file, which has no such lock."""


async def migrate(url: str, to: str = "head") -> None:
    """Raises NewerDatabase; SQLAlchemyError or OSError where the database does not answer."""
    await asyncio.to_thread(_migrate_in_thread, url, to)


def _migrate_in_thread(url: str, to: str) -> None:
    make_private_file(url)
    with _ONE_IN_THIS_PROCESS:
        asyncio.run(_migrate(url, to))


async def _migrate(url: str, to: str) -> None:
    engine = new_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, to)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, to: str) -> None:
    if to == "head" and _revision(connection) == NEWEST:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
    _run_scripts(connection, to)


def _revision(connection: Connection) -> str | None:
    """As Alembic wrote it down; None in an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _run_scripts(connection: Connection, to: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    current = _revision(connection)
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerDatabase(current)
    if current != (scripts.get_current_head() if to == "head" else to):
        command.upgrade(config, to)
