"""The tables of the mailbox. Times are seconds since 1970 (UTC), as the database's machine counts them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

LONGEST_CONVERSATION = 160
LONGEST_PLATFORM_ID = 200

# What is still to be done; the rest of a table is history until the purge.
OPEN_INBOX = ("waiting", "taken")
OPEN_OUTBOX = ("waiting", "sending", "failed")

# SQLite numbers its rows by itself only where the key is plainly INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")


class Json(TypeDecorator[Any]):
    """A JSON value as text that people can read; what UTF-8 cannot hold becomes ``?``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace").decode("utf-8")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def _only(states: tuple[str, ...]) -> dict[str, Any]:
    """Index options: only rows in these states are in it."""
    where = text(f"state IN ({', '.join(repr(state) for state in states)})")
    return {"sqlite_where": where, "postgresql_where": where}


def _given(column: str) -> dict[str, Any]:
    where = text(f"{column} IS NOT NULL")
    return {"sqlite_where": where, "postgresql_where": where}


metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(LONGEST_CONVERSATION), primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("first_seen", Double, nullable=False),
    # The person's last act: platforms count their sending windows from it.
    Column("last_seen", Double, nullable=False),
    # When the first-contact notice was put into the outbox.
    Column("notice_at", Double),
    # Somebody else answers: until then, or until taken back.
    Column("silent_until", Double),
    Column("paused", Boolean, nullable=False),
    # The person blocked us: nothing is sent until they write again.
    Column("blocked", Boolean, nullable=False),
    # When to look at the waiting rows next; null: none waits.
    Column("due_at", Double),
    # How often in a row the engine was away.
    Column("tries", Integer, nullable=False),
    # Where the one who asks waits for the answer (web): only that gateway takes the turn.
    Column("home", String(32)),
    # Whose turn it is with this conversation, and how long it is believed to live.
    Column("lease_owner", String(32)),
    Column("lease_until", Double),
    Index("ix_conversations_due", "due_at", **_given("due_at")),
    Index("ix_conversations_lease", "lease_until", **_given("lease_until")),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation", String(LONGEST_CONVERSATION), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("platform_message_id", String(LONGEST_PLATFORM_ID), nullable=False),
    # When the person sent it (as the platform says), and when we took it in.
    Column("received_at", Double, nullable=False),
    Column("accepted_at", Double, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("body", Json, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(40)),
    # The turn that has it; a turn that lost its lease finds another one here.
    Column("lease", String(32)),
    Column("done_at", Double),
    Column("understood", Json),
    # How often the platform delivered it again.
    Column("repeats", Integer, nullable=False),
    UniqueConstraint("channel", "platform_message_id", name="uq_inbox_platform_message"),
    Index("ix_inbox_conversation", "conversation", "id"),
    Index("ix_inbox_open", "conversation", "id", **_only(OPEN_INBOX)),
    Index("ix_inbox_accepted", "accepted_at"),
    # The number of a message that was erased is never given to another.
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation", String(LONGEST_CONVERSATION), nullable=False),
    Column("channel", String(20), nullable=False),
    # The (last) message it answers; null: nobody asked (a notification, a volunteer).
    Column("inbox_id", Key),
    Column("position", Integer, nullable=False),
    Column("reply", Json, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(200)),
    Column("attempts", Integer, nullable=False),
    # How often it is not known whether the platform delivered it.
    Column("doubts", Integer, nullable=False),
    Column("next_attempt_at", Double, nullable=False),
    Column("lease_owner", String(32)),
    Column("lease_until", Double),
    Column("sent_at", Double),
    # One id for each part that the platform has taken.
    Column("platform_ids", Json, nullable=False),
    Index("ix_outbox_conversation", "conversation", "id"),
    Index("ix_outbox_open", "conversation", "id", **_only(OPEN_OUTBOX)),
    Index("ix_outbox_due", "channel", "next_attempt_at", **_only(OPEN_OUTBOX)),
    Index("ix_outbox_inbox", "inbox_id", **_given("inbox_id")),
    Index("ix_outbox_created", "created_at"),
    sqlite_autoincrement=True,
)

# One row a switch; "paused" holds {"message", "since"}.
switches = Table(
    "mailbox_switches",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Json, nullable=False),
)
