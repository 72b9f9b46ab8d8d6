"""What a button of ours carries where its payload must not stand itself: a short key.

The key is a digest of the payload; what it stands for is looked up among the replies that the same
person was sent (the outbox). So a key works in any gateway and after a restart, for nobody else, and
no longer than the conversation is kept.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.channels.rendering import Choice, choices_of, text_of
from bot.mailbox import Reply

_KEY = re.compile(r"#[a-z2-7]{16}(?:\.([1-9][0-9]{0,2}|full))?")
_FULL = "full"


def payload_key(payload: str) -> str:
    """The key of one button, such as ``#k3jd…`` (17 characters)."""
    return "#" + _digest(payload)


def more_key(choices: Sequence[Choice], start: int) -> str:
    """The key of "more": the choices of the same reply from the ``start``-th on."""
    return f"#{_digest(_rows(choices))}.{start}"


def full_key(reply: Reply) -> str:
    """The key of the button under a folded answer: all of its text."""
    return f"#{_digest(text_of(reply))}.{_FULL}"


def looks_like_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def resolve(key: str, replies: Iterable[Reply]) -> dict[str, Any] | None:
    """What was tapped: ``{"payload": …}``, for "more" ``{"event": "more", "buttons", "links"}``, for the
    whole of a folded answer ``{"event": "full", "reply"}``.

    None when none of ``replies`` has it.
    """
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    for reply in replies:
        choices = choices_of(reply)
        if match[1] == _FULL:
            if full_key(reply) == key:
                return {"event": _FULL, "reply": reply | as_reply(choices)}
        elif match[1] is None:
            found = next((c for c in choices if c.payload and payload_key(c.payload) == key), None)
            if found is not None:
                return {"payload": found.payload}
        elif choices and more_key(choices, int(match[1])) == key:
            return {"event": "more", **as_reply(choices[int(match[1]) :])}
    return None


def as_reply(choices: Iterable[Choice]) -> dict[str, list[dict[str, str]]]:
    """``{"buttons": […], "links": […]}`` as a reply has them."""
    buttons, links = [], []
    for choice in choices:
        if choice.payload:
            buttons.append({"title": choice.title, "payload": choice.payload})
        else:
            links.append({"title": choice.title, "url": choice.url or f"tel:{choice.phone}"})
    return {"buttons": buttons, "links": links}


def _rows(choices: Sequence[Choice]) -> str:
    return json.dumps([[c.title, c.payload, c.url, c.phone] for c in choices], ensure_ascii=False)


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(digest[:10]).decode().lower()
