"""What a turn asks of a procedure: its aspects, and the fines that no entry holds."""

from __future__ import annotations

from actions.decision import Decision
from actions.turn import Turn
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

# A story that asks nothing has no likely aspect either: below this probability it is told in general.
GUESSED = 0.1
# How to hand in by the portal, of whatever procedure.
PORTAL = "portal_help"


def asked_by_case(aspects: list[str]) -> list[str]:
    """Only the papers are asked for by case; fees and times list their few cases at once."""
    return [aspect for aspect in aspects if aspect == "documents"]


def aspects_of(turn: Turn, decision: Decision) -> list[str]:
    """What is answered: what the message asks for, else what was asked before, else the overview."""
    asked = asked_for(turn, decision)
    if asked and not _asks_the_same(turn):
        paid = any(fee.state == "amount" for p in decision.procedures for fee in p.fees)
        received = not paid and _speaks_of_what_is_received(turn)
        return list(dict.fromkeys("result" if a == "fee" and received else a for a in asked))
    if turn.intent == PORTAL:
        return ["online"]
    if decision.cases and (not turn.aspects or _asks_the_same(turn)):
        return ["documents"]
    remembered = turn.slots.get("aspects") or []
    # "còn kết hôn?" keeps what was asked; so does the answer to "which one?".
    chooses = turn.intent in ("pick_option", "choose_procedure", "affirm")
    names = turn.intent == "name_procedure" and (turn.slots.get("offered") or _goes_on(turn))
    names = names or _asks_the_same(turn)
    if remembered and (chooses or names):
        return list(remembered)
    # "Tôi muốn tách thửa" asks what to do, "tách thửa" what it is.
    wished = decision.procedures and all(procedure.steps for procedure in decision.procedures)
    wished = wished and not turn.from_button and phrasing().wishes(normalize(turn.said).split())
    return ["method" if wished else "overview"]


def asked_for(turn: Turn, decision: Decision) -> list[str]:
    """The aspects that the message itself asks for."""
    guessed = turn.confidence < GUESSED and not turn.from_button and decision.hits
    return [] if guessed else turn.aspects


def _speaks_of_what_is_received(turn: Turn) -> bool:
    """ "Được bao nhiêu tiền một tháng" asks for no fee; a fee in a clause of its own beside it is one ("tốn
    bao nhiêu, dùng được mấy năm")."""
    fee = [turn.said[start:end] for start, end in turn.asked_in.get("fee", ())]
    said = fee if fee and "result" in turn.aspects else [turn.said]
    return any(phrasing().says("receiving", normalize(text).split()) for text in said)


def _goes_on(turn: Turn) -> bool:
    first = normalize(turn.said).partition(" ")[0]
    return bool(turn.slots.get("procedure")) and first in phrasing().phrases("continuing")


def _asks_the_same(turn: Turn) -> bool:
    """ "Còn hộ chiếu thì sao" asks what was asked before, and not how it is done."""
    words = normalize(turn.said).split()
    ends = phrasing().phrases("and_what_of").before(words, len(words))
    return turn.aspects == ["method"] and _goes_on(turn) and bool(ends)


def fines(text: str, *phrases: str) -> bool:
    """Whether the text speaks of a fine, or asks for one."""
    words = normalize(text).split()
    return any(phrasing().says(name, words) for name in phrases or ("fines", "fines_asked"))


def asked_beside_the_fine(turn: Turn) -> bool:
    """ "Phạt bao nhiêu, lệ phí bao nhiêu?": whether another clause than the fine's asks for something."""
    spans = [span for aspect in turn.aspects for span in turn.asked_in.get(aspect, ())]
    return any(not fines(turn.said[start:end]) for start, end in spans)
