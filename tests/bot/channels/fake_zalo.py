"""A fake of Zalo's OA API and OAuth, from the documents, with faults on demand.

It enforces what Zalo does: tokens that expire, refresh tokens of one use, limits of text and buttons,
the window of seven days, people who blocked the account. Errors come as HTTP 200. ``faults`` are taken
one a call to the message endpoint: None is none, an int is Zalo's error code, a string one of ``http 500``,
``http 429``, ``lost before``, ``lost after`` (delivered, and the answer lost), ``garbage``.
"""

from __future__ import annotations

import json
import threading
import time
import unicodedata
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.zalo.signature import mac
from tests.bot.channels.serving import Lost, parameters

APP_ID, APP_SECRET, OA_SECRET = "360846524940903967", "app-secret", "oa-secret"
FILE_ENDINGS = (".pdf", ".doc", ".docx", ".csv")
_BUTTONS = ("oa.query.hide", "oa.query.show", "oa.open.url", "oa.open.phone", "oa.open.sms")
_LIMIT = 4000


@dataclass
class FakeZalo:
    """``messages``: (user id, message) in order of arrival; ``hidden``: which of them (1, 2, …) were never
    confirmed; ``tokens``: access token → when it ends."""

    life: float = 90_000.0
    tokens: dict[str, float] = field(default_factory=lambda: {"access-0": time.time() + 90_000})
    refresh_tokens: set[str] = field(default_factory=lambda: {"refresh-0"})
    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    templates: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    not_following: set[str] = field(default_factory=set)
    last_act: dict[str, float] = field(default_factory=dict)
    faults: deque[int | str | None] = field(default_factory=deque)
    oauth_faults: deque[str] = field(default_factory=deque)
    refreshes: int = 0
    calls: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v3.0/oa/message/cs", self._message, methods=["POST"]),
                Route("/v3.0/oa/message/template", self._template, methods=["POST"]),
                Route("/v2.0/oa/upload/file", self._upload, methods=["POST"]),
                Route("/v2.0/oa/getoa", self._profile),
                Route("/v4/oa/access_token", self._refresh, methods=["POST"]),
            ]
        )

    def texts(self, user_id: str) -> list[str]:
        return [message.get("text", "") for to, message in self.messages if to == user_id]

    def expire(self) -> None:
        """Every access token has run out."""
        self.tokens = dict.fromkeys(self.tokens, 0.0)

    async def _message(self, request: Request) -> Response:
        self.calls.append(time.time())
        body = await request.json()
        user_id, message = body["recipient"]["user_id"], body["message"]
        code = self._token_fault(request) or self._faulty(user_id, message)
        fault = self.faults.popleft() if self.faults else None
        if fault == "http 500":
            return PlainTextResponse("upstream", 500)
        if fault == "http 429":
            return PlainTextResponse("slow down", 429, {"Retry-After": "1"})
        if fault == "lost before":
            return Lost()
        code = code or (fault if isinstance(fault, int) else 0)
        if code:
            return _error(code)
        with self._lock:
            self.messages.append((user_id, message))
            number = len(self.messages)
        if fault == "lost after":
            self.hidden.add(number)
            return Lost()
        if fault == "garbage":
            return PlainTextResponse("<html>")
        quota = {"quota_type": "reply", "remain": "7", "total": "8"}
        data = {"message_id": f"zm{number}", "user_id": user_id, "sent_time": "1", "quota": quota}
        return JSONResponse({"data": data, "error": 0, "message": "Success"})

    def _token_fault(self, request: Request) -> int:
        ends = self.tokens.get(request.headers.get("access_token", ""))
        if ends is None:
            return -216
        return -220 if ends <= time.time() else 0

    def _faulty(self, user_id: str, message: dict[str, Any]) -> int:
        """Zalo's error code for a message, 0 when it is good."""
        if len([at for at in self.calls if at > time.time() - 60]) > _LIMIT:
            return -32
        if user_id in self.blocked:
            return -244
        if user_id in self.not_following:
            return -213
        if self.last_act.get(user_id, time.time()) < time.time() - 7 * 86_400:
            return -230
        text, attachment = message.get("text", ""), message.get("attachment")
        if not isinstance(text, str) or (not text and attachment is None):
            return -201
        if len(unicodedata.normalize("NFC", text)) > 2000:
            return -210
        return 0 if attachment is None else self._attachment(attachment)

    def _attachment(self, attachment: dict[str, Any]) -> int:
        payload = attachment.get("payload") or {}
        if attachment.get("type") == "file":
            return 0 if payload.get("token") in self.uploads else -201
        if attachment.get("type") != "template" or payload.get("template_type") not in (None, "media"):
            return -233
        buttons = payload.get("buttons", [])
        if not 1 <= len(buttons) <= 5:
            return -210
        return next((code for code in map(_button_fault, buttons) if code), 0)

    async def _template(self, request: Request) -> Response:
        """An approved template, at any time; its parameters are texts."""
        self.calls.append(time.time())
        body = await request.json()
        user_id, data = body["user_id"], body["template_data"]
        fault = self.faults.popleft() if self.faults else None
        code = self._token_fault(request) or (fault if isinstance(fault, int) else 0)
        if not code and not all(isinstance(value, str) and value for value in data.values()):
            code = -201
        if code:
            return _error(code)
        self.templates.append((user_id, body["template_id"], data))
        return JSONResponse(
            {"data": {"message_id": f"zt{len(self.templates)}"}, "error": 0, "message": "Success"}
        )

    async def _upload(self, request: Request) -> Response:
        if code := self._token_fault(request):
            return _error(code)
        name, data = (await parameters(request))["file"]
        if len(data) > 5 * 1024 * 1024 or not name.lower().endswith(FILE_ENDINGS):
            return _error(-201)
        token = f"file-{len(self.uploads)}"
        self.uploads[token] = (name, data)
        return JSONResponse({"data": {"token": token}, "error": 0, "message": "Success"})

    async def _profile(self, request: Request) -> Response:
        if code := self._token_fault(request):
            return _error(code)
        data = {"oa_id": "388613280878808645", "name": "Trung tâm thử"}
        return JSONResponse({"data": data, "error": 0, "message": "Success"})

    async def _refresh(self, request: Request) -> Response:
        """OAuth. A refused refresh comes as HTTP 200 too."""
        form = await parameters(request)
        fault = self.oauth_faults.popleft() if self.oauth_faults else None
        if fault == "http 500":
            return PlainTextResponse("upstream", 500)
        refused = {"error": -14014, "error_name": "invalid", "error_description": "invalid refresh token"}
        good = (
            request.headers.get("secret_key") == APP_SECRET
            and form.get("app_id") == APP_ID
            and form.get("grant_type") == "refresh_token"
        )
        with self._lock:
            if fault == "refused" or not good or form.get("refresh_token") not in self.refresh_tokens:
                return JSONResponse(refused)
            if fault == "half":
                return JSONResponse({"access_token": "half", "expires_in": "90000"})
            self.refreshes += 1
            self.refresh_tokens = {f"refresh-{self.refreshes}"}
            self.tokens[f"access-{self.refreshes}"] = time.time() + self.life
        if fault == "lost after":
            return Lost()
        pair = {"access_token": f"access-{self.refreshes}", "refresh_token": f"refresh-{self.refreshes}"}
        return JSONResponse({**pair, "expires_in": str(int(self.life))})


