"""What a button carries: ``intent?key=value&key=value``, url-encoded.

Only intents that a button of ours can hold are let through; a payload never reaches the engine as
text, so nothing a person types can pass for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from bot.errors import BadRequest

INTENTS = frozenset(
    {
        *("ask", "choose_procedure", "list_procedures", "show_more", "life_event"),
        *("choose_case", "skip_cases", "centre_info", "start_over", "affirm", "deny"),
        *("dossier_status", "forgotten_code"),
        *("dossier_details", "dossier_subscribe", "dossier_unsubscribe"),
        *("talk_to_person", "handover_confirm", "erase_data", "erase_confirm", "rate"),
    }
)
LISTS = frozenset({"aspect"})
LONGEST = 1000
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Payload:
    """An intent and its entities as (name, value); a key with a comma list gives one for each.

    ``text``: what the button carried, to be parsed again.
    """

    intent: str
    entities: list[tuple[str, str]] = field(default_factory=list)
    text: str = field(default="", compare=False)


def parse_payload(text: str) -> Payload:
    """The payload of a button.

    Raises:
        BadRequest: 422 ``unknown_payload``, when no button of ours carries it.
    """
    intent, _, query = text.partition("?")
    if intent not in INTENTS or len(text) > LONGEST or _CONTROL.search(text):
        raise BadRequest(422, "unknown_payload")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError:
        raise BadRequest(422, "unknown_payload") from None
    entities: list[tuple[str, str]] = []
    for key, value in pairs:
        if not _KEY.fullmatch(key) or _CONTROL.search(value):
            raise BadRequest(422, "unknown_payload")
        values = value.split(",") if key in LISTS else [value]
        entities += [(key, part.strip()) for part in values if part.strip()]
    return Payload(intent, entities, text)
