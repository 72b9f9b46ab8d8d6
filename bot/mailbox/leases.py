"""Leases: how the living hold on to their work, and what becomes of the work of the dead.

A process renews the leases of what it works on every few seconds. What a killed one held when its
lease runs out is in doubt: a turn may have reached the engine, so it is not asked again and the person
gets an apology; a letter may have reached the platform, so it is sent once more and that is counted.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select, update

from bot.mailbox import claims
from bot.mailbox import outbox as letters
from bot.mailbox.model import Reply
from bot.mailbox.tables import conversations, inbox, outbox

IN_DOUBT = "in_doubt"
# Longer than anybody waits for an answer over HTTP.
PATIENCE_SECONDS = 180.0


def renew(
    connection: Connection, now: float, owner: str, held: Collection[str], held_letters: Collection[int]
) -> None:
    """The conversations and letters that ``owner`` works on are its own for another while."""
    c, o = conversations.c, outbox.c
    mine = (c.lease_owner == owner) & c.id.in_(held)
    connection.execute(update(conversations).where(mine).values(lease_until=now + claims.LEASE_SECONDS))
    mine = (o.lease_owner == owner) & o.id.in_(held_letters)
    connection.execute(update(outbox).where(mine).values(lease_until=now + letters.LEASE_SECONDS))


def take(connection: Connection, now: float, owner: str, conversation: str) -> bool:
    """Takes the turn of a conversation without a message; False while somebody alive has it."""
    c = conversations.c
    row = connection.execute(select(conversations).where(c.id == conversation).with_for_update()).first()
    if row is None:
        return True
    if row.lease_until is not None and row.lease_until >= now:
        return False
    values = {"lease_owner": owner, "lease_until": now + claims.LEASE_SECONDS}
    connection.execute(update(conversations).where(c.id == conversation).values(**values))
    return True


def recover(connection: Connection, now: float, apology: Reply, pull: frozenset[str]) -> tuple[int, int]:
    """Settles what was held when its lease ran out: (turns in doubt, letters in doubt).

    On ``pull`` channels the one who asked is told by the HTTP answer, or is gone: no apology there.
    """
    c = conversations.c
    lapsed = select(conversations).where(c.lease_until < now).limit(200).with_for_update(skip_locked=True)
    rows = connection.execute(lapsed).all()
    turns = 0
    for row in rows:
        i = inbox.c
        taken = (i.conversation == row.id) & (i.state == "taken")
        ids = list(connection.scalars(select(i.id).where(taken).order_by(i.id)))
        if ids:
            turns += 1
            values: dict[str, Any] = {"reason": IN_DOUBT, "lease": None, "done_at": now}
            connection.execute(update(inbox).where(i.id.in_(ids)).values(state="apologised", **values))
            replies = [] if row.channel in pull else [apology]
            where = (row.id, row.channel)
            letters.add(connection, now, *where, replies, inbox_id=ids[-1], blocked=row.blocked)
        free = update(conversations).where(c.id == row.id)
        connection.execute(free.values(lease_owner=None, lease_until=None, tries=0))
    _record_what_nobody_waits_for(connection, now, pull)
    o = outbox.c
    lost = update(outbox).where(o.state == "sending", o.lease_until < now)
    values = {"reason": IN_DOUBT, "next_attempt_at": now, "lease_owner": None, "lease_until": None}
    count = connection.execute(lost.values(state="failed", doubts=o.doubts + 1, **values)).rowcount
    return turns, count


def _record_what_nobody_waits_for(connection: Connection, now: float, pull: frozenset[str]) -> None:
    """Its gateway ended before the turn began, and with it whoever waited there."""
    c, i = conversations.c, inbox.c
    nobody = (i.channel.in_(pull)) & (i.state == "waiting") & (i.accepted_at < now - PATIENCE_SECONDS)
    where = list(connection.scalars(select(i.conversation).where(nobody).distinct().limit(200)))
    if not where:
        return
    # One whose turn begins right now is left to it.
    free = select(c.id).where(c.id.in_(where)).with_for_update(skip_locked=True)
    theirs = i.conversation.in_(list(connection.scalars(free)))
    gone = update(inbox).where(theirs, nobody)
    connection.execute(gone.values(state="recorded", reason="nobody_waits", done_at=now))
