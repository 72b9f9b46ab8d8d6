"""``POST /webhooks/zalo``: 200 means that we have it.

Zalo waits 2 s and tries again after 30 s, 5, 15, 30 and 60 minutes; then it unsubscribes the app.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.channels.http import Doubtful, read_body, refused
from bot.channels.incoming import Nothing
from bot.channels.intake import Intake
from bot.channels.words import Words
from bot.channels.zalo.events import CHANNEL, Event, read_event, timestamp_of
from bot.channels.zalo.signature import is_signed
from bot.errors import BadRequest
from bot.json_body import decode_json
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
SIGNATURE = "X-ZEvent-Signature"
RETRY = "num_retry"


@dataclass(frozen=True)
class ZaloWebhook:
    """The handler. ``distance``: see :func:`bot.channels.zalo.events.read_event`."""

    app_id: str
    oa_secret: str
    intake: Intake
    words: Words
    distance: Callable[[float, float], float | None]
    doubtful: Doubtful = field(default_factory=lambda: Doubtful(CHANNEL))

    async def post(self, request: Request) -> Response:
        try:
            return await self._handle(request)
        except BadRequest as refusal:
            self.doubtful.count(refusal.code)
            return refused(refusal, self.words)

    async def _handle(self, request: Request) -> Response:
        body = await read_body(request)
        signature = request.headers.get(SIGNATURE)
        if not signature or body.strip() in (b"", b"{}"):
            # The probe when the address is registered; nothing of it is believed.
            self.doubtful.count("unsigned")
            return JSONResponse({"status": "ok"})
        event = _event(body)
        if not is_signed(signature, self.app_id, body, timestamp_of(event), self.oa_secret):
            raise BadRequest(403, "forbidden")
        incoming = read_event(event, body, self.distance)
        if isinstance(incoming, Nothing):
            if incoming.reason in ("unknown event", "no person"):
                self.doubtful.count(incoming.reason)
            return JSONResponse({"status": "ignored"})
        try:
            number = await self.intake.take(incoming)
        except DatabaseError as error:
            log.error("mailbox: %s", error)
            raise BadRequest(503, "unavailable") from None
        retry = request.headers.get(RETRY, "")
        if number is not None and retry.isascii() and retry.isdigit() and retry != "0":
            log.info("zalo: message %d came with retry %s", number, retry[:4])
        return JSONResponse({"status": "ok"})


def _event(body: bytes) -> Event:
    try:
        event = decode_json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest(400, "bad_json") from None
    if not isinstance(event, dict):
        raise BadRequest(400, "bad_event")
    return event
