"""Turns in the database: handing them out, ending them, putting them back. See :mod:`bot.mailbox.inbox`.

A turn's messages carry its token; a process that was taken for dead finds another state or token
there and changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from random import uniform
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, bindparam, select, update

from bot.mailbox import outbox
from bot.mailbox.burst import Line, Rhythm, next_turn
from bot.mailbox.model import Entry, Reply, Turn
from bot.mailbox.switches import paused_message
from bot.mailbox.tables import conversations, inbox

LEASE_SECONDS = 10.0
# How long a message waits when the engine is away, by how often it was in a row.
AWAY_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
# More lines than this of one person are looked at later.
_MOST_LINES = 50

_i, _c = inbox.c, conversations.c
_DUE = (
    select(conversations)
    .where(
        _c.due_at <= bindparam("now"),
        _c.lease_owner.is_(None),
        _c.home.is_(None) | (_c.home == bindparam("owner")),
    )
    .order_by(_c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DUE_ON = _DUE.where(_c.channel.in_(bindparam("channels", expanding=True)))
_LEASE = (
    update(conversations)
    .where(_c.id == bindparam("name"))
    .values(due_at=bindparam("due"), lease_owner=bindparam("owner"), lease_until=bindparam("until"))
)
_WAITING = (
    select(_i.id, _i.kind, _i.body, _i.received_at, _i.accepted_at)
    .where(_i.conversation == bindparam("name"), _i.state == "waiting")
    .order_by(_i.id)
    .limit(_MOST_LINES)
)
_TAKE = (
    update(inbox)
    .where(_i.id.in_(bindparam("ids", expanding=True)))
    .values(state="taken", lease=bindparam("token"))
)
_LOCK = select(conversations).where(_c.id == bindparam("name")).with_for_update()
_END = (
    update(inbox)
    .where(_i.id.in_(bindparam("ids", expanding=True)), _i.lease == bindparam("token"), _i.state == "taken")
    .values(
        state=bindparam("to"),
        reason=bindparam("because"),
        done_at=bindparam("at"),
        understood=bindparam("meant"),
        lease=None,
    )
)
_FREE = (
    update(conversations)
    .where(_c.id == bindparam("name"))
    .values(lease_owner=None, lease_until=None, tries=0, notice_at=bindparam("noticed"))
)


def claim(
    connection: Connection,
    now: float,
    owner: str,
    most: int,
    rhythm_of: Callable[[str], Rhythm],
    channels: Collection[str] | None = None,
) -> tuple[list[Turn], float | None]:
    """(Up to ``most`` turns, now this owner's; when to look again at what was not ready, or None).

    ``channels``: only these.
    """
    turns: list[Turn] = []
    again: list[float] = []
    wanted: dict[str, Any] = {"now": now, "most": most, "owner": owner}
    if channels is None:
        rows = connection.execute(_DUE, wanted).all()
    else:
        rows = connection.execute(_DUE_ON, {**wanted, "channels": list(channels)}).all()
    pause = paused_message(connection) if rows else None
    for row in rows:
        turn, due_at = _next(connection, now, row, rhythm_of(row.channel), pause)
        if turn is not None:
            turns.append(turn)
        elif due_at is not None:
            again.append(due_at)
        lease = (owner, now + LEASE_SECONDS) if turn else (None, None)
        values = {"name": row.id, "due": due_at, "owner": lease[0], "until": lease[1]}
        connection.execute(_LEASE, values)
    return turns, min(again, default=None)


def _next(
    connection: Connection, now: float, row: Row[Any], rhythm: Rhythm, pause: dict[str, Any] | None
) -> tuple[Turn | None, float | None]:
    """(The next turn of a locked conversation if it may begin now; when the next one is due)."""
    rows = connection.execute(_WAITING, {"name": row.id}).all()
    if not rows:
        return None, None
    lines = [Line(r.kind, r.accepted_at, len(r.body.get("text", ""))) for r in rows]
    count, due_at = next_turn(lines, rhythm)
    if due_at > now:
        return None, due_at
    entries = tuple(Entry(r.id, r.kind, r.body, r.received_at) for r in rows[:count])
    silent, message = None, None
    if pause is not None:
        silent, message = "paused", pause["message"]
    elif row.paused or (row.silent_until is not None and row.silent_until > now):
        silent = "taken_over"
    turn = Turn(row.id, row.channel, entries, uuid4().hex, silent, message)
    connection.execute(_TAKE, {"ids": [entry.id for entry in entries], "token": turn.token})
    rest = lines[count:]
    return turn, next_turn(rest, rhythm)[1] if rest else None


def finish(
    connection: Connection,
    now: float,
    turn: Turn,
    state: str,
    replies: list[Reply],
    *,
    reason: str | None = None,
    understood: dict[str, Any] | None = None,
    notice: Reply | None = None,
    delivered: bool = False,
) -> bool:
    """Ends a turn and puts its replies into the outbox; False, and nothing, when it lost its lease.

    ``notice`` goes before the first reply that this conversation ever gets. ``delivered``: whoever
    asked waits right here, the replies need no sending.
    """
    row = connection.execute(_LOCK, {"name": turn.conversation}).first()
    if row is None or not _end(connection, now, turn, state, reason, understood):
        return False
    noticed = row.notice_at
    if notice is not None and noticed is None and replies:
        replies, noticed = [notice, *replies], now
    outbox.add(
        connection,
        now,
        turn.conversation,
        turn.channel,
        replies,
        inbox_id=turn.id,
        blocked=row.blocked,
        sent=delivered,
    )
    connection.execute(_FREE, {"name": turn.conversation, "noticed": noticed})
    return True


def put_back(connection: Connection, now: float, turn: Turn) -> float | None:
    """The engine was away and nothing was sent: the messages wait on. Returns for how many seconds."""
    row = connection.execute(_LOCK, {"name": turn.conversation}).first()
    if row is None or not _end(connection, None, turn, "waiting", None, None):
        return None
    after = AWAY_SECONDS[min(row.tries, len(AWAY_SECONDS) - 1)] * uniform(0.75, 1.25)
    values = {"due_at": now + after, "tries": row.tries + 1, "lease_owner": None, "lease_until": None}
    connection.execute(update(conversations).where(_c.id == row.id).values(**values))
    return after


def forget_words(connection: Connection, turn: Turn) -> None:
    """What was said in a turn is kept no longer; that something was said is."""
    theirs = _i.id.in_([entry.id for entry in turn.entries])
    connection.execute(update(inbox).where(theirs).values(body={"text": ""}))


def hurry(connection: Connection, now: float) -> None:
    """The engine is back: who waited for it is looked at now."""
    waits = (_c.tries > 0) & (_c.due_at > now)
    ids = list(connection.scalars(select(_c.id).where(waits).with_for_update(skip_locked=True)))
    connection.execute(update(conversations).where(_c.id.in_(ids)).values(due_at=now, tries=0))


def _end(
    connection: Connection,
    done_at: float | None,
    turn: Turn,
    state: str,
    reason: str | None,
    understood: dict[str, Any] | None,
) -> bool:
    """Moves the turn's messages on, if they are still its own."""
    values = {
        "ids": [entry.id for entry in turn.entries],
        "token": turn.token,
        "to": state,
        "because": reason,
        "at": done_at,
        "meant": understood or None,
    }
    return connection.execute(_END, values).rowcount > 0
