"""Pictures on their way in, through the web chat, and out, to whoever may see them.

``POST /api/v1/pictures?session=S&feedback=N`` with a picture as the body: it goes to feedback ``N``, when
that is this session's own and open. Only leads see it.
"""

from __future__ import annotations

import asyncio
import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.channels.errors import PlatformAway
from bot.desk import pictures, view
from bot.desk.accounts import Visit
from bot.desk.body import number_in
from bot.desk.door import Door
from bot.desk.errors import Refusal
from bot.desk.pictures import LARGEST, MEDIA_TYPE
from bot.desk.visitor import SESSION
from bot.errors import BadRequest
from bot.gateway.api import read_body
from bot.gateway.limits import Rate, RateLimiter
from bot.gateway.turns import CHANNEL as WEB

log = logging.getLogger(__name__)
# Somebody with a slow line needs a minute for a picture.
ARRIVES_WITHIN = 60.0
# Each is kept for weeks: a waiting room sends a few hundred a day, a flood of them is refused.
_SESSIONS, _ADDRESSES = Rate(burst=12, per_second=1 / 60), Rate(burst=60, per_second=1 / 20)
# Making one anew takes a core and memory.
_AT_ONCE = 2


class Pictures:
    """The handlers; see the module."""

    def __init__(self, door: Door) -> None:
        self._desk, self._store = door.desk, door.desk.store
        self._limiter = RateLimiter(_SESSIONS, _ADDRESSES)
        self._working = asyncio.Semaphore(_AT_ONCE)

    async def take(self, request: Request) -> Response:
        """``{"replies": […]}``, as a message is answered."""
        self._limiter.check_address(request.client.host if request.client else "")
        session = request.query_params.get("session", "")
        number = number_in(request.query_params.get("feedback"), "feedback")
        if not SESSION.fullmatch(session):
            raise Refusal(422, "bad_field", field="session")
        self._limiter.check_session(session)
        try:
            data = await read_body(request, LARGEST, within=ARRIVES_WITHIN)
        except BadRequest as error:
            if error.status != 413:
                raise
            raise Refusal(413, "picture_too_big", most=LARGEST // 2**20) from None
        made = await self._made_anew(data)
        left = await self._store.write(pictures.keep, f"{WEB}:{session}", number, made)
        return JSONResponse({"replies": [self._desk.speech.picture_kept(WEB, number, left)]})

    async def of_feedback(self, request: Request, visit: Visit) -> Response:
        number, place = (number_in(request.path_params[key], key) for key in ("id", "place"))
        file = await self._store.read(pictures.read, number, place)
        if "data" in file:
            return _picture(file["data"])
        return await self._from_telegram(file["file_id"], bool(file.get("image")))

    async def of_case(self, request: Request, visit: Visit) -> Response:
        where = [number_in(request.path_params[key], key) for key in ("id", "line", "place")]
        file, image = await self._store.read(view.file_in, visit.person, *where)
        return await self._from_telegram(file, image)

    async def _from_telegram(self, file_id: str, image: bool) -> Response:
        """A picture as a picture; anything else only to be kept, never to be opened here."""
        if self._desk.fetch is None:
            raise Refusal(404, "unknown_file")
        try:
            data = await self._desk.fetch(file_id)
        except PlatformAway as error:
            log.warning("desk: %s", error)
            raise Refusal(503, "file_away") from None
        if image:
            return _picture(await self._made_anew(data))
        headers = {"Content-Disposition": "attachment", "Content-Security-Policy": "sandbox"}
        return Response(data, media_type="application/octet-stream", headers=headers)

    async def _made_anew(self, data: bytes) -> bytes:
        async with self._working:
            return await run_in_threadpool(pictures.made_anew, data)


def _picture(data: bytes) -> Response:
    return Response(data, media_type=MEDIA_TYPE, headers={"Content-Security-Policy": "sandbox"})
