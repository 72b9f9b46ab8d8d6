"""What both webhooks share: the request's body, the one shape of an error, refusals counted in the log."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.channels.words import Words
from bot.errors import BadRequest

log = logging.getLogger(__name__)
LARGEST_BODY = 1024 * 1024
BODY_WITHIN = 10.0
_LOG_EVERY = 60.0


async def read_body(request: Request) -> bytes:
    """The request's body, as it came.

    Raises:
        BadRequest: 413 over 1 MiB, 408 when it does not arrive within 10 s.
    """
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > LARGEST_BODY:
        raise BadRequest(413, "body_too_large")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise BadRequest(413, "body_too_large")
    except (TimeoutError, ClientDisconnect):
        raise BadRequest(408, "body_too_slow") from None
    return bytes(body)


def refused(refusal: BadRequest, words: Words) -> Response:
    """``{"error": {"code", "message"}}``."""
    message = words[f"errors.{refusal.code}"]
    return JSONResponse({"error": {"code": refusal.code, "message": message}}, refusal.status)


class Doubtful:
    """Counts what was not taken or left alone, and logs the counts at most once a minute.

    Whoever sends a million forged requests writes one line.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._counts: Counter[str] = Counter()
        self._next = 0.0

    def count(self, reason: str) -> None:
        """``reason``: a fixed key of ours, nothing from the request."""
        self._counts[reason] += 1
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _LOG_EVERY
            told = ", ".join(f"{reason} {count}" for reason, count in self._counts.most_common())
            log.warning("%s: requests not taken: %s", self._channel, told)
            self._counts.clear()
