"""The desk's tables. Times are seconds since 1970 (UTC), as in the mailbox.

What belongs to one person who asked hangs on that person's rows with foreign keys: when a conversation
is erased or grows too old, its case, notes, and questions that nobody has labelled go with it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from bot.mailbox.tables import LONGEST_CONVERSATION, Json, Key
from bot.mailbox.tables import metadata as mailbox_metadata
from dossiers.models import Handover

metadata = MetaData()
handovers = Handover.__table__.to_metadata(metadata)
conversations = mailbox_metadata.tables["conversations"].to_metadata(metadata)

OPEN = ("waiting", "claimed")
_PERSON = "desk_people.id"


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


people = Table(
    "desk_people",
    metadata,
    Column("id", Integer, primary_key=True),
    # What is typed at the log-in: the name in small letters, single spaces.
    Column("login", String(60), nullable=False, unique=True),
    Column("name", String(60), nullable=False),
    Column("role", String(10), nullable=False),
    # An argon2 hash; none until the invitation is taken up.
    Column("password", Text),
    # The hash of the open invitation's token, and until when it holds.
    Column("invitation", String(64), unique=True),
    Column("invited_until", Double),
    Column("created_at", Double, nullable=False),
    Column("disabled", Boolean, nullable=False),
)

sessions = Table(
    "desk_sessions",
    metadata,
    # The hash of what the browser's cookie holds.
    Column("token", String(64), primary_key=True),
    Column("person_id", Integer, ForeignKey(_PERSON, ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
)

attempts = Table(
    "desk_attempts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("since", Double, nullable=False),
    Column("count", Integer, nullable=False),
)

audit = Table(
    "desk_audit",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Double, nullable=False, index=True),
    # Kept as a name too, so that the log still speaks when an account is gone.
    Column("person_id", Integer),
    Column("person", String(60), nullable=False),
    Column("act", String(30), nullable=False),
    Column("target", String(160), nullable=False),
    Column("detail", Json),
)

# One row for each time that somebody asked for a person; its number is that of the handover request.
cases = Table(
    "desk_cases",
    metadata,
    Column(
        "id",
        Integer,
        ForeignKey("handover_requests.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("conversation", String(LONGEST_CONVERSATION), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("state", String(10), nullable=False),
    Column("opened_at", Double, nullable=False),
    # Null while claimed: staff answer in the platform's own tool.
    Column("owner_id", Integer, ForeignKey(_PERSON, ondelete="SET NULL")),
    Column("claimed_at", Double),
    # The first answer by a person, and the last act of one.
    Column("answered_at", Double),
    Column("active_at", Double, nullable=False),
    # Until when an answer was promised; null: nobody was told.
    Column("promised_at", Double),
    Column("kept", Boolean),
    Column("closed_at", Double),
    Column("close_reason", String(30)),
    Column("contact", String(40)),
    # Whether the person was asked how it was.
    Column("asked", Boolean, nullable=False, server_default=false()),
    Index("ix_desk_cases_state", "state", "opened_at"),
    Index("ix_desk_cases_conversation", "conversation", "id"),
    Index("ix_desk_cases_opened", "opened_at"),
    Index("uq_desk_cases_open", "conversation", unique=True, **_only("state IN ('waiting', 'claimed')")),
)

# What a volunteer sent, by the key that their page gave it: sent twice is once.
sayings = Table(
    "desk_sayings",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("case_id", Integer, ForeignKey("desk_cases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("person_id", Integer, ForeignKey(_PERSON, ondelete="SET NULL")),
    Column("letter_id", Key),
    Column("at", Double, nullable=False),
)

# What only the desk sees: notes, and what was done with the case.
notes = Table(
    "desk_notes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", Integer, ForeignKey("desk_cases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("person", String(60), nullable=False),
    Column("text", Text, nullable=False),
)

# Questions that were not understood or not liked, redacted, until somebody says what they mean.
questions = Table(
    "desk_questions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("text", Text, nullable=False),
    Column("plain", Text, nullable=False),
    Column("why", String(20), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("asked_at", Double, nullable=False),
    Column("understood", Json),
    # Until it is labelled, it goes when the person is forgotten.
    Column("conversation", String(LONGEST_CONVERSATION), ForeignKey("conversations.id", ondelete="CASCADE")),
    Column("state", String(10), nullable=False),
    Column("verdict", String(20)),
    Column("procedure", String(80)),
    Column("aspects", Json),
    Column("labelled_by", String(60)),
    Column("labelled_at", Double),
    Column("approved_by", String(60)),
    Column("approved_at", Double),
    Index("ix_desk_questions_state", "state", "asked_at"),
    Index("ix_desk_questions_conversation", "conversation"),
)

ratings = Table(
    "desk_ratings",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Double, nullable=False, index=True),
    Column("channel", String(20), nullable=False),
    Column("stars", Integer, nullable=False),
    # "person" (after a case) or "answer" (the assistant's own).
    Column("about", String(10), nullable=False),
    Column("case_id", Integer, ForeignKey("desk_cases.id", ondelete="SET NULL")),
    Column("conversation", String(LONGEST_CONVERSATION), ForeignKey("conversations.id", ondelete="SET NULL")),
    Column("reason", Text),
    Index("ix_desk_ratings_conversation", "conversation", "at"),
    Index("ix_desk_ratings_case", "case_id"),
)

# When somebody was last asked how it was.
asked = Table(
    "desk_asked",
    metadata,
    Column(
        "conversation",
        String(LONGEST_CONVERSATION),
        ForeignKey("conversations.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("at", Double, nullable=False),
)

# Complaints, praise, proposals; the number is that of the handover request, its words are there.
feedback = Table(
    "desk_feedback",
    metadata,
    Column(
        "id",
        Integer,
        ForeignKey("handover_requests.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("kind", String(20), nullable=False),
    Column("conversation", String(LONGEST_CONVERSATION), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("at", Double, nullable=False),
    Column("state", String(10), nullable=False),
    Column("category", String(30)),
    Column("answered_at", Double),
    Column("answered_by", String(60)),
    Column("place", Text),
    # Pictures: where the platform keeps them ("url", "file_id"), or the number of ours ("picture"); "name".
    Column("files", Json),
    Index("ix_desk_feedback_state", "state", "id"),
)

# Pictures that came through the web chat, as we made them anew: JPEG without anything but the picture.
pictures = Table(
    "desk_pictures",
    metadata,
    Column("id", Key, primary_key=True),
    Column("feedback_id", Integer, ForeignKey("desk_feedback.id", ondelete="CASCADE"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
    # Sent again because the answer was lost: once.
    UniqueConstraint("feedback_id", "digest", name="uq_desk_pictures_once"),
)

# Where a team has a forum group: the topic of a case, and what was told there so far. It outlives its case
# until the topic is deleted.
topics = Table(
    "desk_topics",
    metadata,
    Column("case_id", Integer, primary_key=True, autoincrement=False),
    # Null until the topic is made.
    Column("thread_id", Key, unique=True),
    Column("inbox_id", Key, nullable=False),
    Column("outbox_id", Key, nullable=False),
    # The case's state and owner as they were told last; empty: nothing yet.
    Column("state", String(10), nullable=False),
    Column("owner_id", Integer),
)
