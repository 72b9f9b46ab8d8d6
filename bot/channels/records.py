"""What channels read of the mailbox's tables. Every function runs in its caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from bot.channels.incoming import WITHDRAW
from bot.mailbox import Reply
from bot.mailbox.tables import inbox, outbox
from dossiers.handover import record_handover, waiting_request

# A reason of a dead letter: it goes out when the person writes again.
WINDOW_CLOSED = "window closed"
_MOST_LETTERS = 300
_PAGE = 20
_WITHDRAWN_WITHIN = 2 * 86_400.0

_i, _o = inbox.c, outbox.c


def replies_to(connection: Connection, conversation: str) -> Iterator[Reply]:
    """The last few hundred replies that a person was sent, the newest first."""
    newest = select(_o.id, _o.reply).where(_o.conversation == conversation).order_by(_o.id.desc())
    below, left = None, _MOST_LETTERS
    while left > 0:
        page = newest if below is None else newest.where(_o.id < below)
        rows = connection.execute(page.limit(_PAGE)).all()
        yield from (row.reply for row in rows)
        if len(rows) < _PAGE:
            return
        below, left = rows[-1].id, left - len(rows)


def last_replies(connection: Connection, conversation: str) -> list[Reply]:
    """What a person was sent last: the replies to one message, in order."""
    theirs = _o.conversation == conversation
    last = select(_o.inbox_id).where(theirs).order_by(_o.id.desc()).limit(1).scalar_subquery()
    return list(connection.scalars(select(_o.reply).where(theirs, _o.inbox_id == last).order_by(_o.id)))


def body_of(connection: Connection, channel: str, platform_message_id: str) -> tuple[int, dict] | None:
    """(number, body) of a message, None when it is not known."""
    wanted = (_i.channel == channel) & (_i.platform_message_id == platform_message_id)
    row = connection.execute(select(_i.id, _i.body).where(wanted)).first()
    return None if row is None else (row.id, row.body)


def answered_lately(connection: Connection, conversation: str, intent: str, since: float) -> bool:
    """Whether an event of this kind was answered here after ``since``."""
    lately = (_i.conversation == conversation) & (_i.kind == "event") & (_i.done_at > since)
    rows = connection.scalars(select(_i.understood).where(lately).order_by(_i.id.desc()).limit(50))
    return any((understood or {}).get("intent") == intent for understood in rows)


def held_back(connection: Connection, conversation: str) -> list[int]:
    """Letters that were given up because the platform's window was closed."""
    held = (_o.conversation == conversation) & (_o.state == "dead") & (_o.reason == WINDOW_CLOSED)
    return list(connection.scalars(select(_o.id).where(held).order_by(_o.id)))


def withdrawn(connection: Connection, now: float) -> list[str]:
    """Conversations of people who asked their platform to have their data deleted, where it is not yet."""
    asked = (_i.kind == "event") & (_i.body == WITHDRAW) & (_i.conversation != "")
    lately = _i.accepted_at > now - _WITHDRAWN_WITHIN
    return list(connection.scalars(select(_i.conversation).where(asked, lately).distinct()))


def hand_over(connection: Connection, conversation: str, channel: str, reason: str, text: str) -> int:
    """The number of the request to the centre's people; the one that waits already, or a new one."""
    number = waiting_request(connection, conversation)
    if number is not None:
        return number
    # The transaction is the caller's, a savepoint among others perhaps: the session only writes.
    with Session(connection, join_transaction_mode="rollback_only") as session:
        return record_handover(session, conversation, channel, reason, text)
