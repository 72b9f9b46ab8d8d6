"""Complaints, praise, proposals (phản ánh, kiến nghị): each has a number, and a lead answers it.

Nobody and nothing judges them on the way: they reach the leads as they were written.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, select, update

from bot.desk import audit
from bot.desk.accounts import Person
from bot.desk.errors import Refusal
from bot.desk.tables import conversations, feedback, handovers
from bot.mailbox import Reply, Turn, outbox
from vietnamese import normalize

MOST = 200
_f, _h = feedback.c, handovers.c
_NUMBER = re.compile(r"\b(?:phan anh|gop y|y kien|khieu nai|kien nghi|khen ngoi)(?: \w+){0,2} so (\d{1,9})\b")


def listed(connection: Connection, now: float, state: str) -> list[dict[str, Any]]:
    """Those in a state, the oldest open ones first, the newest answered ones first."""
    order = _f.id if state == "new" else _f.id.desc()
    query = select(feedback, _h.text, conversations.c.id.label("known")).join(handovers, _h.id == _f.id)
    query = query.outerjoin(conversations, conversations.c.id == _f.conversation)
    rows = connection.execute(query.where(_f.state == state).order_by(order).limit(MOST))
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "channel": row.channel,
            "at": row.at,
            "text": row.text,
            "category": row.category,
            "answered_at": row.answered_at,
            "answered_by": row.answered_by,
            "reachable": row.known is not None,
        }
        for row in rows
    ]


def sort(connection: Connection, now: float, person: Person, number: int, category: str) -> None:
    """Says what it is about. Raises Refusal 404 ``unknown_case``."""
    changed = update(feedback).where(_f.id == number).values(category=category)
    if not connection.execute(changed).rowcount:
        raise Refusal(404, "unknown_case")
    audit.note(connection, now, person, "sort", str(number), {"category": category})


def answer(
    connection: Connection, now: float, person: Person, number: int, reply: Reply | None
) -> str | None:
    """Settles it, with an answer to whoever wrote it if there is one; the channel that it goes out by.

    Raises:
        Refusal: 404 ``unknown_case``, 409 ``closed`` or ``unreachable``.
    """
    row = connection.execute(select(feedback).where(_f.id == number)).first()
    if row is None:
        raise Refusal(404, "unknown_case")
    c = conversations.c
    locked = select(c.channel, c.blocked).where(c.id == row.conversation).with_for_update()
    known = connection.execute(locked).first()
    if reply is not None and known is None:
        raise Refusal(409, "unreachable")
    values = {"state": "answered", "answered_at": now, "answered_by": person.name}
    done = update(feedback).where(_f.id == number, _f.state == "new").values(**values)
    if not connection.execute(done).rowcount:
        raise Refusal(409, "closed")
    connection.execute(update(handovers).where(_h.id == number).values(state="closed"))
    if reply is not None and known is not None:
        outbox.add(connection, now, row.conversation, known.channel, [reply], blocked=known.blocked)
    audit.note(connection, now, person, "feedback", str(number), {"answered": reply is not None})
    return known.channel if known is not None else None


def asked_number(turn: Turn) -> int | None:
    """The number of the feedback whose state somebody asks for: ``phản ánh số 12 tới đâu rồi``."""
    found = _NUMBER.search(normalize(str(turn.body.get("text") or "")))
    return int(found[1]) if found else None


def state_of(connection: Connection, now: float, number: int) -> tuple[str, float | None]:
    """(``new``, ``answered`` or ``unknown``; when it was answered): no more than that, to anybody."""
    row = connection.execute(select(_f.state, _f.answered_at).where(_f.id == number)).first()
    return (row.state, row.answered_at) if row else ("unknown", None)
