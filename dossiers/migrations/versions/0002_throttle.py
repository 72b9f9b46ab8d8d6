"""Attempts at second proofs, counted by window."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dossiers.models import LocalTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "throttle_windows",
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("began_at", LocalTime, primary_key=True),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
