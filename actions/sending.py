"""Handing replies to Rasa, with what was understood of the turn."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.executor import CollectingDispatcher

from actions.reply import Reply
from procedures_catalog import Hit

MAX_UNDERSTOOD = 5


def send(
    dispatcher: CollectingDispatcher,
    reply: Reply,
    hits: Sequence[Hit] | None = None,
    aspects: Sequence[str] | None = None,
) -> None:
    """``hits`` (best first) and ``aspects`` travel beside the reply as ``understood``."""
    understood: dict[str, object] = {}
    if hits is not None:
        understood["procedures"] = [
            {"id": hit.procedure.id, "code": hit.procedure.code, "score": round(hit.score, 4)}
            for hit in hits[:MAX_UNDERSTOOD]
        ]
    if aspects is not None:
        understood["aspects"] = list(aspects)
    dispatcher.utter_message(json_message={**reply, "understood": understood} if understood else dict(reply))
