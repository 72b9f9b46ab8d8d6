"""Accounts, sessions, audit; cases, notes; questions, ratings, feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_OPEN = sa.text("state IN ('waiting', 'claimed')")


def _person(ondelete: str, nullable: bool) -> sa.Column:
    key = sa.ForeignKey("desk_people.id", ondelete=ondelete)
    return sa.Column("person_id", sa.Integer, key, nullable=nullable)


def _case(ondelete: str, nullable: bool) -> sa.Column:
    return sa.Column(
        "case_id", sa.Integer, sa.ForeignKey("desk_cases.id", ondelete=ondelete), nullable=nullable
    )


def _request() -> sa.Column:
    key = sa.ForeignKey("handover_requests.id", ondelete="CASCADE")
    return sa.Column("id", sa.Integer, key, primary_key=True, autoincrement=False)


def _conversation(ondelete: str) -> sa.Column:
    return sa.Column("conversation", sa.String(160), sa.ForeignKey("conversations.id", ondelete=ondelete))


def upgrade() -> None:
    _accounts()
    _cases()
    _learning()


def _accounts() -> None:
    op.create_table(
        "desk_people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("login", sa.String(60), nullable=False, unique=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("invitation", sa.String(64), unique=True),
        sa.Column("invited_until", sa.Double),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
    )
    op.create_table(
        "desk_sessions",
        sa.Column("token", sa.String(64), primary_key=True),
        _person("CASCADE", nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("seen_at", sa.Double, nullable=False),
    )
    op.create_index("ix_desk_sessions_person_id", "desk_sessions", ["person_id"])
    op.create_table(
        "desk_attempts",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("since", sa.Double, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "desk_audit",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.Column("person", sa.String(60), nullable=False),
        sa.Column("act", sa.String(30), nullable=False),
        sa.Column("target", sa.String(160), nullable=False),
        sa.Column("detail", sa.Text),
    )
    op.create_index("ix_desk_audit_at", "desk_audit", ["at"])


def _cases() -> None:
    op.create_table(
        "desk_cases",
        _request(),
        sa.Column("conversation", sa.String(160), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("opened_at", sa.Double, nullable=False),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("desk_people.id", ondelete="SET NULL")),
        sa.Column("claimed_at", sa.Double),
        sa.Column("answered_at", sa.Double),
        sa.Column("active_at", sa.Double, nullable=False),
        sa.Column("promised_at", sa.Double),
        sa.Column("kept", sa.Boolean),
        sa.Column("closed_at", sa.Double),
        sa.Column("close_reason", sa.String(30)),
        sa.Column("contact", sa.String(40)),
        sa.Column("asked", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_desk_cases_state", "desk_cases", ["state", "opened_at"])
    op.create_index("ix_desk_cases_conversation", "desk_cases", ["conversation", "id"])
    op.create_index("ix_desk_cases_opened", "desk_cases", ["opened_at"])
    only = {"sqlite_where": _OPEN, "postgresql_where": _OPEN}
    op.create_index("uq_desk_cases_open", "desk_cases", ["conversation"], unique=True, **only)
    op.create_table(
        "desk_sayings",
        sa.Column("key", sa.String(64), primary_key=True),
        _case("CASCADE", nullable=False),
        _person("SET NULL", nullable=True),
        sa.Column("letter_id", _KEY),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_index("ix_desk_sayings_case_id", "desk_sayings", ["case_id"])
    op.create_table(
        "desk_notes",
        sa.Column("id", _KEY, primary_key=True),
        _case("CASCADE", nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("person", sa.String(60), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_desk_notes_case_id", "desk_notes", ["case_id"])


def _learning() -> None:
    op.create_table(
        "desk_questions",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("plain", sa.Text, nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("asked_at", sa.Double, nullable=False),
        sa.Column("understood", sa.Text),
        _conversation("CASCADE"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("verdict", sa.String(20)),
        sa.Column("procedure", sa.String(80)),
        sa.Column("aspects", sa.Text),
        sa.Column("labelled_by", sa.String(60)),
        sa.Column("labelled_at", sa.Double),
        sa.Column("approved_by", sa.String(60)),
        sa.Column("approved_at", sa.Double),
    )
    op.create_index("ix_desk_questions_state", "desk_questions", ["state", "asked_at"])
    op.create_index("ix_desk_questions_conversation", "desk_questions", ["conversation"])
    op.create_table(
        "desk_ratings",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("stars", sa.Integer, nullable=False),
        sa.Column("about", sa.String(10), nullable=False),
        _case("SET NULL", nullable=True),
        _conversation("SET NULL"),
        sa.Column("reason", sa.Text),
    )
    op.create_index("ix_desk_ratings_at", "desk_ratings", ["at"])
    op.create_index("ix_desk_ratings_case", "desk_ratings", ["case_id"])
    op.create_index("ix_desk_ratings_conversation", "desk_ratings", ["conversation", "at"])
    op.create_table(
        "desk_asked",
        sa.Column(
            "conversation",
            sa.String(160),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_table(
        "desk_feedback",
        _request(),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("conversation", sa.String(160), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("category", sa.String(30)),
        sa.Column("answered_at", sa.Double),
        sa.Column("answered_by", sa.String(60)),
    )
    op.create_index("ix_desk_feedback_state", "desk_feedback", ["state", "id"])
