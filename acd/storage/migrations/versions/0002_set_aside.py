"""A place for facts after a hole; reports by operator."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_index("facts_by_operator", "facts", ["operator", "at"])
    op.create_table(
        "facts_set_aside",
        sa.Column("id", SEQ, primary_key=True),
        sa.Column("set_aside_at", sa.Float(53), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("call", sa.String(255)),
        sa.Column("operator", sa.String(255)),
        sa.Column("queue", sa.String(255)),
        sa.Column("offer", sa.BigInteger),
        sa.Column("body", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("facts_set_aside")
    op.drop_index("facts_by_operator", "facts")
