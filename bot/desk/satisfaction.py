"""How it was, from 1 to 5, and why not better; nobody is asked twice in a row."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.desk.questions import keep_disliked
from bot.desk.redact import redacted
from bot.desk.tables import asked, cases, conversations, ratings
from bot.mailbox.tables import inbox, outbox
from vietnamese import normalize

NOT_AGAIN_SECONDS = 86_400.0
# A rating so long after a close is about a person's help, else about the assistant's.
RATED_WITHIN = 7 * 86_400.0
REASON_WITHIN = 600.0
ANSWERED_WITHIN = 1800.0
LOW = 2
LONGEST_REASON = 500
# Behind the stars that are asked for after a dossier's end.
ABOUT_DOSSIER = "&about=dossier"

_c, _r, _o, _i = cases.c, ratings.c, outbox.c, inbox.c
_BLAMES = re.compile(r"\b(?:sai|nham|cham|lau qua|thai do|toi hoi|khong (?:dung|ro|hieu|tra loi))\b")


def may_ask(connection: Connection, now: float, conversation: str) -> bool:
    """Whether to ask now; then it counts as asked."""
    known = select(conversations.c.id).where(conversations.c.id == conversation)
    if connection.scalar(known) is None:
        return False
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(asked).values(conversation=conversation, at=now)
    # In one statement: of two who would ask at the same moment, one does.
    again = new.on_conflict_do_update(
        index_elements=["conversation"], set_={"at": now}, where=asked.c.at < now - NOT_AGAIN_SECONDS
    )
    return connection.scalar(again.returning(asked.c.conversation)) is not None


def answered_lately(connection: Connection, now: float, conversation: str) -> bool:
    """Whether the assistant has answered here lately what one can have an opinion of."""
    lately = (_o.conversation == conversation) & (_o.created_at > now - ANSWERED_WITHIN)
    rows = connection.scalars(select(_o.reply).where(lately).order_by(_o.id.desc()).limit(20))
    return any(reply["kind"] in ("answer", "dossier") for reply in rows)


def rate(connection: Connection, now: float, conversation: str, channel: str, stars: str) -> None:
    """Keeps a rating: of the person who helped last, if that has none yet, else of the assistant."""
    if stars not in ("1", "2", "3", "4", "5"):
        return
    unrated = ~select(_r.id).where(_r.case_id == _c.id).exists()
    closed = (_c.conversation == conversation) & (_c.closed_at > now - RATED_WITHIN) & _c.asked
    latest = select(_c.id).where(closed, unrated).order_by(_c.id.desc()).limit(1)
    case = connection.scalar(latest)
    if case is not None:
        # Looked at again under its lock: of two ratings that come at once, one is of the person.
        connection.execute(select(_c.id).where(_c.id == case).with_for_update())
        case = connection.scalar(latest)
    known = connection.scalar(select(conversations.c.id).where(conversations.c.id == conversation))
    row = {"at": now, "channel": channel, "stars": int(stars), "case_id": case, "conversation": known}
    about = "person" if case is not None else _asked_about(connection, conversation)
    connection.execute(insert(ratings).values(row | {"about": about}))
    if int(stars) <= LOW and about == "answer" and known is not None:
        keep_disliked(connection, now, conversation)


def _asked_about(connection: Connection, conversation: str) -> str:
    """What the last question with stars was about: ``dossier`` or ``answer``."""
    mine = select(_o.reply).where(_o.conversation == conversation).order_by(_o.id.desc()).limit(20)
    for reply in connection.scalars(mine):
        payloads = [button["payload"] for button in reply.get("buttons") or ()]
        if any(payload.startswith("rate?rating=") for payload in payloads):
            return "dossier" if payloads[0].endswith(ABOUT_DOSSIER) else "answer"
    return "answer"


def wants_reason(connection: Connection, now: float, conversation: str, message: int) -> int | None:
    """The low rating that message number ``message`` may be the reason of: the next one after it."""
    low = (_r.conversation == conversation) & (_r.stars <= LOW) & (_r.at > now - REASON_WITHIN)
    row = connection.execute(
        select(_r.id, _r.at, _r.reason).where(low).order_by(_r.id.desc()).limit(1)
    ).first()
    if row is None or row.reason is not None:
        return None
    between = (_i.conversation == conversation) & (_i.accepted_at > row.at) & (_i.id < message)
    return None if connection.scalar(select(_i.id).where(between).limit(1)) is not None else row.id


def keep_reason(connection: Connection, now: float, rating: int, text: str) -> None:
    """Why it was not better, in their own words."""
    reason = redacted(text)[:LONGEST_REASON]
    connection.execute(update(ratings).where(_r.id == rating).values(reason=reason))


def blames(text: str) -> bool:
    """Whether words that name a procedure say what was wrong rather than ask about it."""
    return "?" not in text and _BLAMES.search(normalize(text)) is not None
