"""The tables, as they are after the newest migration."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

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
        Column("work", BigInteger),
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
OF_WORK = facts.c.work.is_not(None)
Index("facts_by_work", facts.c.work, facts.c.seq, sqlite_where=OF_WORK, postgresql_where=OF_WORK)
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

promises = Table(
    "promises",
    metadata,
    Column("work", SEQ, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("queue", String(COLUMN_LENGTH), nullable=False),
    Column("caller", String(COLUMN_LENGTH), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("made_at", Float(53), nullable=False),
    Column("due_at", Float(53), nullable=False),
    Column("decided_at", Float(53)),
    Column("body", Text, nullable=False),
    Index("promises_by_due", "is_open", "due_at", "work"),
    Index("promises_by_time", "made_at", "queue", "kind", "outcome", "is_open"),
    Index("promises_by_decision", "decided_at", "queue", "kind", "outcome", "is_open"),
)
"""The ledger: one row for each work item, folded from its facts up to `seq` in the transaction that stores
them. `body` is the whole `acd.core.promise.Promise` as JSON text; the other columns repeat what queries look
for. A row goes when its item is closed, long enough, and its last fact is purged."""
