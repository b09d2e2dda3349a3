"""One way to open either database."""

from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

BUSY_FOR = 2.0
"""Seconds a statement waits for SQLite's lock before it fails and is tried again."""
CONNECT_FOR = 5.0
STATEMENT_FOR = 30.0
"""Seconds for PostgreSQL to connect, and to answer a statement; then it counts as absent."""

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}


def new_engine(url: str, **options: Any) -> AsyncEngine:
    """`sqlite:///path` or `postgresql://user:password@host/name`; ValueError for anything else.

    Host may be a folder of a Unix socket: `postgresql://user@/name?host=/run/postgresql`.
    """
    parsed = make_url(url)
    kind = parsed.drivername.partition("+")[0]
    if kind not in _DRIVERS:
        raise ValueError(f"a database of kind {kind!r} is not supported: use sqlite or postgresql")
    parsed = parsed.set(drivername=_DRIVERS[kind])
    if kind == "sqlite":
        engine = create_async_engine(parsed, connect_args={"timeout": BUSY_FOR}, **options)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        return engine
    arguments = {"timeout": CONNECT_FOR, "command_timeout": STATEMENT_FOR}
    return create_async_engine(parsed, connect_args=arguments, **options)


def make_private_file(url: str) -> None:
    """SQLite's file holds callers' numbers: made for its owner alone, where it is not there yet."""
    parsed = make_url(url)
    if parsed.drivername.startswith("sqlite") and parsed.database and parsed.database != ":memory:":
        path = Path(parsed.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)


def is_missing(url: str) -> bool:
    """Whether an SQLite file is not there; opening it would make an empty one."""
    parsed = make_url(url)
    is_file = parsed.drivername.startswith("sqlite") and parsed.database not in {None, "", ":memory:"}
    return is_file and not Path(str(parsed.database)).exists()


def shown(url: str) -> str:
    """For messages and logs: without the password."""
    return make_url(url).render_as_string(hide_password=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
