"""The tables, as they are after the newest migration."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table, Text

from acd.core.callers import LONGEST_LANGUAGE, LONGEST_NUMBER
from acd.storage.rows import COLUMN_LENGTH

metadata = MetaData()

SEQ = BigInteger().with_variant(Integer, "sqlite")
"""SQLite makes only an INTEGER primary key the row's own number."""


def _fact_columns() -> list[Column[object]]:
    return [
        Column("at", Float(53), nullable=False),
        Column("kind", String(64), nullable=False),
        Column("call", String(COLUMN_LENGTH)),
        Column("operator", String(COLUMN_LENGTH)),
        Column("queue", String(COLUMN_LENGTH)),
        Column("offer", BigInteger),
        Column("body", Text, nullable=False),
    ]


facts = Table(
    "facts",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    *_fact_columns(),
    Index("facts_by_time", "at", "seq"),
    Index("facts_by_call", "call", "seq"),
    Index("facts_by_kind", "kind", "at"),
    Index("facts_by_operator", "operator", "at"),
)
"""The journal. `at` in seconds since the epoch; `body` is the whole fact as JSON text (SQLite:
`json_extract(body, '$.waited_for')`, PostgreSQL: `body::json ->> 'waited_for'`)."""

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
)

facts_set_aside = Table(
    "facts_set_aside",
    metadata,
    Column("id", SEQ, primary_key=True),
    Column("set_aside_at", Float(53), nullable=False),
    Column("seq", BigInteger, nullable=False),
    *_fact_columns(),
)
"""Facts that left the history: they came after a hole, or the journal went on from before them."""

caller_languages = Table(
    "caller_languages",
    metadata,
    Column("number", String(LONGEST_NUMBER), primary_key=True),
    Column("language", String(LONGEST_LANGUAGE), nullable=False),
    Column("chosen_at", Float(53), nullable=False),
    Index("caller_languages_by_time", "chosen_at"),
)
"""One row per number: the language chosen last, and when, in seconds since the epoch."""
