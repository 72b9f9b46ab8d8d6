"""The web chat's side: what people of the centre wrote, and where one's own request stands.

``GET /api/v1/letters?session=S&after=N``: the letters after number ``N`` that nobody asked for just
now. Asked again with the same number, the same letters: one that was lost on its way is not lost.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, select, update
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.desk.body import number_in
from bot.desk.desk import Desk
from bot.desk.errors import Refusal
from bot.desk.tables import cases, people
from bot.gateway.limits import Rate, RateLimiter
from bot.mailbox.tables import outbox

MOST = 50
SESSION = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_o, _c = outbox.c, cases.c
# A page asks every few seconds; a whole waiting room may be behind one address.
_PAGES, _ROOMS = Rate(burst=60, per_second=1), Rate(burst=2000, per_second=200)


class Visitor:
    """The handler; see the module."""

    def __init__(self, desk: Desk) -> None:
        self._store, self._words = desk.store, desk.words
        self._limiter = RateLimiter(_PAGES, _ROOMS)

    async def letters(self, request: Request) -> Response:
        self._limiter.check_address(request.client.host if request.client else "")
        session = request.query_params.get("session", "")
        if not SESSION.fullmatch(session):
            raise Refusal(422, "bad_field", field="session")
        self._limiter.check_session(session)
        after = number_in(request.query_params.get("after"), "after")
        found, unsent = await self._store.read(letters, f"web:{session}", after)
        key = f"visitor.{found['state']}"
        found["told"] = self._words.say(key, number=found["number"], name=found.pop("person"))
        if unsent:
            await self._store.write(_delivered, unsent)
        return JSONResponse(found)


def letters(
    connection: Connection, now: float, conversation: str, after: int
) -> tuple[dict[str, Any], list[int]]:
    """``{"state", "number", "person", "last", "letters": [{"id", "reply"}]}``, and what counts as sent
    now. From the beginning (``after`` 0): what belongs to the latest request."""
    latest = select(_c.id, _c.state, _c.opened_at, people.c.name).outerjoin(
        people, people.c.id == _c.owner_id
    )
    latest = latest.where(_c.conversation == conversation).order_by(_c.id.desc()).limit(1)
    case = connection.execute(latest).first()
    mine = (_o.conversation == conversation) & _o.inbox_id.is_(None) & (_o.id > after)
    if case is not None and not after:
        mine &= _o.created_at >= case.opened_at
    rows = connection.execute(select(_o.id, _o.reply, _o.state).where(mine).order_by(_o.id)).all()[-MOST:]
    found = {
        "state": case.state if case else "none",
        "number": case.id if case else None,
        "person": (case.name if case else None) or "",
        "last": rows[-1].id if rows else after,
        "letters": [{"id": row.id, "reply": row.reply} for row in rows],
    }
    return found, [row.id for row in rows if row.state == "waiting"]


def _delivered(connection: Connection, now: float, ids: list[int]) -> None:
    sent = update(outbox).where(_o.id.in_(ids), _o.state == "waiting")
    connection.execute(sent.values(state="sent", sent_at=now))
