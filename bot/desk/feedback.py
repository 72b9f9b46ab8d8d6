"""Complaints, praise, proposals (phản ánh, kiến nghị): each has a number, and a lead answers it.

Nobody and nothing judges them on the way: they reach the leads as they were written.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import Connection, select, update

from bot.desk import audit
from bot.desk.accounts import Person
from bot.desk.errors import Refusal
from bot.desk.tables import conversations, feedback, handovers
from bot.mailbox import Reply, Turn, outbox
from bot.mailbox.tables import outbox as outbox_table
from vietnamese import normalize

MOST = 200
_f, _h = feedback.c, handovers.c
_PROPOSES = re.compile(r"\b(?:gop y|kien nghi|de nghi|de xuat|nen (?:co|them|bo|dat|mo|lam))\b")
# Which of them a button is about, and what is asked with it: see :func:`details_in`.
_DETAILS = "rate?feedback="
LONGEST_PLACE, MOST_FILES = 500, 6
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
            "place": row.place,
            "files": [_file(row.id, n, file) for n, file in enumerate(row.files or [])],
            "answered_at": row.answered_at,
            "answered_by": row.answered_by,
            "reachable": row.known is not None,
        }
        for row in rows
    ]


def _file(number: int, place: int, file: dict[str, Any]) -> dict[str, Any]:
    """Where a file can be had; ``picture``: from us, as a picture and nothing else."""
    own = f"/desk/api/feedback/{number}/files/{place}"
    ours = "picture" in file or bool(file.get("image") and file.get("file_id"))
    return {"name": file.get("name") or "", "url": file.get("url") or own, "picture": ours}


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


def proposes(text: str) -> bool:
    """Whether what was recorded as a complaint is a proposal (góp ý, kiến nghị)."""
    return _PROPOSES.search(normalize(text)) is not None


def unsorted(connection: Connection, now: float, conversation: str) -> tuple[int, str] | None:
    """(Number, kind) of the feedback that was just taken in here and says nothing of its category yet."""
    newest = select(_f.id, _f.kind, _f.category).where(_f.conversation == conversation, _f.state == "new")
    row = connection.execute(newest.order_by(_f.id.desc()).limit(1)).first()
    return (row.id, row.kind) if row is not None and row.category is None else None


def buttons(number: int, categories: dict[str, str]) -> list[dict[str, str]]:
    """A button for each category, for whoever wrote feedback ``number``."""
    return [
        {"title": title, "payload": f"{_DETAILS}{number}&category={key}"} for key, title in categories.items()
    ]


def done(number: int, title: str) -> dict[str, str]:
    """The button with which nothing more is said."""
    return {"title": title, "payload": f"{_DETAILS}{number}&done=1"}


def picture(number: int, title: str) -> dict[str, str]:
    """The button with which the web chat lets one choose a picture."""
    return {"title": title, "payload": f"{_DETAILS}{number}&picture=1"}


def details_in(turn: Turn) -> dict[str, str] | None:
    """``{"feedback", "category" or "done" or "picture"}`` of one of these buttons."""
    payload = str(turn.body.get("payload") or "")
    if turn.kind != "payload" or not payload.startswith(_DETAILS):
        return None
    return dict(parse_qsl(payload.partition("?")[2]))


def asked_where(connection: Connection, now: float, conversation: str, words: bool) -> int | None:
    """The number of the feedback that the last reply here asked more of: its place, when what came are
    ``words``; anything, when it is a picture."""
    o = outbox_table.c
    last = select(o.reply).where(o.conversation == conversation).order_by(o.id.desc()).limit(1)
    wanted = re.compile(rf"{re.escape(_DETAILS)}(\d+)&{'done=1' if words else '.*'}")
    for button in (connection.scalar(last) or {}).get("buttons") or ():
        if found := wanted.fullmatch(button["payload"]):
            return int(found[1])
    return None


def files_in(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What was sent with a message, as feedback keeps it: where it is, its name, whether it is a picture."""
    image = {"image": True} if body.get("type") == "image" else {}
    rows = [row for row in body.get("attachments") or () if isinstance(row, dict)]
    found = [{key: str(row[key]) for key in ("url", "file_id", "name") if row.get(key)} for row in rows]
    return [row | image for row in found if "url" in row or "file_id" in row]


def files_of(connection: Connection, conversation: str, number: int) -> list[dict[str, Any]] | None:
    """The files of one's own feedback that is open, which is locked then; None when there is none."""
    mine = (_f.id == number) & (_f.conversation == conversation) & (_f.state == "new")
    row = connection.execute(select(_f.files).where(mine).with_for_update()).first()
    return None if row is None else row.files or []


def add(connection: Connection, now: float, conversation: str, number: int, **values: Any) -> bool:
    """Adds a category, a place or files to one's own feedback; False when it is not theirs or answered."""
    files = files_of(connection, conversation, number)
    if files is None:
        return False
    if "files" in values:
        values["files"] = [*files, *values["files"]][:MOST_FILES]
    connection.execute(update(feedback).where(_f.id == number).values(**values))
    return True
