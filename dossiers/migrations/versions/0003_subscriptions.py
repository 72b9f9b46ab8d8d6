"""Who wants to be told of changes, who was let see more, and the causes of late dossiers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dossiers.models import LocalTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dossier_subscriptions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("consented_at", LocalTime, nullable=False),
        sa.Column("told_status", sa.SmallInteger, nullable=False),
        sa.Column("told_new_due_at", LocalTime),
        sa.Column("told_at", LocalTime, nullable=False),
        sa.Column("ended_at", LocalTime),
        sa.Column("ended_by", sa.String(10)),
        sa.UniqueConstraint("conversation", "code", name="uq_dossier_subscriptions"),
    )
    active = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_dossier_subscriptions_active",
        "dossier_subscriptions",
        ["code"],
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_table(
        "dossier_accesses",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", LocalTime, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
    )
    op.create_index("ix_dossier_accesses_code", "dossier_accesses", ["code", "at"])
    has_reason = sa.text("late_reason IS NOT NULL")
    op.create_index(
        "ix_dossiers_late_reason",
        "dossiers",
        ["closed_at"],
        sqlite_where=has_reason,
        postgresql_where=has_reason,
    )
