"""The topics of a Telegram group, one a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "desk_topics",
        sa.Column("case_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("thread_id", _KEY, unique=True),
        sa.Column("inbox_id", _KEY, nullable=False),
        sa.Column("outbox_id", _KEY, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("owner_id", sa.Integer),
    )
