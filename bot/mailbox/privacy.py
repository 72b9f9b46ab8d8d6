"""The right to be forgotten, and retention: what is deleted where, so that no text stays behind.

Of a message that a platform may still deliver again, its platform's id stays for two days, without
text and without the person: else the late delivery would be taken for a new message.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Double,
    Select,
    String,
    case,
    column,
    delete,
    exists,
    inspect,
    select,
    table,
    update,
)

from bot.mailbox.tables import OPEN_INBOX, OPEN_OUTBOX, conversations, inbox, outbox
from dossiers.clock import VIET_NAM, as_local
from dossiers.errors import DatabaseError
from dossiers.models import Handover, Subscription

TOMBSTONE_SECONDS = 2 * 86_400.0
ERASED = "erased"
_BATCH = 500
# What is left of a message that may be delivered again.
_BLANK = {"conversation": "", "body": {}, "understood": None, "lease": None, "reason": ERASED}
# The engine's own table; it is in the same PostgreSQL, or in a file of its own beside SQLite.
_engine = table("engine_conversations", column("conversation", String), column("updated_at", Double))


@dataclass(frozen=True)
class Erased:
    """How much was deleted: messages, replies, handover requests, the engine's memories, conversations."""

    messages: int = 0
    replies: int = 0
    handovers: int = 0
    memories: int = 0
    conversations: int = 0

    def __add__(self, other: Erased) -> Erased:
        return Erased(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def __bool__(self) -> bool:
        return any(astuple(self))


def erase(
    connection: Connection, now: float, conversation: str, pull: frozenset[str], own: Sequence[int] = ()
) -> Erased:
    """Deletes all of a conversation. ``own``: messages of the turn that asks for it; they keep it."""
    connection.execute(select(conversations.c.id).where(conversations.c.id == conversation).with_for_update())
    i = inbox.c
    theirs = i.conversation == conversation
    # A web message is never delivered again; what is old enough neither.
    forgotten = i.channel.in_(pull) | (i.accepted_at < now - TOMBSTONE_SECONDS)
    messages = connection.execute(delete(inbox).where(theirs, forgotten, i.id.not_in(own))).rowcount
    state = case((i.id.in_(own), i.state), else_="recorded")
    blank = update(inbox).where(theirs).values(state=state, done_at=now, **_BLANK)
    messages += connection.execute(blank).rowcount
    replies = connection.execute(delete(outbox).where(outbox.c.conversation == conversation)).rowcount
    handovers = connection.execute(delete(Handover).where(Handover.conversation == conversation)).rowcount
    # The wish to be told of a dossier's changes goes with the conversation that it would be told in.
    connection.execute(delete(Subscription).where(Subscription.conversation == conversation))
    memories = 0
    if inspect(connection).has_table(_engine.name):
        memories = connection.execute(delete(_engine).where(_engine.c.conversation == conversation)).rowcount
    people = connection.execute(delete(conversations).where(conversations.c.id == conversation)).rowcount
    return Erased(messages, replies, handovers, memories, people)


def purge(connection: Connection, now: float, before: float, pull: frozenset[str]) -> Erased:
    """Deletes some of what is older than ``before`` (seconds since 1970); empty when nothing is left to.

    What still waits for an answer or to be sent stays, however old.
    """
    i, o, c = inbox.c, outbox.c, conversations.c
    done = i.state.not_in(OPEN_INBOX)
    stone_until = now - TOMBSTONE_SECONDS
    young = (i.accepted_at < before) & (i.accepted_at >= stone_until) & i.channel.not_in(pull)
    some = _locked(connection, select(i.id).where(young, done, i.conversation != ""))
    messages = connection.execute(update(inbox).where(i.id.in_(some)).values(**_BLANK)).rowcount
    old = (i.accepted_at < before) & ((i.accepted_at < stone_until) | i.channel.in_(pull))
    stone = (i.conversation == "") & (i.accepted_at < stone_until)
    some = _locked(connection, select(i.id).where(done, old | stone))
    messages += connection.execute(delete(inbox).where(i.id.in_(some))).rowcount
    unsent = o.state.in_(OPEN_OUTBOX) & o.channel.not_in(pull)
    some = _locked(connection, select(o.id).where(o.created_at < before, ~unsent))
    replies = connection.execute(delete(outbox).where(o.id.in_(some))).rowcount
    idle = (
        (c.last_seen < before)
        & c.lease_owner.is_(None)
        & ~exists().where(i.conversation == c.id)
        & ~exists().where(o.conversation == c.id)
        & ~exists().where(Subscription.conversation == c.id, Subscription.ended_at.is_(None))
    )
    some = _locked(connection, select(c.id).where(idle))
    # Asked again under the lock: a letter may have been put in until it was taken.
    people = connection.execute(delete(conversations).where(c.id.in_(some), idle)).rowcount
    moment = as_local(datetime.fromtimestamp(before, VIET_NAM))
    some = _locked(connection, select(Handover.id).where(Handover.created_at < moment))
    handovers = connection.execute(delete(Handover).where(Handover.id.in_(some))).rowcount
    memories = 0
    if inspect(connection).has_table(_engine.name):
        some = _locked(connection, select(_engine.c.conversation).where(_engine.c.updated_at < before))
        memories = connection.execute(delete(_engine).where(_engine.c.conversation.in_(some))).rowcount
    return Erased(messages, replies, handovers, memories, people)


def _locked(connection: Connection, query: Select[Any]) -> list[Any]:
    """Some of what the query finds, as it still is under its lock; without what others change just now."""
    return list(connection.scalars(query.limit(_BATCH).with_for_update(skip_locked=True)))


class EngineFiles:
    """The SQLite files below ``var`` in which engines keep conversations."""

    def __init__(self, var: Path) -> None:
        self._var = var

    def erase(self, conversation: str) -> int:
        """Forgets one conversation; how many memories of it there were.

        Raises:
            DatabaseError: a file cannot be used.
        """
        return self._delete("conversation = ?", conversation)

    def purge(self, before: float) -> int:
        """Forgets conversations that rest since ``before``.

        Raises:
            DatabaseError: a file cannot be used.
        """
        return self._delete("updated_at < ?", before)

    def _delete(self, where: str, value: str | float) -> int:
        found = 0
        for path in sorted(self._var.glob("*engine*.db")):
            with _explained(path), closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as file:
                file.execute("PRAGMA secure_delete = ON")
                known = file.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_engine.name,)).fetchone()
                if known:
                    found += file.execute(f"DELETE FROM {_engine.name} WHERE {where}", (value,)).rowcount
                    # The log beside the file holds the pages as they were.
                    file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return found


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DatabaseError(
            f"the engine's file {path} cannot be used ({error})",
            "make it writable by this user, or remove it",
        ) from error
