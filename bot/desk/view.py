"""What the desk shows: the queue, and one conversation with what was understood and done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from bot.channels.zalo.events import CHANNEL as ZALO
from bot.channels.zalo.sender import FREE_SECONDS, WINDOW_SECONDS
from bot.desk import questions
from bot.desk.accounts import Person
from bot.desk.cases import may_read, owner_name, read
from bot.desk.distress import REASON
from bot.desk.errors import Refusal
from bot.desk.tables import OPEN, cases, conversations, handovers, notes, people, ratings
from bot.mailbox.tables import inbox, outbox

MOST_WAITING, MOST_LINES = 200, 120
PREVIEW = 160
LATELY = 1800.0
# What is said to an assistant without asking it anything.
NO_QUESTION = ("talk_to_person", "handover_confirm", "greet", "thank", "goodbye", "affirm", "deny", "rate")
BEFORE_SECONDS, AFTER_SECONDS, FOR_EVER = 86_400.0, 5.0, 1e12

_c, _h, _i, _o = cases.c, handovers.c, inbox.c, outbox.c
# Who is in distress first, then in the order in which they came.
_CARDS = (
    select(
        _c.id,
        _c.channel,
        _c.reason,
        _c.state,
        _c.opened_at,
        _c.owner_id,
        _c.active_at,
        _c.answered_at,
        _c.promised_at,
        func.substr(_h.text, 1, PREVIEW).label("text"),
        people.c.name.label("owner"),
        conversations.c.last_seen,
    )
    .join(handovers, _h.id == _c.id)
    .outerjoin(people, people.c.id == _c.owner_id)
    .outerjoin(conversations, conversations.c.id == _c.conversation)
)
_QUEUE = _CARDS.where(_c.state.in_(OPEN)).order_by(_c.reason != REASON, _c.opened_at, _c.id)
_ENDED = _CARDS.where(
    # The index is that of the opening; nobody is talked to for so long.
    _c.opened_at > bindparam("since") - 7 * 86_400.0,
    _c.closed_at > bindparam("since"),
    _c.owner_id == bindparam("me"),
    _c.close_reason == "idle",
).order_by(_c.closed_at.desc())


def queue(connection: Connection, now: float, person: Person) -> dict[str, Any]:
    """``{"waiting", "mine", "ended", "others", "total"}``; what others have is told to leads in full, else
    counted. ``ended``: one's own that were closed lately because nobody wrote any more."""
    rows = connection.execute(_QUEUE).all()
    waiting = [row for row in rows if row.state == "waiting"]
    mine = [row for row in rows if row.state == "claimed" and row.owner_id == person.id]
    others = [row for row in rows if row.state == "claimed" and row.owner_id != person.id]
    return {
        "waiting": [_in_queue(row) for row in waiting[:MOST_WAITING]],
        "mine": [_in_queue(row) | {"unread": (row.last_seen or 0.0) > row.active_at} for row in mine],
        "ended": [
            _in_queue(row) for row in connection.execute(_ENDED, {"me": person.id, "since": now - LATELY})
        ],
        "others": [_in_queue(row) for row in others] if person.may("lead") else [],
        "total": {"waiting": len(waiting), "mine": len(mine), "others": len(others)},
    }


def _in_queue(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": row.channel,
        "reason": row.reason,
        "opened_at": row.opened_at,
        "promised_at": row.promised_at,
        "answered": row.answered_at is not None,
        "text": row.text,
        "owner": row.owner,
    }


def conversation(connection: Connection, now: float, person: Person, case_id: int) -> dict[str, Any]:
    """One case with its lines, oldest first.

    Raises:
        Refusal: 404 ``unknown_case``, 403 ``not_yours``.
    """
    row = read(connection, case_id)
    owner = owner_name(connection, row)
    if not may_read(person, row):
        raise Refusal(403, "not_yours", name=owner)
    request = connection.execute(select(handovers).where(_h.id == case_id)).one()
    said = connection.scalar(select(conversations.c.last_seen).where(conversations.c.id == row.conversation))
    lines = [*_said(connection, row), *_noted(connection, case_id)]
    stars = connection.scalar(select(ratings.c.stars).where(ratings.c.case_id == case_id).limit(1))
    return {
        "id": row.id,
        "channel": row.channel,
        "reason": row.reason,
        "state": row.state,
        "owner": owner,
        "mine": row.state == "claimed" and (row.owner_id == person.id or person.may("lead")),
        "opened_at": row.opened_at,
        "promised_at": row.promised_at,
        "answered_at": row.answered_at,
        "close_reason": row.close_reason,
        "contact": row.contact,
        "request": request.text,
        "reachable": said is not None,
        "window": _window_of(row.channel, said),
        "stars": stars,
        "understood": _understood(connection, row),
        "asked": _asked(connection, row)[0],
        "lines": sorted(lines, key=lambda line: (line["at"], line["id"]))[-MOST_LINES:],
    }


def _window_of(channel: str, said: float | None) -> dict[str, float] | None:
    """Until when the platform takes messages to a person free of charge, and at all."""
    if channel != ZALO or said is None:
        return None
    return {"free_until": said + FREE_SECONDS, "until": said + WINDOW_SECONDS}


def _said(connection: Connection, row: Row) -> list[dict[str, Any]]:
    since, until = _window(row)
    mine = (_i.conversation == row.conversation) & _i.accepted_at.between(since, until)
    asked = select(inbox).where(mine).order_by(_i.id.desc()).limit(MOST_LINES)
    mine = (_o.conversation == row.conversation) & _o.created_at.between(since, until)
    told = select(outbox).where(mine).order_by(_o.id.desc()).limit(MOST_LINES)
    replies = connection.execute(told).all()
    titles = {b["payload"]: b["title"] for told in replies for b in told.reply.get("buttons", [])}
    lines = [_from_citizen(found, titles, row.id) for found in connection.execute(asked)]
    return lines + [_to_citizen(row) for row in replies]


