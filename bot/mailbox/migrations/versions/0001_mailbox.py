"""Conversations, inbox, outbox, switches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_OPEN_INBOX = sa.text("state IN ('waiting', 'taken')")
_OPEN_OUTBOX = sa.text("state IN ('waiting', 'sending', 'failed')")


def _index(name: str, table: str, columns: list[str], where: sa.TextClause | str | None = None) -> None:
    clause = sa.text(f"{where} IS NOT NULL") if isinstance(where, str) else where
    only = {} if clause is None else {"sqlite_where": clause, "postgresql_where": clause}
    op.create_index(name, table, columns, **only)


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(160), primary_key=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("first_seen", sa.Double, nullable=False),
        sa.Column("last_seen", sa.Double, nullable=False),
        sa.Column("notice_at", sa.Double),
        sa.Column("silent_until", sa.Double),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("blocked", sa.Boolean, nullable=False),
        sa.Column("due_at", sa.Double),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("home", sa.String(32)),
        sa.Column("lease_owner", sa.String(32)),
        sa.Column("lease_until", sa.Double),
    )
    _index("ix_conversations_due", "conversations", ["due_at"], "due_at")
    _index("ix_conversations_lease", "conversations", ["lease_until"], "lease_until")
    op.create_table(
        "inbox",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("conversation", sa.String(160), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("platform_message_id", sa.String(200), nullable=False),
        sa.Column("received_at", sa.Double, nullable=False),
        sa.Column("accepted_at", sa.Double, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("lease", sa.String(32)),
        sa.Column("done_at", sa.Double),
        sa.Column("understood", sa.Text),
        sa.Column("repeats", sa.Integer, nullable=False),
        sa.UniqueConstraint("channel", "platform_message_id", name="uq_inbox_platform_message"),
        sqlite_autoincrement=True,
    )
    _index("ix_inbox_conversation", "inbox", ["conversation", "id"])
    _index("ix_inbox_open", "inbox", ["conversation", "id"], _OPEN_INBOX)
    _index("ix_inbox_accepted", "inbox", ["accepted_at"])
    op.create_table(
        "outbox",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("conversation", sa.String(160), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("inbox_id", _KEY),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("doubts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.Double, nullable=False),
        sa.Column("lease_owner", sa.String(32)),
        sa.Column("lease_until", sa.Double),
        sa.Column("sent_at", sa.Double),
        sa.Column("platform_ids", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    _index("ix_outbox_conversation", "outbox", ["conversation", "id"])
    _index("ix_outbox_open", "outbox", ["conversation", "id"], _OPEN_OUTBOX)
    _index("ix_outbox_due", "outbox", ["channel", "next_attempt_at"], _OPEN_OUTBOX)
    _index("ix_outbox_inbox", "outbox", ["inbox_id"], "inbox_id")
    _index("ix_outbox_created", "outbox", ["created_at"])
    op.create_table(
        "mailbox_switches",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
