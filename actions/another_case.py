"""Another case of the matter talked of: "thế nhà thuê thì sao", "mà em độc thân", "cho bé 7 tuổi"."""

from __future__ import annotations

from actions.ages import age_told
from actions.bootstrap import Services
from actions.cases import recognised_choice
from actions.decision import MAX_OFFERED, NAMED, SURE, Decision, in_force
from actions.leaning import HALF_SURE
from actions.middle import context, short, together
from actions.turn import Turn
from procedures_catalog import Hit, Procedure
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

# Offered beside the matter talked of.
LIKELY = 0.1
MAX_SIBLINGS = 2


def another_case(turn: Turn, services: Services) -> Decision | None:
    """What a few words make of the matter talked of; None when they are about something else, or nothing."""
    about = context(turn, services)
    if about is None or turn.intent == "pick_option" or not short(turn):
        return None
    known, words = phrasing(), normalize(turn.matter).split()
    supposed = known.phrases("supposing").at(words, 0)
    ended = known.phrases("and_what_of").before(words, len(words))
    if not supposed and (
        services.catalog.ranker.called_in(turn.matter) or (turn.slots.get("offered") and not ended)
    ):
        return None
    begun = supposed or known.phrases("continuing").at(words, 0)
    if not (begun or ended or age_told(words) is not None):
        return None
    if told := _told(about, " ".join(words[begun : len(words) - ended])):
        return Decision("procedures", [about], [Hit(about, 1.0)], by_context=True, cases=told)
    if not (supposed or ended) or _only_asks(words[begun:]):
        return None
    return _near(turn, services, about, answered=not supposed)


def _only_asks(words: list[str]) -> bool:
    """Whether a question follows that is about whatever is talked of ("mà nộp ở đâu vậy")."""
    return phrasing().consists_of(words, "filling", "leaning", "official_questions", "opening")


def _told(about: Procedure, said: str) -> dict[str, str]:
    """The case that the words tell, by the id of its question."""
    found = ((case.id, recognised_choice(case, said)) for case in about.cases)
    return next(({case: choice} for case, choice in found if choice and not said.isdecimal()), {})


def _near(turn: Turn, services: Services, about: Procedure, *, answered: bool) -> Decision | None:
    """What the words mean beside the matter, or by themselves; asked about, or ``answered`` when sure."""
    found = services.catalog.find_in(turn.matter)
    alone = in_force(found.hits, services, turn.matter) if found.named >= NAMED else []
    beside = [hit for hit in together(turn, services, about) if hit.procedure.id != about.id]
    if answered and beside and beside[0].score >= SURE:
        return Decision("procedures", [beside[0].procedure], beside, by_context=True)
    likely = beside if beside and beside[0].score >= HALF_SURE else alone
    if not likely or likely[0].score < HALF_SURE:
        near = [hit for hit in beside if hit.score >= LIKELY]
        siblings = [hit.procedure for hit in near if hit.procedure.id in about.siblings]
        return Decision("choice", [about, *siblings[:MAX_SIBLINGS]], beside) if siblings else None
    others = [hit.procedure for hit in likely if hit.score >= LIKELY and hit.procedure.id != about.id]
    return Decision("choice", [about, *others[: MAX_OFFERED - 1]], likely)