def _button_fault(button: dict[str, Any]) -> int:
    payload = button.get("payload")
    if button.get("type") not in _BUTTONS or not button.get("title") or len(button["title"]) > 100:
        return -201
    if button["type"].startswith("oa.query"):
        return 0 if isinstance(payload, str) and 0 < len(payload) <= 1000 else -201
    if button["type"] == "oa.open.url":
        return 0 if str((payload or {}).get("url", "")).startswith("http") else -201
    return 0 if str((payload or {}).get("phone_code", "")).isdigit() else -201


def _error(code: int) -> Response:
    return JSONResponse({"error": code, "message": f"error {code}"})


# --- what Zalo sends to us ---------------------------------------------------------------------------


def event(name: str, user: str = "246845883529197922", **fields: Any) -> dict[str, Any]:
    """An event as Zalo sends it; ``fields`` are added to it or replace parts."""
    base = {
        "app_id": APP_ID,
        "sender": {"id": user},
        "recipient": {"id": "388613280878808645"},
        "event_name": name,
        "timestamp": str(int(time.time() * 1000)),
    }
    return base | fields


def text_event(user: str, text: str, msg_id: str) -> dict[str, Any]:
    return event("user_send_text", user, message={"text": text, "msg_id": msg_id})


def signed(event: dict[str, Any], retry: int = 0) -> tuple[bytes, dict[str, str]]:
    """(body, headers) of a delivery."""
    body = json.dumps(event, ensure_ascii=False).encode()
    signature = mac(APP_ID, body, str(event.get("timestamp", "")), OA_SECRET)
    headers = {"X-ZEvent-Signature": f"mac={signature}", "Content-Type": "application/json"}
    return body, headers | ({"num_retry": str(retry)} if retry else {})
