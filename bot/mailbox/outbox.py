"""The outbox: replies in order per conversation, until a platform has taken them or for good has not.

Every function runs in its caller's transaction. A letter that is being sent carries its sender's
lease, for this one attempt; whoever lost the lease changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from bot.mailbox.model import Letter, Reply
from bot.mailbox.tables import OPEN_OUTBOX, outbox

LEASE_SECONDS = 10.0


_o, _earlier = outbox.c, outbox.alias("earlier")
_ADD = insert(outbox).returning(_o.id, sort_by_parameter_order=True)
_HEADS = select(outbox).where(
    _o.channel == bindparam("channel"),
    _o.state.in_(("waiting", "failed")),
    ~exists().where(
        _earlier.c.conversation == _o.conversation, _earlier.c.id < _o.id, _earlier.c.state.in_(OPEN_OUTBOX)
    ),
)
_READY = (
    _HEADS.where(_o.next_attempt_at <= bindparam("now"))
    .order_by(_o.next_attempt_at, _o.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LATER = (
    _HEADS.with_only_columns(_o.next_attempt_at)
    .where(_o.next_attempt_at > bindparam("now"))
    .order_by(_o.next_attempt_at)
    .limit(1)
)
_SEND = (
    update(outbox)
    .where(_o.id.in_(bindparam("ids", expanding=True)))
    .values(
        state="sending",
        attempts=_o.attempts + 1,
        lease_owner=bindparam("owner"),
        lease_until=bindparam("until"),
    )
)
_SENT = (
    update(outbox)
    .where(
        _o.id == bindparam("letter"),
        _o.state == "sending",
        _o.lease_owner == bindparam("owner"),
        _o.attempts == bindparam("attempt"),
    )
    .values(
        state="sent",
        sent_at=bindparam("at"),
        reason=None,
        lease_owner=None,
        lease_until=None,
        platform_ids=bindparam("taken"),
    )
)


def add(
    connection: Connection,
    now: float,
    conversation: str,
    channel: str,
    replies: Sequence[Reply],
    *,
    inbox_id: int | None = None,
    blocked: bool = False,
    sent: bool = False,
) -> list[int]:
    """Appends replies to a conversation, whose row the caller has locked. Returns their numbers."""
    if not replies:
        return []
    state = "sent" if sent else "dead" if blocked else "waiting"
    same = {
        "conversation": conversation,
        "channel": channel,
        "inbox_id": inbox_id,
        "created_at": now,
        "state": state,
        "reason": "blocked" if state == "dead" else None,
        "attempts": 0,
        "doubts": 0,
        "next_attempt_at": now,
        "sent_at": now if sent else None,
        "platform_ids": [],
    }
    rows = [{**same, "position": n, "reply": reply} for n, reply in enumerate(replies)]
    return list(connection.scalars(_ADD, rows))


def claim(
    connection: Connection, now: float, owner: str, channel: str, most: int
) -> tuple[list[Letter], float | None]:
    """(Up to ``most`` letters that may go now, one per conversation; when the next may, or None)."""
    rows = connection.execute(_READY, {"channel": channel, "now": now, "most": most}).all()
    if not rows:
        return [], connection.scalar(_LATER, {"channel": channel, "now": now})
    values = {"ids": [row.id for row in rows], "owner": owner, "until": now + LEASE_SECONDS}
    connection.execute(_SEND, values)
    return [_letter(row) for row in rows], None


def _letter(row: Any) -> Letter:
    return Letter(
        row.id,
        row.conversation,
        row.channel,
        row.reply,
        row.created_at,
        row.attempts + 1,
        row.doubts,
        tuple(row.platform_ids),
    )


def progress(connection: Connection, owner: str, letter: Letter, platform_ids: Sequence[str]) -> bool:
    """Keeps which parts of a letter the platform has taken, so that only the rest is tried again."""
    return _change(connection, owner, letter, platform_ids=list(platform_ids))


def sent(connection: Connection, now: float, owner: str, letter: Letter, platform_ids: Sequence[str]) -> bool:
    """The platform has taken all of it."""
    values = {
        "letter": letter.id,
        "owner": owner,
        "attempt": letter.attempts,
        "at": now,
        "taken": list(platform_ids),
    }
    return connection.execute(_SENT, values).rowcount == 1


def failed(
    connection: Connection, owner: str, letter: Letter, reason: str, next_attempt_at: float, in_doubt: bool
) -> bool:
    """It was not taken this time (``in_doubt``: nobody knows); it is tried again then."""
    return _change(
        connection,
        owner,
        letter,
        state="failed",
        reason=reason,
        next_attempt_at=next_attempt_at,
        doubts=letter.doubts + in_doubt,
        lease_owner=None,
        lease_until=None,
    )


def dead(connection: Connection, owner: str, letter: Letter, reason: str, in_doubt: bool = False) -> bool:
    """It will not be tried again; the conversation goes on with what comes after it."""
    values = {"state": "dead", "reason": reason, "lease_owner": None, "lease_until": None}
    return _change(connection, owner, letter, doubts=letter.doubts + in_doubt, **values)


def _change(connection: Connection, owner: str, letter: Letter, **values: Any) -> bool:
    own = (_o.id == letter.id) & (_o.state == "sending") & (_o.lease_owner == owner)
    this_time = own & (_o.attempts == letter.attempts)
    return connection.execute(update(outbox).where(this_time).values(**values)).rowcount == 1


def bury(connection: Connection, conversation: str, reason: str) -> None:
    """What waits for a person who cannot be reached is given up."""
    open_ones = (_o.conversation == conversation) & _o.state.in_(("waiting", "failed"))
    connection.execute(update(outbox).where(open_ones).values(state="dead", reason=reason))


def revive(connection: Connection, now: float, letter_ids: Sequence[int] | None = None) -> int:
    """Dead letters (None: all) are tried again, for instance after a setting was put right."""
    which = (_o.state == "dead") if letter_ids is None else (_o.state == "dead") & _o.id.in_(letter_ids)
    values = {"state": "failed", "next_attempt_at": now, "created_at": now, "attempts": 0, "doubts": 0}
    return connection.execute(update(outbox).where(which).values(**values)).rowcount


def hand_over(connection: Connection, now: float, inbox_id: int) -> list[Reply]:
    """The replies to a message, in order; those that wait count as sent now."""
    rows = connection.execute(
        select(_o.id, _o.reply, _o.state).where(_o.inbox_id == inbox_id).order_by(_o.id)
    ).all()
    waiting = [row.id for row in rows if row.state == "waiting"]
    if waiting:
        connection.execute(update(outbox).where(_o.id.in_(waiting)).values(state="sent", sent_at=now))
    return [row.reply for row in rows]


def bring_along(connection: Connection, now: float, conversation: str, inbox_id: int) -> list[Reply]:
    """What nobody asked for and nobody has fetched yet (news, a volunteer's words) is told before the answer
    to this message; in order."""
    waits = (_o.conversation == conversation) & _o.inbox_id.is_(None) & (_o.state == "waiting")
    rows = connection.execute(select(_o.id, _o.reply).where(waits).order_by(_o.id)).all()
    if rows:
        theirs = update(outbox).where(_o.id.in_([row.id for row in rows]))
        connection.execute(theirs.values(state="sent", sent_at=now, inbox_id=inbox_id))
    return [row.reply for row in rows]
