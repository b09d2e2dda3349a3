"""Brings a database to this version's schema: Alembic, run in a thread with a loop of its own."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.pool import NullPool

from acd.storage.engine import make_private_file, new_engine
from acd.storage.errors import NewerDatabase

_SCRIPTS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 0x647A76696E  # "dzvin": two servers that start at once must not migrate at once


async def migrate(url: str, to: str = "head") -> None:
    """Raises NewerDatabase; SQLAlchemyError or OSError where the database does not answer."""
    await asyncio.to_thread(_migrate_in_thread, url, to)


def _migrate_in_thread(url: str, to: str) -> None:
    make_private_file(url)
    asyncio.run(_migrate(url, to))


async def _migrate(url: str, to: str) -> None:
    engine = new_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, to)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
    if _needs_upgrade(connection, config, to):
        command.upgrade(config, to)


def _needs_upgrade(connection: Connection, config: Config, to: str) -> bool:
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise NewerDatabase(current)
    return current != (scripts.get_current_head() if to == "head" else to)
