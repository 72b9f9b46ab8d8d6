"""Messages that name nothing: they lean on the matter talked of, on what was offered, or on nothing."""

from __future__ import annotations

from dataclasses import replace

from actions.bootstrap import Services
from actions.decision import (
    EVENT,
    FAMILIAR,
    MAX_BESIDE,
    SURE,
    Decision,
)
from actions.leaning import HALF_SURE
from actions.middle import LEANING, short, together
from actions.remark import remark, tells_an_age_alone
from actions.turn import Turn, unsure
from procedures_catalog import Hit, Procedure
from procedures_catalog.search import Finding
from vietnamese import normalize

# A longer list is for reading; a question after it is not about one of its first.
MAX_LISTED = 12
ELSEWHERE = 0.9
# Where nothing is named, so many as likely as this are offered before what everybody is.
MAX_NAMELESS, LIKELY = 2, 0.3
# Offered where nothing is known of what is meant.
SUGGESTED = ("dang-ky-khai-sinh", "cap-can-cuoc", "dang-ky-thuong-tru", "chung-thuc-ban-sao")


def read_beside(
    turn: Turn, services: Services, context: Procedure, found: Finding, hits: list[Hit]
) -> Decision | None:
    """Another matter that a few words mean with the one talked of: "bị sai tên" is about the paper."""
    with_it = together(turn, services, context)
    if not with_it or with_it[0].score < SURE or tells_an_age_alone(normalize(turn.matter).split()):
        return None
    if found.event and found.event_score >= max(EVENT, with_it[0].score):
        return None  # a situation of its own, told more surely
    first = with_it[0].procedure
    return Decision("procedures", [first], with_it, by_context=True) if first.id != context.id else None


def nameless(
    turn: Turn, services: Services, context: Procedure | None, found: Finding, hits: list[Hit]
) -> Decision:
    """The words name nothing: they lean on what was talked of, or nobody knows of what they are."""
    offered = offered_last(turn, services)
    if (context or offered) and found.elsewhere >= ELSEWHERE and not _leans(turn):
        # A long sentence without a name in the middle of a conversation may well go on about its matter.
        if context and not short(turn) and "out_of_scope" not in turn.also:
            if hits and hits[0].score >= SURE and hits[0].procedure != context:
                return Decision("choice", [hits[0].procedure, context], hits)
            return is_it(turn, context, hits)
        # "Bị sai tên" is nothing by itself, and after a birth certificate a matter of its own.
        beside = read_beside(turn, services, context, found, hits) if context and short(turn) else None
        beside = beside or (remark(turn, services, context, hits) if context and short(turn) else None)
        if beside and beside.kind != "unknown":
            return beside
        return Decision("elsewhere", hits=hits)
    if offered and not turn.aspects and hits and hits[0].procedure in offered and hits[0].score >= HALF_SURE:
        return Decision("procedures", [hits[0].procedure], hits)
    again = turn.slots.get("waiting_for") == "offer"
    if offered and not again:
        # "mất bao lâu?" under a list that was just shown: of which of these? Whoever then asks on without
        # choosing means none of them, and where nothing else was talked of the likeliest.
        if context and offered == [context]:
            return is_it(turn, context, hits)
        if context and offered[0] == context:
            # It was offered first because a few words about it were not understood.
            return Decision("procedures", [context], [Hit(context, 1.0)], by_context=True)
        both = [context, *offered] if context and context not in offered else offered
        return Decision("choice", both, hits, by_context=True)
    if offered and context is None:
        first, *others = offered
        assumed = Decision("procedures", [first], [Hit(first, HALF_SURE)], assumed=True)
        return replace(assumed, beside=others[:MAX_BESIDE])
    if context is not None:
        return Decision("procedures", [context], [Hit(context, 1.0)], by_context=True)
    likely = found.familiar >= FAMILIAR and (not short(turn) or (hits and hits[0].score >= SURE))
    known = hits if likely else []
    return Decision("which", [hit.procedure for hit in known[:MAX_NAMELESS] if hit.score >= LIKELY], hits)


def is_it(turn: Turn, context: Procedure, hits: list[Hit]) -> Decision:
    """Whether the matter talked of is meant is asked once; who then asks on means it."""
    if turn.aspects and turn.slots.get("offered") == [context.id]:
        return Decision("procedures", [context], [Hit(context, 1.0)], by_context=True)
    return Decision("choice", [context], hits)


def _leans(turn: Turn) -> bool:
    """A few words that surely ask something of a procedure lean on the one talked of, whatever else they
    look like ("ko bít nộp ở đâu lun")."""
    short = len(normalize(turn.matter).split()) <= LEANING
    return short and bool(turn.aspects) and not unsure(turn) and "out_of_scope" not in turn.also


def offered_last(turn: Turn, services: Services) -> list[Procedure]:
    """What was offered last and not chosen from; a list of a whole field is no such offer, nor is what is
    suggested to anybody."""
    offered = turn.slots.get("offered") or []
    if tuple(offered) == SUGGESTED:
        return []
    return [p for key in offered if (p := services.catalog.find(key))] if len(offered) <= MAX_LISTED else []
