"""Dossiers, their kinds, applicants and events; handover requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dossiers.models import LocalTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dossier_kinds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("procedure_code", sa.String(40), nullable=False),
        sa.Column("procedure_name", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.UniqueConstraint(
            "procedure_code", "procedure_name", "field", "agency", "department", name="uq_dossier_kinds"
        ),
    )
    op.create_table(
        "dossiers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(40), nullable=False, unique=True),
        sa.Column("kind_id", sa.Integer, sa.ForeignKey("dossier_kinds.id"), nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("status_since", LocalTime, nullable=False),
        sa.Column("received_at", LocalTime),
        sa.Column("due_at", LocalTime),
        sa.Column("new_due_at", LocalTime),
        sa.Column("finished_at", LocalTime),
        sa.Column("returned_at", LocalTime),
        sa.Column("closed_at", LocalTime),
        sa.Column("updated_at", LocalTime, nullable=False),
        sa.Column("channel", sa.SmallInteger),
        sa.Column("return_channel", sa.SmallInteger),
        sa.Column("applicant_kind", sa.SmallInteger),
        sa.Column("paid", sa.SmallInteger),
        sa.Column("late_reason", sa.Text),
        sa.Column("missing_papers", sa.Text),
    )
    op.create_index(
        "ix_dossiers_report",
        "dossiers",
        ["closed_at", "received_at", "due_at", "new_due_at", "kind_id", "channel", "return_channel"],
    )
    op.create_index("ix_dossiers_received", "dossiers", ["received_at"])
    op.create_index("ix_dossiers_status", "dossiers", ["status", "received_at"])
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_dossiers_open_due", "dossiers", ["due_at"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "applicants",
        sa.Column(
            "dossier_id",
            sa.Integer,
            sa.ForeignKey("dossiers.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("name", sa.Text),
        sa.Column("phone", sa.String(32)),
        sa.Column("personal_number", sa.String(32)),
        sa.Column("address", sa.Text),
    )
    op.create_table(
        "dossier_events",
        sa.Column(
            "dossier_id",
            sa.Integer,
            sa.ForeignKey("dossiers.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("at", LocalTime, primary_key=True),
        sa.Column("status", sa.SmallInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "handover_requests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("contact", sa.String(200)),
        sa.Column("created_at", LocalTime, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
    )
    op.create_index("ix_handover_requests_state", "handover_requests", ["state", "created_at"])
    op.create_index("ix_handover_requests_conversation", "handover_requests", ["conversation"])
