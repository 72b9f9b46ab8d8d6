"""A few words about the matter talked of that name no other: a detail of the citizen's case, what befell the
paper, whether something is wanted or allowed."""

from __future__ import annotations

from actions.bootstrap import Services
from actions.decision import MAX_OFFERED, OFFERED, SURE, Decision
from actions.leaning import HALF_SURE, done_to
from actions.middle import together
from actions.plain import stands_in_a_name
from actions.said_there import named_in, said_there
from actions.turn import SURE_REFUSAL, Turn
from procedures_catalog import Hit, Procedure
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

# Asked for in so many words, these are told of the whole matter, and no detail is looked for.
WHOLE = frozenset({"fee", "time", "place", "online", "forms", "legal_basis", "agency", "documents"})
# From this score on a few words are about a sibling of the matter talked of.
SIBLING = 0.9


def remark(turn: Turn, services: Services, about: Procedure, hits: list[Hit]) -> Decision | None:
    """What a few words say about ``about``; None when they are about something else, or say nothing there.

    ``hits``: what the words mean by themselves.
    """
    known, words = phrasing(), normalize(turn.matter).split()
    if (doing := known.done_then(words)) is not None:
        return _befell(turn, services, about, doing)
    first = hits[0] if hits else None
    other = first if first and first.procedure.id != about.id and first.score >= HALF_SURE else None
    no_matter = says_no_matter(words)
    if other and other.score >= SIBLING and other.procedure.id in about.siblings and not no_matter:
        return Decision("procedures", [other.procedure], hits, by_context=True)
    names = other is not None and not no_matter and named_in(words, other.procedure) and not _tells(words)
    there = None if WHOLE.intersection(turn.aspects) else said_there(turn.matter, about)
    beside = [other.procedure] if other and names else []
    if there and (there.full or not names):
        return Decision("procedures", [about], [Hit(about, 1.0)], by_context=True, beside=beside, lines=there)
    asks = bool(turn.aspects) and not unsure_of_aspects(turn)
    if names and not (asks and WHOLE.intersection(turn.aspects) and other.score < SURE):
        others = [hit.procedure for hit in hits if hit.score >= OFFERED and hit.procedure.id != about.id]
        return Decision("choice", [*others[: MAX_OFFERED - 1], about], hits)
    if asks:
        return Decision("procedures", [about], [Hit(about, 1.0)], by_context=True, beside=beside)
    if other or turn.aspects or _tells(words) or (first and first.procedure.id == about.id):
        return Decision("unknown", hits=[], beside=[other.procedure] if other else [])
    return None


def says_no_matter(words: list[str]) -> bool:
    """Whether it is told of whom, or what befell, and nothing else: "cháu 6 tuổi", "lần đầu"."""
    return phrasing().done_then(words) is not None or tells_an_age_alone(words)


def tells_an_age_alone(words: list[str]) -> bool:
    left = [word for word in words if not word.isdecimal() and word != "tuoi"]
    return len(left) < len(words) and phrasing().consists_of(left, "kin", "people", "filling", "leaning")


def unsure_of_aspects(turn: Turn) -> bool:
    """Whether what is asked is no more than a guess."""
    return not turn.from_button and turn.confidence < SURE_REFUSAL


def is_allowed(turn: Turn, about: Procedure, hits: list[Hit]) -> Decision | None:
    """ "Ủy quyền được không": what is named is asked about as part of ``about``, if its entry has all of it;
    what it is by itself is offered beside."""
    words = normalize(turn.matter).split()
    if words[-1:] != ["khong"] or phrasing().phrases("continuing").at(words, 0) or WHOLE & set(turn.aspects):
        return None
    there = said_there(turn.matter, about)
    if there is None or not there.full:
        return None
    beside = [hit.procedure for hit in hits[:1] if hit.procedure.id != about.id]
    return Decision("procedures", [about], [Hit(about, 1.0)], by_context=True, beside=beside, lines=there)


def _befell(turn: Turn, services: Services, about: Procedure, doing: str) -> Decision:
    """ "Bị mất thì sao": the matter that sees to it, or the one talked of, when that does it itself."""
    if not doing or stands_in_a_name(normalize(doing).split(), about):
        return Decision("procedures", [about], [Hit(about, 1.0)], by_context=True)
    beside = [hit for hit in together(turn, services, about) if hit.procedure.id in about.siblings]
    if beside and beside[0].score >= SURE:
        return Decision("procedures", [beside[0].procedure], beside, by_context=True)
    return done_to(doing, services, about, other=True)


def _tells(words: list[str]) -> bool:
    """Whether it is told how things are ("bác không có lương hưu"), and nothing is wanted."""
    known = phrasing()
    kin = known.phrases("kin").at(words, 0) or known.phrases("people").at(words, 0)
    has = any(known.phrases("negating").at(words, i) for i in range(min(len(words), 3)))
    has = has or bool(kin and known.phrases("telling_of_people").at(words, kin))
    return (
        (has or known.tells(words)) and not known.says("asking", words) and words[-1] not in ("khong", "ko")
    )
