"""The journal and its checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("call", sa.String(255)),
        sa.Column("operator", sa.String(255)),
        sa.Column("queue", sa.String(255)),
        sa.Column("offer", sa.BigInteger),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("facts_by_time", "facts", ["at", "seq"])
    op.create_index("facts_by_call", "facts", ["call", "seq"])
    op.create_index("facts_by_kind", "facts", ["kind", "at"])
    op.create_table(
        "checkpoints",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("checkpoints")
    op.drop_table("facts")
