"""The languages that callers chose."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "caller_languages",
        sa.Column("number", sa.String(64), primary_key=True),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("chosen_at", sa.Float(53), nullable=False),
    )
    op.create_index("caller_languages_by_time", "caller_languages", ["chosen_at"])


def downgrade() -> None:
    op.drop_table("caller_languages")