def file_in(
    connection: Connection, now: float, person: Person, case_id: int, line: int, place: int
) -> tuple[str, bool]:
    """(What Telegram calls the attachment at that place of a message of this case; whether it is a picture).

    Raises:
        Refusal: 404 ``unknown_case`` or ``unknown_file``, 403 ``not_yours``.
    """
    case = read(connection, case_id)
    if not may_read(person, case):
        raise Refusal(403, "not_yours", name=owner_name(connection, case))
    since, until = _window(case)
    mine = (_i.conversation == case.conversation) & _i.accepted_at.between(since, until) & (_i.id == line)
    body = connection.scalar(select(_i.body).where(mine)) or {}
    rows = [row for row in body.get("attachments") or () if isinstance(row, dict)]
    if place >= len(rows) or not rows[place].get("file_id"):
        raise Refusal(404, "unknown_file")
    return str(rows[place]["file_id"]), body.get("type") == "image"


def _from_citizen(row: Row, titles: dict[str, str], case_id: int) -> dict[str, Any]:
    body = row.body
    line: dict[str, Any] = {"id": f"i{row.id:012}", "at": row.accepted_at, "from": "citizen"}
    if row.kind == "payload":
        payload = str(body.get("payload") or "")
        return line | {"text": titles.get(payload, payload), "tapped": True}
    if row.kind == "event":
        line["event"] = str(body.get("event") or "")
        given = [a for a in body.get("attachments") or () if isinstance(a, dict)]
        image = body.get("type") == "image"
        line["files"] = [
            _file(file, f"/desk/api/cases/{case_id}/files/{row.id}/{n}", image)
            for n, file in enumerate(given)
        ]
    return line | {"text": str(body.get("text") or "")}


def _file(file: dict[str, Any], own: str, image: bool) -> dict[str, Any]:
    """``own``: where we hand out what only our bot can fetch; ``picture``: it is one, and from us."""
    ours = bool(file.get("file_id"))
    url = own if ours else str(file.get("url") or "")
    return {"name": str(file.get("name") or ""), "url": url, "picture": ours and image}


def _to_citizen(row: Row) -> dict[str, Any]:
    reply = row.reply
    line = {
        "id": f"o{row.id:012}",
        "at": row.created_at,
        "from": "person" if reply.get("by") else "assistant",
        "text": reply["text"],
        "buttons": [button["title"] for button in reply.get("buttons", [])],
        "sources": reply.get("sources", []),
    }
    if row.state == "dead":
        line["failed"] = row.reason or ""
    elif row.state != "sent":
        line["on_its_way"] = True
    return line


def _noted(connection: Connection, case_id: int) -> list[dict[str, Any]]:
    rows = connection.execute(select(notes).where(notes.c.case_id == case_id).order_by(notes.c.id))
    return [
        {"id": f"n{row.id:012}", "at": row.at, "from": row.kind, "name": row.person, "text": row.text}
        for row in rows
    ]


def _window(row: Row) -> tuple[float, float]:
    """What belongs to a case: a day before it, so that one sees what it is about, until it was closed."""
    return row.opened_at - BEFORE_SECONDS, (row.closed_at or FOR_EVER) + AFTER_SECONDS


def _understood(connection: Connection, case: Row) -> dict[str, Any] | None:
    """What the assistant made of the last message in which it saw a procedure."""
    since, until = _window(case)
    mine = (_i.conversation == case.conversation) & _i.accepted_at.between(since, until)
    meant = mine & _i.understood.is_not(None)
    rows = connection.execute(select(_i.understood, _i.body).where(meant).order_by(_i.id.desc()).limit(20))
    for row in rows:
        if row.understood.get("procedures"):
            keys = ("intent", "confidence", "procedures", "aspects")
            return {key: row.understood.get(key) for key in keys} | {"text": str(row.body.get("text") or "")}
    return None


def _asked(connection: Connection, case: Row) -> tuple[str, dict[str, Any]]:
    """(The last question that the assistant answered before a person did; what it made of it)."""
    since, _ = _window(case)
    upto = case.claimed_at or case.closed_at or FOR_EVER
    mine = (_i.conversation == case.conversation) & _i.accepted_at.between(since, upto)
    asked = mine & (_i.kind == "text") & (_i.state == "answered")
    rows = connection.execute(select(_i.understood, _i.body).where(asked).order_by(_i.id.desc()).limit(10))
    for row in rows:
        if (row.understood or {}).get("intent") not in (None, *NO_QUESTION):
            return str(row.body.get("text") or ""), row.understood
    return "", {}


def teach(
    connection: Connection, now: float, person: Person, case_id: int, procedure: str, aspects: list[str]
) -> int:
    """Says what the question meant that led to this case; how many questions wait for a lead with it.

    Raises:
        Refusal: 404 ``unknown_case``, 409 ``not_yours``, 409 ``nothing_asked``.
    """
    case = read(connection, case_id)
    if not (case.owner_id == person.id or person.may("lead")):
        raise Refusal(409, "not_yours", name=owner_name(connection, case))
    text, understood = _asked(connection, case)
    if not text:
        raise Refusal(409, "nothing_asked")
    where = (case.conversation, case.channel)
    return questions.teach(connection, now, person, where, text, understood, procedure, aspects)
