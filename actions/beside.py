"""What is asked in the same message as a dossier's code: a procedure, the centre's hours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions import notices
from actions.answering import answer_turn
from actions.bootstrap import Services
from actions.sending import send
from actions.turn import Turn
from actions.which import asks_for_a_dossier, decide, names_surely
from dossiers import find_codes
from procedures_catalog import Procedure
from vietnamese import clauses


def answer_beside(
    dispatcher: CollectingDispatcher, turn: Turn, s: Services, about: Procedure | None = None
) -> list[dict[str, Any]]:
    """Answers the rest of a message with dossiers' codes in it; nothing when there is no more in it.

    ``about``: the dossier's own procedure, which "… lệ phí bao nhiêu" after its code is about.
    """
    alone = _without_dossiers(turn, s, about)
    if alone is not None:
        return answer_turn(dispatcher, alone)
    for intent in dict.fromkeys([turn.intent, *turn.also]):
        if extra := notices.notice(intent, s):
            send(dispatcher, extra)
    return []


def _without_dossiers(turn: Turn, s: Services, about: Procedure | None) -> Turn | None:
    """The question about a procedure as a turn of its own."""
    codes = [found for found in find_codes(turn.text) if found.kind == "dossier"]
    if turn.from_button or not codes:
        return None
    parts = clauses(turn.text)
    others = [p.text for p in parts if all(p.end <= f.start or f.end <= p.start for f in codes)]
    if not others and not turn.aspects:
        # "hồ sơ … về cấp lại căn cước tới đâu rồi" names the dossier's own procedure.
        return None
    rest = "; ".join(others) or _blanked(turn.text, [(f.start, f.end) for f in codes])
    if not any(character.isalpha() for character in rest):
        # What was understood beside the codes was read out of their letters.
        return None
    intent = f"ask_{turn.aspects[0]}" if turn.aspects else "name_procedure"
    context = about.id if about and turn.intent.startswith("ask_") else None
    slots = {**turn.slots, "procedure": context, "offered": None, "dossier_wish": None}
    alone = replace(turn, text=rest, mended="", intent=intent, slots=slots)
    # "… tới đâu" beside a code asks for the state that was told already, and for no place to hand in at.
    told = rest if others else f"hồ sơ {rest}"
    if asks_for_a_dossier(replace(alone, text=told), s):
        return None
    kind = decide(alone, s).kind
    asks = bool(turn.aspects) and kind in ("procedures", "choice", "event")
    return alone if asks or names_surely(alone, s) else None


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return text
