"""The ledger of promises, and the facts of a work item by its number."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")
OF_WORK = sa.text("work IS NOT NULL")


def upgrade() -> None:
    op.add_column("facts", sa.Column("work", sa.BigInteger))
    op.add_column("facts_set_aside", sa.Column("work", sa.BigInteger))
    op.create_index("facts_by_work", "facts", ["work", "seq"], sqlite_where=OF_WORK, postgresql_where=OF_WORK)
    op.create_table(
        "promises",
        sa.Column("work", SEQ, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("queue", sa.String(255), nullable=False),
        sa.Column("caller", sa.String(255), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("made_at", sa.Float(53), nullable=False),
        sa.Column("due_at", sa.Float(53), nullable=False),
        sa.Column("decided_at", sa.Float(53)),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("promises_by_due", "promises", ["is_open", "due_at", "work"])
    op.create_index("promises_by_time", "promises", ["made_at", "queue", "kind", "outcome", "is_open"])
    op.create_index("promises_by_decision", "promises", ["decided_at", "queue", "kind", "outcome", "is_open"])


def downgrade() -> None:
    op.drop_table("promises")
    op.drop_index("facts_by_work", "facts")
    op.drop_column("facts_set_aside", "work")
    op.drop_column("facts", "work")
