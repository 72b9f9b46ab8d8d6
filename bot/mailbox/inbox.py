"""The inbox: taking messages in, once each, and telling what became of them.

Every function runs in its caller's transaction. Whoever adds to a conversation, or takes back of what
waits in it, locks its row first: that is what keeps the numbers of its messages and replies in order, and a
message from being taken back while its turn begins, on PostgreSQL too. Statements are built once; building
them costs more than running them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Executable, ScalarSelect, bindparam, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.mailbox import outbox
from bot.mailbox.model import Accepted, Kind, Outcome
from bot.mailbox.tables import OPEN_INBOX, conversations, inbox

_i, _c = inbox.c, conversations.c


def _insert_new(dialect: Any) -> Executable:
    return dialect.insert(inbox).on_conflict_do_nothing().returning(_i.id)


def _upsert_conversation(dialect: Any) -> Executable:
    new = dialect.insert(conversations)
    due = new.excluded.due_at
    # While the engine is away, a new message does not make us ask it sooner.
    keep = (_c.due_at < due) | (_c.tries > 0)
    sooner = case((_c.due_at.is_(None), due), (keep, _c.due_at), else_=due)
    known = {
        "last_seen": new.excluded.last_seen,
        "blocked": False,
        "due_at": sooner,
        "home": new.excluded.home,
    }
    return new.on_conflict_do_update(index_elements=["id"], set_=known)


_KNOWN = select(_i.id).where(
    _i.channel == bindparam("channel"), _i.platform_message_id == bindparam("platform_message_id")
)
_REPEATED = update(inbox).where(_i.id == bindparam("known")).values(repeats=_i.repeats + 1)
_INSERT = {"postgresql": _insert_new(postgresql), "sqlite": _insert_new(sqlite)}
_UPSERT = {"postgresql": _upsert_conversation(postgresql), "sqlite": _upsert_conversation(sqlite)}
_STATE = select(_i.state, _i.reason, _i.understood).where(_i.id == bindparam("wanted"))


def accept(
    connection: Connection,
    now: float,
    *,
    channel: str,
    conversation: str,
    platform_message_id: str,
    kind: Kind,
    body: dict[str, Any],
    received_at: float,
    due_at: float,
    home: str | None = None,
) -> Accepted:
    """Keeps a message, once; a second delivery is counted on the row of the first.

    ``home``: the only gateway that may answer it, since somebody waits there.
    """
    names = {"channel": channel, "platform_message_id": platform_message_id}
    known = connection.scalar(_KNOWN, names)
    if known is None:
        seen = {"first_seen": now, "last_seen": now, "paused": False, "blocked": False, "tries": 0}
        row = {"id": conversation, "channel": channel, "due_at": due_at, "home": home, **seen}
        connection.execute(_UPSERT[connection.dialect.name], row)
        row = {
            "conversation": conversation,
            **names,
            "received_at": received_at,
            "accepted_at": now,
            "kind": kind,
            "body": body,
            "state": "waiting",
            "repeats": 0,
        }
        new = connection.scalar(_INSERT[connection.dialect.name], row)
        if new is not None:
            return Accepted(True, new)
        # Delivered twice at the same moment: the other one was quicker.
        known = connection.scalar(_KNOWN, names)
    connection.execute(_REPEATED, {"known": known})
    return Accepted(False, known)


def lock_conversation(connection: Connection, conversation: str | ScalarSelect[str]) -> None:
    """Until the transaction ends nobody else acts on the conversation, nor on what hangs on it."""
    connection.execute(select(_c.id).where(_c.id == conversation).with_for_update())


def withdraw(connection: Connection, now: float, inbox_id: int, reason: str) -> bool:
    """Takes back a message that still waits; False when its turn has begun or ended already."""
    lock_conversation(connection, select(_i.conversation).where(_i.id == inbox_id).scalar_subquery())
    gone = update(inbox).where(_i.id == inbox_id, _i.state == "waiting")
    return connection.execute(gone.values(state="recorded", reason=reason, done_at=now)).rowcount == 1


def outcome(connection: Connection, now: float, inbox_id: int) -> Outcome:
    """Where a message stands. When it is settled, its replies are handed over: nothing sends them after."""
    row = connection.execute(_STATE, {"wanted": inbox_id}).first()
    if row is None:
        return Outcome("gone")
    found = Outcome(row.state, [], row.understood or {}, row.reason)
    if not found.final:
        return found
    replies = outbox.hand_over(connection, now, inbox_id)
    return Outcome(row.state, replies, found.understood, row.reason)


def waiting_in(connection: Connection, conversation: str) -> int:
    """How many messages of a conversation wait or are being answered."""
    open_ones = (_i.conversation == conversation) & _i.state.in_(OPEN_INBOX)
    return connection.scalar(select(func.count()).where(open_ones)) or 0
