"""Feedback: the place it is about, and pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_feedback", sa.Column("place", sa.Text))
    op.add_column("desk_feedback", sa.Column("files", sa.Text))
