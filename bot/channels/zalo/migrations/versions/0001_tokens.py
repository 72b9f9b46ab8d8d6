"""The table of tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "zalo_tokens",
        sa.Column("app_id", sa.String(40), primary_key=True),
        sa.Column("access_token", sa.Text, nullable=False),
        sa.Column("refresh_token", sa.Text, nullable=False),
        sa.Column("obtained_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("settings_digest", sa.String(64), nullable=False),
        sa.Column("lock_owner", sa.String(32)),
        sa.Column("lock_until", sa.Double),
        sa.Column("failure", sa.String(200)),
        sa.Column("failed_at", sa.Double),
        sa.Column("failures", sa.Integer, nullable=False),
    )
