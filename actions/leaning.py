"""Messages without a name of their own: "cấp lại", "cái thứ hai". They lean on what was talked of before."""

from __future__ import annotations

import re

from actions.bootstrap import Services
from actions.decision import MAX_OFFERED, SURE, Decision, exactly, in_force
from actions.plain import stands_in_a_name
from actions.turn import Turn
from procedures_catalog import Hit, Procedure
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

# What is to be done says little of what to: it is asked about at most as surely as this.
HALF_SURE = 0.5


def doing_alone(text: str) -> str | None:
    """What is to be done ("cap lai"), when the message says that and not with what."""
    known, words = phrasing(), normalize(text).split()
    doing = next(iter(known.phrases("doings").spans(words)), None)
    if doing is None or not known.consists_of(words, "filling", "doing_words"):
        return None
    return " ".join(words[slice(*doing)])


def done_otherwise(text: str, context: Procedure) -> str | None:
    """What is to be done ("làm lại mất tiền không") that is not what the matter talked of does, when nothing
    but that and a question is said."""
    known, words = phrasing(), normalize(text).split()
    spans = known.phrases("redoing").spans(words)
    if not spans or not known.consists_of(
        words, "filling", "doing_words", "redoing", "leaning", "continuing"
    ):
        return None
    doing = words[slice(*spans[0])]
    return None if stands_in_a_name(doing, context) else " ".join(doing)


def done_to(doing: str, services: Services, context: Procedure | None, *, other: bool = False) -> Decision:
    """ "Cấp lại" of what was talked of; with nothing before it, the citizen is asked of what. ``other``: the
    matter talked of does not do that itself."""
    said = f"{doing} {thing(context)}" if context else doing
    hits = in_force(services.catalog.find_in(said).hits, services)
    if other and context:
        near = [hit for hit in hits if hit.procedure.id in context.siblings]
        hits = near or [hit for hit in hits if hit.procedure.id != context.id]
    if context and hits and hits[0].score >= SURE:
        return Decision("procedures", [hits[0].procedure], hits)
    asked = [Hit(hit.procedure, min(HALF_SURE, hit.score)) for hit in hits]
    offered = [hit.procedure for hit in asked[:MAX_OFFERED] if other is False or hit.score > 0.0]
    return Decision("choice", [*offered[: MAX_OFFERED - 1], context] if other and context else offered, asked)


def thing(procedure: Procedure) -> str:
    """What a procedure is about, without what is done to it: "giấy phép lái xe" of "Đổi giấy phép lái xe"."""
    name = procedure.also_called[0] if procedure.also_called else procedure.name
    words = normalize(name.removeprefix("Thủ tục ")).split()
    while len(words) > 1 and words[0] in phrasing().phrases("doing_words"):
        words = words[1:]
    return " ".join(words)


def picked(turn: Turn, services: Services) -> Decision | None:
    """ "cái thứ hai", "số 2", "cái cuối" of what was offered last; a number beyond it asks again."""
    known, words = phrasing(), normalize(turn.matter).split()
    offered = turn.slots.get("offered") or []
    number = next((int(w) for w in re.findall(r"\d+", turn.matter)), 0) or known.ordinal(words)
    if known.says("last", words):
        number = len(offered)
    if known.says("first", words):
        number = 1
    if 1 <= number <= len(offered):
        return exactly(services.catalog.find(offered[number - 1]))
    if number and offered:
        return Decision("choice", [p for key in offered if (p := services.catalog.find(key))])
    return None
