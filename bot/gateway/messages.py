"""The body of ``POST /api/v1/messages`` → one :class:`Message`, or a clear refusal."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from uuid import uuid4

import msgspec

from bot.errors import BadRequest
from bot.gateway.payloads import Payload, parse_payload
from bot.json_body import decode_json

LONGEST_TEXT = 1000
SESSION = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# Direction overrides and invisible fillers, which change what a person sees; the joiners of emoji stay.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


@dataclass(frozen=True)
class Message:
    """What one person said once: ``text``, or the payload of a button. ``network``: a word for where it came
    from, on the web (:mod:`bot.gateway.networks`)."""

    conversation: str
    message_id: str
    text: str | None = None
    payload: Payload | None = None
    network: str | None = None


def clean(text: str) -> str:
    """``text`` in NFC, trimmed, with line breaks kept and other control characters removed."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _INVISIBLE.sub("", text)
    kept = (
        " " if c == "\t" else c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")
    )
    return "".join(kept).strip()


def parse_message(body: bytes) -> Message:
    """The message in a request's body.

    Raises:
        BadRequest: 400 ``bad_json``; 422 ``bad_body``, ``bad_session``, ``text_or_payload``,
            ``bad_text``, ``empty_text``, ``text_too_long``, ``unknown_payload``.
    """
    try:
        data = decode_json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest(400, "bad_json") from None
    if not isinstance(data, dict):
        raise BadRequest(422, "bad_body")
    session, text, payload = data.get("session"), data.get("text"), data.get("payload")
    if not isinstance(session, str) or not SESSION.fullmatch(session):
        raise BadRequest(422, "bad_session")
    if (text is None) == (payload is None):
        raise BadRequest(422, "text_or_payload")
    conversation, message_id = f"web:{session}", uuid4().hex
    if payload is not None:
        if not isinstance(payload, str):
            raise BadRequest(422, "unknown_payload")
        return Message(conversation, message_id, payload=parse_payload(payload))
    if not isinstance(text, str):
        raise BadRequest(422, "bad_text")
    text = clean(text)
    if not text:
        raise BadRequest(422, "empty_text")
    if len(text) > LONGEST_TEXT:
        raise BadRequest(422, "text_too_long", most=LONGEST_TEXT, length=len(text))
    return Message(conversation, message_id, text=text)
