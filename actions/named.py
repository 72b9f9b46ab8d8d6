"""Messages that name something of the catalogue: a situation of life, several procedures, or one."""

from __future__ import annotations

from dataclasses import replace

from actions.bootstrap import Services
from actions.decision import (
    EVENT,
    FAMILIAR,
    MAX_ANSWERED,
    MAX_BESIDE,
    MAX_OFFERED,
    MAX_SIBLINGS,
    NAMED,
    OFFERED,
    SURE,
    Decision,
    in_force,
)
from actions.leaning import HALF_SURE
from actions.middle import unsaid
from actions.parts import Asked, asked_in_parts
from actions.plain import contradicted, gives_again, lost, plain, without_purpose
from procedures_catalog import Hit, Procedure
from procedures_catalog.life_events import LifeEvent
from procedures_catalog.phrasing import phrasing
from procedures_catalog.search import Finding
from vietnamese import is_syllable, normalize

# A procedure that does not belong to the life event is likelier than that from this score on.
APART = 0.65


def named(
    text: str, services: Services, found: Finding, hits: list[Hit], *, called: bool, sure: bool
) -> Decision:
    """Something of the catalogue is named: a situation of life, several procedures, or one."""
    matter = without_purpose(text)
    wish = services.catalog.find_in(matter) if matter != text else found
    wished = in_force(wish.hits, services, matter)
    least = SURE if hits[0].score >= SURE else HALF_SURE
    if matter != text and not (wish.named >= NAMED and wished and wished[0].score >= least):
        matter, wish, wished = text, found, hits
    if wish.event and not called and wish.event_score >= EVENT and wished:
        situation = _situation(wish.event, wish.event_score, wished, services)
        if situation:
            return situation
    wished = _plainer(matter, wished, services)
    asked = asked_in_parts(matter, services)
    several = _several(asked, wished, services)
    if len(several) > 1:
        # A message without its purpose has other places.
        at = asked.asked_at if matter == text else {}
        decision = Decision("procedures", [hit.procedure for hit in several], several, asked_at=at)
    else:
        decision = _one(text, matter, services, asked, several, hits, wished, wish.familiar, sure=sure)
    return replace(decision, beside=_also_likely(asked, decision, services))


def _one(
    text: str,
    matter: str,
    services: Services,
    asked: Asked,
    several: list[Hit],
    hits: list[Hit],
    wished: list[Hit],
    familiar: float,
    *,
    sure: bool,
) -> Decision:
    """No more than one procedure is surely asked about."""
    if matter != text and hits[0].score >= SURE and hits[0].procedure.id != wished[0].procedure.id:
        # The wish says one thing, and the whole message surely another.
        both = [wished[0].procedure, hits[0].procedure]
        return Decision("choice", both, [Hit(both[0], HALF_SURE), *hits])
    # One syllable names nothing surely.
    known = familiar >= FAMILIAR and not is_syllable(normalize(matter))
    alone = len(several) == 1 and not phrasing().says("both", normalize(matter).split())
    if alone and known and several[0].procedure.id in asked.named:
        # The only one that a part names: the best of the whole message, too, or beside what no longer exists.
        only = several[0]
        if asked.gone or only.procedure.id == wished[0].procedure.id:
            same, others = [only], []
            for hit in wished:
                (same if hit.procedure.id == only.procedure.id else others).append(hit)
            wished = [max(same, key=lambda hit: hit.score), *others]
    return _single(matter, services, wished, sure=known and sure)


def _plainer(matter: str, hits: list[Hit], services: Services) -> list[Hit]:
    """The hits with the plain procedure first that stands there by name, where the best is a kind of it of
    which no word is said: nothing foreign in a message, no "có yếu tố nước ngoài"."""
    called = services.catalog.ranker.called_in(matter)
    if not hits or hits[0].score >= SURE or hits[0].procedure.id in called:
        return hits
    first = hits[0].procedure
    for hit in hits[1:MAX_OFFERED]:
        name, longer = normalize(hit.procedure.name), normalize(first.name)
        if hit.procedure.id in called and name in longer and unsaid(matter, first, hit.procedure):
            others = [other for other in hits if other is not hit]
            return [Hit(hit.procedure, hits[0].score), replace(others[0], score=hit.score), *others[1:]]
    return hits


def _situation(event: LifeEvent, score: float, hits: list[Hit], services: Services) -> Decision | None:
    """The life event, unless one of its procedures is surer; beside a likely procedure that does not belong
    to it, the citizen is asked."""
    steps = [services.catalog.get(step.procedure) for step in event.steps]
    steps = [services.catalog.current(step, services.today) for step in steps]
    first = hits[0]
    if first.procedure in steps:
        surer = first.score >= max(SURE, score)
    elif surer := first.score >= max(SURE, score):
        pass
    elif first.score >= APART:
        return Decision("choice", [first.procedure, *steps][:MAX_SIBLINGS], hits)
    return None if surer else Decision("event", hits=hits, event=event, score=score)


def _single(matter: str, services: Services, hits: list[Hit], *, sure: bool) -> Decision:
    """One procedure is asked about: surely, by its plain name, or one of a few."""
    named = plain(matter, services, hits)
    if (
        sure
        and hits
        and hits[0].score >= SURE
        and not contradicted(matter, hits, services)
        and not lost(matter, hits)
    ):
        named = plain(matter, services, hits, OFFERED)
        if not named or not unsaid(matter, hits[0].procedure, named.procedure):
            return Decision("procedures", [hits[0].procedure], hits)
    if named:
        rest = [hit for hit in hits if hit.procedure.id != named.procedure.id]
        return Decision("procedures", [named.procedure], [named, *rest])
    offered = [hit.procedure for hit in hits if hit.score >= OFFERED][:MAX_OFFERED]
    if phrasing().loses(normalize(matter).split()):
        offered.sort(key=lambda procedure: not gives_again(procedure))
    if offered:
        return Decision("choice", _with_siblings(offered, hits), hits)
    return Decision("unknown", hits=hits)


def _with_siblings(offered: list[Procedure], hits: list[Hit]) -> list[Procedure]:
    """Four funeral grants would hide the fifth: a choice among siblings is offered whole."""
    first = offered[0]
    if not all(procedure.id in first.siblings for procedure in offered[1:]):
        return offered
    more = [hit.procedure for hit in hits[len(offered) :] if hit.procedure.id in first.siblings]
    return [*offered, *more][:MAX_SIBLINGS]


def _several(asked: Asked, hits: list[Hit], services: Services) -> list[Hit]:
    """The procedures asked about in different parts of the message, each surely. A part that is a sibling of
    what the whole message surely means belongs to it, and so does what a linked filing names in its name, and
    what is only told beside it."""
    sure = asked.sure
    if hits and hits[0].score >= SURE:
        whole = hits[0].procedure
        linked = services.catalog.ranker.called_in(whole.name) - {whole.id}
        apart = asked.named - linked if whole.id in sure else frozenset[str]()
        sure = {
            key: hit
            for key, hit in sure.items()
            if key in apart
            or (key not in whole.siblings and (key in asked.named | asked.wished or key == whole.id))
        }
    return list(sure.values())[:MAX_ANSWERED]


def _also_likely(asked: Asked, decision: Decision, services: Services) -> list[Procedure]:
    """What other parts are likely about than what is answered or offered."""
    shown = {procedure.id for procedure in decision.procedures}
    linked = services.catalog.ranker.called_in(" ".join(p.name for p in decision.procedures))
    likely = {**asked.sure, **asked.maybe}
    return [hit.procedure for key, hit in likely.items() if key not in shown | linked][:MAX_BESIDE]
