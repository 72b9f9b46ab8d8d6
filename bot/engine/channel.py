"""The engine's only door: a REST channel that carries ids, keeps errors errors, and trusts no slash.

``POST /webhooks/motcua/webhook`` takes one message at a time from the gateway:
``{"conversation", "message_id", "text"}`` from a person, or ``{"conversation", "message_id",
"intent", "entities"}`` from a button (mapped by the gateway), with the web's ``network``, a word that
actions may count by and that is not kept. The answer holds the replies of the
turn and what was understood; a failure is an error status with ``{"error": {code, message}}``.
"""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse

log = logging.getLogger(__name__)
SECRET_HEADER = "X-Motcua-Secret"
MAX_TEXT = 2000


class BadMessage(Exception):
    """The request does not hold a message; the text says what is missing."""


class MotcuaInput(InputChannel):
    """See the module. ``secret`` guards the door, since other users of the machine share loopback."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    @classmethod
    def name(cls) -> str:
        return "motcua"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> MotcuaInput:
        return cls((credentials or {}).get("secret") or os.environ.get("MOTCUA_ENGINE_SECRET", ""))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        webhook = Blueprint("motcua_webhook", __name__)

        @webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            ready = agent is not None and agent.is_ready()
            return response.json({"ready": ready}, status=200 if ready else 503)

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, self._secret.encode()):
                return _error(403, "forbidden", "The shared secret is missing or wrong.")
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                return _error(503, "not_ready", "The dialogue model is not loaded yet.")
            try:
                message = await self._message(request, agent)
            except BadMessage as error:
                return _error(422, "bad_message", str(error))
            try:
                await on_new_message(message)
            except RasaException as error:
                log.error("turn failed: %s", type(error).__name__)
                return _error(502, "turn_failed", "The turn could not be finished.")
            answer = _answer(message)
            if not answer["replies"]:
                # Rasa logs a failed action and goes on: silence here is always a fault.
                return _error(502, "no_reply", "An action failed, so the turn has no reply.")
            return response.json(answer)

        @webhook.exception(Exception)
        async def failed(request: Request, error: Exception) -> HTTPResponse:
            """Whatever else goes wrong (the database is away, say) keeps the shape of an error."""
            log.error("request failed: %s", type(error).__name__)
            return _error(500, "engine_failed", "The engine could not take the message.")

        return webhook

    async def _message(self, request: Request, agent: Any) -> UserMessage:
        try:
            body = request.json if isinstance(request.json, dict) else {}
        except InvalidUsage as error:
            raise BadMessage("the body is no JSON") from error
        conversation, text, intent = body.get("conversation"), body.get("text"), body.get("intent")
        if not isinstance(conversation, str) or not conversation:
            raise BadMessage("'conversation' is missing")
        if isinstance(intent, str):
            if intent not in agent.processor.domain.intents:
                raise BadMessage("'intent' is none of the dialogue's")
            entities = body.get("entities") or []
            parsed = {
                "text": text or intent,
                "intent": {"name": intent, "confidence": 1.0},
                "entities": [e for e in entities if isinstance(e, dict)],
            }
        elif isinstance(text, str) and text.strip(" /\t\n"):
            # A leading slash names an intent for Rasa: it never comes from a person.
            text = text.strip()[:MAX_TEXT].lstrip("/ ")
            parsed = dict(await agent.processor.parse_message(UserMessage(text)))
        else:
            raise BadMessage("'text' or 'intent' is missing")
        network = body.get("network")
        return UserMessage(
            parsed["text"],
            CollectingOutputChannel(),
            conversation,
            parse_data=parsed,
            input_channel=self.name(),
            message_id=body.get("message_id"),
            metadata={"network": network} if isinstance(network, str) else None,
        )


def _answer(message: UserMessage) -> dict[str, Any]:
    """Replies of ours travel in ``custom``; a plain text (a domain response) is small talk."""
    parsed = message.parse_data or {}
    intent = parsed.get("intent") or {}
    understood = {
        "intent": intent.get("name"),
        "confidence": round(float(intent.get("confidence") or 0.0), 4),
        "procedures": [],
        "aspects": list(
            dict.fromkeys(e["value"] for e in parsed.get("entities", []) if e.get("entity") == "aspect")
        ),
    }
    replies = []
    for sent in message.output_channel.messages:
        custom = sent.get("custom")
        if custom:
            understood.update(custom.pop("understood", {}))
            if custom.get("text"):
                replies.append(custom)
        elif sent.get("text"):
            replies.append({"kind": "smalltalk", "text": sent["text"]})
    return {"replies": replies, "understood": understood}


def _error(status: int, code: str, message: str) -> HTTPResponse:
    return response.json({"error": {"code": code, "message": message}}, status=status)
