"""Zalo's OA API over HTTP. Errors arrive as HTTP 200 with ``error`` other than 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from bot.channels.outside import File
from bot.channels.zalo.faults import FAULTS

MESSAGE = "/v3.0/oa/message/cs"
TEMPLATE = "/v3.0/oa/message/template"
UPLOAD = "/v2.0/oa/upload/file"
PROFILE = "/v2.0/oa/getoa"


@dataclass(frozen=True)
class Said:
    """An answer: ``code`` 0 is success; ``data`` what came with it."""

    code: int
    data: dict[str, Any]


class NotAnAnswer(Exception):
    """HTTP said something else than 200 with a JSON object. ``status``: what it said."""

    def __init__(self, status: int, retry_after: str | None) -> None:
        self.status, self.retry_after = status, retry_after
        super().__init__(f"HTTP {status}")


@dataclass(frozen=True)
class ZaloApi:
    """``url``: ``MOTCUA_ZALO_API_URL``. Every call takes the access token to be used.

    Each raises ``NotAnAnswer`` and ``httpx.HTTPError``.
    """

    http: httpx.AsyncClient
    url: str

    async def message(self, token: str, user_id: str, message: dict[str, Any]) -> Said:
        """Sends one customer-service message; ``data`` has ``message_id`` and ``quota``."""
        body = {"recipient": {"user_id": user_id}, "message": message}
        return _said(await self.http.post(self.url + MESSAGE, json=body, headers=_headers(token)))

    async def template(self, token: str, user_id: str, template_id: str, facts: dict[str, str]) -> Said:
        """Sends an approved template with its parameters, at any time; ``data`` has ``message_id``."""
        body = {"user_id": user_id, "template_id": template_id, "template_data": facts}
        return _said(await self.http.post(self.url + TEMPLATE, json=body, headers=_headers(token)))

    async def upload(self, token: str, file: File) -> Said:
        """Uploads a document (PDF, DOC, DOCX, CSV, at most 5 MB); ``data`` has its ``token``, for 7 days."""
        files = {"file": (file.name, file.data, file.type)}
        return _said(await self.http.post(self.url + UPLOAD, files=files, headers=_headers(token)))

    async def profile(self, token: str) -> Said:
        """The Official Account itself; ``data`` has ``oa_id`` and ``name``."""
        return _said(await self.http.get(self.url + PROFILE, headers=_headers(token)))


def _headers(token: str) -> dict[str, str]:
    return {"access_token": token}


def _said(response: httpx.Response) -> Said:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    # What came with data has been done, whether the code of success stands beside it or not.
    code = answer.get("error", 0 if answer.get("data") else None) if isinstance(answer, dict) else None
    # A front server's own failure may be JSON too, with codes of its own.
    if not isinstance(code, int) or (response.status_code != 200 and code not in FAULTS):
        raise NotAnAnswer(response.status_code, response.headers.get("Retry-After"))
    data = answer.get("data")
    return Said(code, data if isinstance(data, dict) else {})
