"""What stands in a message by name, and what the words around it make of that: a wish, its purpose, something
else that is done to it."""

from __future__ import annotations

from actions.bootstrap import Services
from actions.decision import MAX_OFFERED, OFFERED
from procedures_catalog import Hit, Procedure
from procedures_catalog.phrasing import phrasing
from vietnamese import clauses, normalize

# A name that stands there plainly is meant although others score higher, but not at any score.
PLAIN = 0.05


def plain(matter: str, services: Services, hits: list[Hit], least: float = PLAIN) -> Hit | None:
    """What stands there by name with nothing beside it but questions. Who lost the paper, or wants something
    else done to it ("tạm dừng", "bản sao", "chưa"), does not ask for that, plainly as it is named."""
    known, found = phrasing(), services.catalog.ranker.plainly(matter)
    if found is None or known.loses(normalize(matter).split()) or known.says("changing", found[1]):
        return None
    if (
        hits
        and hits[0].procedure.id != found[0]
        and _goes_on_as(matter, found[0], hits[0].procedure, services)
    ):
        return None
    return next(
        (hit for hit in hits[:MAX_OFFERED] if hit.procedure.id == found[0] and hit.score >= least), None
    )


def _goes_on_as(matter: str, key: str, other: Procedure, services: Services) -> bool:
    """Whether the name of ``key`` goes on in the text as that of ``other`` does ("… chữ ký người dịch")."""
    words, known = normalize(matter).split(), phrasing()
    mentions = [m for m in services.catalog.ranker.mentions(words) if key in m.ids and m.end < len(words)]
    further = [m for m in mentions if not known.consists_of(words[m.end : m.end + 1], "forewords", "filling")]
    return any(stands_in_a_name(words[m.start : m.end + 1], other) for m in further)


def contradicted(matter: str, hits: list[Hit], services: Services) -> bool:
    """Whether the best procedure is named, but as what something else is done to ("mở khóa tài khoản định
    danh") or what is certified not to be ("giấy chưa kết hôn"), and another may be meant."""
    known, words = phrasing(), normalize(matter).split()
    first, *others = hits
    likely = [hit.procedure for hit in others[:MAX_OFFERED] if hit.score >= OFFERED]
    own = [m.start for m in services.catalog.ranker.mentions(words) if first.procedure.id in m.ids]
    if not own or not likely:
        return False
    for start in own:
        changed = words[start - known.phrases("changing").before(words, start) : start]
        denied = known.phrases("negating").before(words, start)
        certified = denied and known.phrases("certifying").before(words, start - denied)
        if not certified and not (changed and any(stands_in_a_name(changed, other) for other in likely)):
            return False
    return True


def lost(matter: str, hits: list[Hit]) -> bool:
    """Whether a paper is lost, the best procedure gives a first one, and another may give it again."""
    known, words = phrasing(), normalize(matter).split()
    if not known.loses(words):
        return False
    again = [gives_again(hit.procedure) for hit in hits[:MAX_OFFERED] if hit.score >= OFFERED]
    return not again[0] and any(again[1:])


def gives_again(procedure: Procedure) -> bool:
    names = (procedure.name, *procedure.also_called)
    return any(phrasing().says("giving_again", normalize(name).split()) for name in names)


def stands_in_a_name(words: list[str], procedure: Procedure) -> bool:
    """Whether the normalised words stand side by side in a name of the procedure."""
    names = (procedure.name, *procedure.also_called)
    return any(f" {' '.join(words)} " in f" {normalize(name)} " for name in names)


def without_purpose(text: str) -> str:
    """The message without what the wish is for ("xin giấy độc thân để kết hôn"); or as it is."""
    known, left = phrasing(), []
    cut = dangling = False
    for clause in clauses(text):
        words = normalize(clause.text).split()
        at = None if known.says("bringing", words) else known.purpose_at(words)
        if not dangling:
            left.append(" ".join(words[:at]))
        cut = cut or at is not None
        # The clause ends with "để": the purpose is the next one.
        dangling = at is not None and at + 1 == len(words)
    return ", ".join(part for part in left if part) if cut else text
