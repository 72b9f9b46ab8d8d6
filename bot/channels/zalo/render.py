"""A reply as what Zalo is sent: the ``message`` of each call of ``/v3.0/oa/message/cs``, in order.

Limits: text of 2,000 characters (NFC, no markup), five buttons, titles of 100 characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.channels.cutting import cut, units
from bot.channels.folding import folded
from bot.channels.keys import full_key, more_key, payload_key
from bot.channels.rendering import Choice, choices_of, forms_of, shorten, sources_of, text_of
from bot.channels.words import Words
from bot.mailbox import Reply

LONGEST_TEXT = 1999
MOST_BUTTONS = 5
LONGEST_TITLE = 100
Part = dict[str, Any]


def render(reply: Reply, words: Words) -> list[Part]:
    """The parts of a reply: ``{"message": {…}}`` as Zalo takes it, or ``{"form": {"title", "url"}}``,
    a document that has to be uploaded first."""
    short = folded(reply, words)
    texts = _texts(reply, text_of(reply) if short is None else short, words)
    buttons = _buttons(reply, words, is_folded=short is not None)
    if buttons and not texts:
        texts = [words.say("choose")]
    parts: list[Part] = [{"message": {"text": text}} for text in texts]
    if buttons:
        payload = {"type": "template", "payload": {"buttons": buttons}}
        parts[-1]["message"]["attachment"] = payload
    return parts + [{"form": {"title": form.title, "url": form.url}} for form in forms_of(reply)]


def link_to_form(title: str, url: str, words: Words) -> Part:
    """What is sent in place of a form that cannot be had as a file now."""
    choice = Choice(words.say("open_form", title=title), url=url)
    buttons = [_button(choice)]
    return {
        "message": {
            "text": shorten(title, LONGEST_TEXT),
            "attachment": {"type": "template", "payload": {"buttons": buttons}},
        }
    }


def _texts(reply: Reply, text: str, words: Words) -> list[str]:
    texts = cut(text, LONGEST_TEXT)
    sources = sources_of(reply)
    if sources is None:
        return texts
    line = sources.line(words, [source.title for source in sources.shown])
    if texts and units(texts[-1]) + 2 + units(line) <= LONGEST_TEXT:
        return [*texts[:-1], f"{texts[-1]}\n\n{line}"]
    return [*texts, line]


def _buttons(reply: Reply, words: Words, *, is_folded: bool) -> list[dict[str, Any]]:
    choices = choices_of(reply)
    whole = [_query(words.say("whole"), full_key(reply))] if is_folded else []
    if len(whole) + len(choices) > MOST_BUTTONS:
        shown = MOST_BUTTONS - len(whole) - 1
        more = _query(words.say("more"), more_key(choices, shown))
        return [*whole, *(_button(choice) for choice in choices[:shown]), more]
    if reply.get("kind") == "handover" and len(choices) < MOST_BUTTONS:
        choices = [*choices, *_call(words)]
    return [*whole, *(_button(choice) for choice in choices)]


def _call(words: Words) -> Sequence[Choice]:
    hotline = words.facts["hotline"]
    return [Choice(words.say("call"), phone=hotline)] if phone_code(hotline) else []


def _button(choice: Choice) -> dict[str, Any]:
    title = shorten(choice.title, LONGEST_TITLE)
    if choice.payload is not None:
        return _query(title, payload_key(choice.payload))
    if choice.phone is not None:
        return {"title": title, "type": "oa.open.phone", "payload": {"phone_code": phone_code(choice.phone)}}
    return {"title": title, "type": "oa.open.url", "payload": {"url": choice.url}}


def _query(title: str, key: str) -> dict[str, Any]:
    return {"title": title, "type": "oa.query.hide", "payload": key}


def phone_code(number: str) -> str:
    """A number as Zalo dials it: ``0901 234 567`` → ``84901234567``, ``1900 0000`` → ``19000000``."""
    digits = re.sub(r"\D", "", number)
    return "84" + digits[1:] if digits.startswith("0") else digits
