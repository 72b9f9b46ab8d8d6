"""``POST /webhooks/telegram``: 200 means that we have it; anything else is sent again."""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass, field

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.channels.http import Doubtful, read_body, refused
from bot.channels.telegram.reception import Reception
from bot.channels.telegram.updates import CHANNEL, Update
from bot.channels.words import Words
from bot.errors import BadRequest
from bot.json_body import decode_json
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
SECRET = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class TelegramWebhook:
    """The handler. ``secret``: ``MOTCUA_TELEGRAM_SECRET``, never empty."""

    secret: str
    reception: Reception
    words: Words
    doubtful: Doubtful = field(default_factory=lambda: Doubtful(CHANNEL))

    async def post(self, request: Request) -> Response:
        try:
            return await self._handle(request)
        except BadRequest as refusal:
            self.doubtful.count(refusal.code)
            return refused(refusal, self.words)

    async def _handle(self, request: Request) -> Response:
        given = request.headers.get(SECRET, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.secret.encode()):
            raise BadRequest(403, "forbidden")
        body = await read_body(request)
        try:
            update = decode_json(body, Update)
        except msgspec.ValidationError:
            # Telegram would send it again and again, and nothing after it.
            self.doubtful.count("unreadable update")
            return JSONResponse({"status": "ignored"})
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadRequest(400, "bad_json") from None
        try:
            await self.reception.take(update)
        except DatabaseError as error:
            log.error("mailbox: %s", error)
            raise BadRequest(503, "unavailable") from None
        return JSONResponse({"status": "ok"})
