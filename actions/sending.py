"""Handing replies to Rasa, with what was understood of the turn."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.executor import CollectingDispatcher

from actions.reply import Reply
from procedures_catalog import Hit

MAX_UNDERSTOOD = 5
# What a reply may have done beside being sent: the words it answers are not kept anywhere.
FORGET_WORDS = "forget_words"
# It was asked for whole: no channel folds it once more.
SHOWN_IN_FULL = "in_full"


def send(
    dispatcher: CollectingDispatcher,
    reply: Reply,
    hits: Sequence[Hit] | None = None,
    aspects: Sequence[str] | None = None,
    effect: str | None = None,
) -> None:
    """``hits`` (best first) and ``aspects`` travel beside the reply as ``understood``; ``effect``: what the
    gateway does besides."""
    understood: dict[str, object] = {}
    if hits is not None:
        understood["procedures"] = [
            {"id": hit.procedure.id, "code": hit.procedure.code, "score": round(hit.score, 4)}
            for hit in hits[:MAX_UNDERSTOOD]
        ]
    if aspects is not None:
        understood["aspects"] = list(aspects)
    beside = {"understood": understood} if understood else {}
    if effect is not None:
        beside["effect"] = effect
    dispatcher.utter_message(json_message={**reply, **beside})
