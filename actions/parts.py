"""The parts of a message, and the procedures that they ask about, each by itself.

"Khai sinh với thường trú cho bé" asks about two. A part that only says what is to be done ("đổi lại được
không"), what is ("em đã ly hôn"), what is not ("chưa đăng ký kết hôn") or what is brought along ("mang căn
cước") leans on the others and names nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from actions.bootstrap import Services
from actions.decision import FAMILIAR, NAMED, SURE, in_force
from procedures_catalog import Hit
from procedures_catalog.obsolete import obsolete_in
from procedures_catalog.phrasing import Phrasing, phrasing
from procedures_catalog.search import Mention
from vietnamese import clauses, normalize

# A part says little: its own name must stand in it, or it must be surer than a message is. A few words
# beside a name ("thường trú cho bé") and a wish may be less sure.
SURE_NAMED = 0.5
SURE_BARE = 0.6
SURE_SHORT, SHORT = 0.7, 4
SURE_WISH = 0.9
SURE_UNNAMED = 0.97
# Likely enough to be offered beside what is answered; by name, or without one.
LIKELY_NAMED, LIKELY = 0.1, 0.85
_NUMBERED = re.compile(r"\s*\d{1,2}\s*[.):/-]")
_MARK = re.compile(r"[^\w\s]|\n")


@dataclass(frozen=True)
class Part:
    """A part in normalised words. ``shared``: what is done to it because it is done to the part before;
    ``mentions``: the names in it; ``brought``: what it names is brought along; ``brings``: the last that it
    names is; ``missing``: what it names is said not to be there; ``done``: it comes before the next one ("kết
    hôn xong tách hộ"); ``as_well``: it is as much asked about as the next one, or the one before; ``span``:
    its clause in the text."""

    words: list[str]
    shared: list[str]
    mentions: list[Mention]
    span: tuple[int, int]
    brought: bool = False
    brings: bool = False
    missing: bool = False
    done: bool = False
    as_well: bool = False

    @property
    def said(self) -> str:
        return " ".join(self.shared + self.words)


@dataclass(frozen=True)
class Asked:
    """``sure``: what parts surely ask about, by id; ``named``: those of them that stand there by name;
    ``wished``: those of a part that begins with what is to be done, goes on ("còn …"), or is joined by "và";
    ``asked_at``: the span of the clause that asks about each, by id; ``maybe``: what other parts are likely
    about, best first; ``gone``: another part asks about what no longer exists ("cấp lại sổ hộ khẩu giấy")."""

    sure: dict[str, Hit] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    wished: set[str] = field(default_factory=set)
    asked_at: dict[str, tuple[int, int]] = field(default_factory=dict)
    maybe: dict[str, Hit] = field(default_factory=dict)
    gone: bool = False


def asked_in_parts(text: str, services: Services) -> Asked:
    """What each part of ``text`` asks about by itself."""
    known = phrasing()
    parts = _parts(text, services, known)
    gone = [p for p in parts if not p.mentions and obsolete_in(text[slice(*p.span)], services.obsolete)]
    asked = Asked(gone=bool(gone))
    told = False
    for index, part in enumerate(parts):
        # A name of two words after it belongs to it ("em có bằng cấp ba với căn cước").
        told = index + 1 < len(parts) and (
            part.done or known.tells(part.words) or (told and len(part.words) < SHORT - 1)
        )
        others = len(parts) > 1
        if others and (part.brought or part.missing or part in gone or _leans(part, known)):
            continue
        wishes = known.says("wishing_words", part.words[:2]) and not known.says("no_wish", part.words[:3])
        if told and (part.done or not wishes):
            continue
        hit, by_name = _read(part, services, wishes=wishes, beside=bool(asked.sure))
        if hit and not wishes and _before_a_wish(parts[index:], known, by_name=by_name):
            # "Cháu mồ côi, bà ngoại muốn làm giám hộ": the first is told, and may be asked about next.
            asked.maybe.setdefault(hit.procedure.id, hit)
        elif hit:
            asked.sure.setdefault(hit.procedure.id, hit)
            asked.asked_at.setdefault(hit.procedure.id, part.span)
            if by_name:
                asked.named.add(hit.procedure.id)
            as_well = part.as_well and hit.score >= SURE_UNNAMED
            if wishes or as_well or known.says("continuing", part.words[:2]):
                asked.wished.add(hit.procedure.id)
        elif likely := _likely(part, services):
            asked.maybe.setdefault(likely.procedure.id, likely)
    return asked


def _before_a_wish(parts: list[Part], known: Phrasing, *, by_name: bool) -> bool:
    """Whether the first of these parts only tells what the wish, or the question, in a later one comes from.
    A bare name tells nothing ("căn cước, tôi muốn hỏi luôn hộ chiếu")."""
    first, *later = parts
    if first.as_well or known.wishes(first.words) or known.says("asking", first.words):
        return False
    beside = list(first.words)
    for mention in reversed(first.mentions):
        del beside[mention.start : mention.end]
    if by_name and known.consists_of(beside, "forewords", "filling", "joining"):
        return False
    tells = bool(known.phrases("people").at(first.words, 0))
    return any(
        part.mentions and (known.wishes(part.words) or (tells and known.says("asking", part.words)))
        for part in later
    )


def _likely(part: Part, services: Services) -> Hit | None:
    """What a part is likely about, if not surely."""
    found = services.catalog.find_in(part.said)
    if found.named < NAMED or found.familiar < FAMILIAR or len(part.words) < 2 or not found.hits:
        return None
    called = services.catalog.ranker.called_in(part.said)
    hits = in_force(found.hits, services, part.said)
    by_name = (hit for hit in hits if hit.procedure.id in called and hit.score >= LIKELY_NAMED)
    first = hits[0]
    return next(by_name, None) or (first if min(found.named, first.score) >= LIKELY else None)


def _read(part: Part, services: Services, *, wishes: bool, beside: bool) -> tuple[Hit | None, bool]:
    """What a part surely asks about, and whether that stands in it by name. ``beside``: another part has
    been found to ask about something."""
    found = services.catalog.find_in(part.said)
    if found.named < NAMED or found.familiar < FAMILIAR or not found.hits:
        return None, False
    first = in_force(found.hits, services, part.said)[0]
    if first.procedure.id in services.catalog.ranker.called_in(part.said):
        return (first, True) if first.score >= SURE_NAMED else (None, False)
    if part.mentions and first.score < SURE and (bare := _bare(part, services)):
        return bare, True
    if len(part.words) < 2:
        return None, False  # "thì" is no driving test ("thi")
    short = beside and len(part.words) <= SHORT
    least = SURE_WISH if wishes else SURE_SHORT if short else SURE_UNNAMED
    return (first, False) if min(found.named, first.score) >= least else (None, False)


def _bare(part: Part, services: Services) -> Hit | None:
    """What the name in a part means without what follows it ("căn cước cho bà ngoại 80 tuổi")."""
    mention = part.mentions[0]
    if phrasing().phrases("changing").before(part.words, mention.start):
        return None
    found = services.catalog.find_in(" ".join(part.words[mention.start : mention.end]))
    first = next(iter(in_force(found.hits, services)), None)
    return first if first and first.score >= SURE_BARE and first.procedure.id in mention.ids else None


def _leans(part: Part, known: Phrasing) -> bool:
    """Whether a part has no thing of its own: only what is done, and questions about it."""
    return not part.mentions and known.consists_of(
        part.words, "doing_words", "filling", "leaning", "wishing_words"
    )


def _parts(text: str, services: Services, known: Phrasing) -> list[Part]:
    ranker = services.catalog.ranker
    both = known.says("both", normalize(text).split())
    parts: list[Part] = []
    ended = 0
    for clause in clauses(text):
        words = normalize(clause.text).split()
        if len(words) > 1 and _NUMBERED.match(text[clause.start :]):
            words = words[1:]
        mentions = ranker.mentions(words)
        brought, for_it = _brought(words, mentions, known)
        joined = bool(parts) and not _MARK.search(text[ended : clause.start])
        if joined and for_it:
            parts[-1] = replace(parts[-1], brought=bool(parts[-1].mentions))
        start, as_well = 0, False
        for cut, begin in [*_cuts(words, mentions, known, services), (len(words), len(words))]:
            joined_as_well, as_well = as_well, begin > cut and known.says("as_well", words[cut:begin])
            if said := words[start:cut]:
                inside = [m for m in mentions if start <= m.start < cut]
                before = parts[-1] if parts and (joined or start > 0) else None
                part = Part(
                    said,
                    _shared(parts[-1], said, known) if parts and inside else [],
                    [Mention(m.start - start, m.end - start, m.ids) for m in inside],
                    (clause.start, clause.end),
                    brought=bool(inside) and brought.issuperset(m.start for m in inside),
                    brings=bool(inside) and inside[-1].start in brought,
                    missing=bool(inside) and all(_denied(words, m.start, known) for m in inside),
                    done=begin > cut and not both and known.says("after_that", words[cut:begin]),
                    as_well=as_well or joined_as_well,
                )
                parts.append(_continued(part, before, known) if before else part)
            start = begin
        ended = clause.end
    return parts


def _continued(part: Part, before: Part, known: Phrasing) -> Part:
    """The part as it goes on where the one before ended: what is brought along, or missing, is so too."""
    if (
        not part.mentions
        or known.says("wishing", part.words)
        or part.words[0] in known.phrases("doing_words")
    ):
        return part
    brought = part.brought or before.brings
    return replace(part, brought=brought, brings=brought, missing=part.missing or before.missing)


def _denied(words: list[str], start: int, known: Phrasing) -> bool:
    """Whether what is named at ``start`` is said not to be there ("chưa đăng ký kết hôn")."""
    return known.phrases("negating").before(words, start) > 0


def _cuts(
    words: list[str], mentions: list[Mention], known: Phrasing, services: Services
) -> list[tuple[int, int]]:
    """(end of the left, begin of the right) wherever what stands there is joined to something else."""
    cuts: list[tuple[int, int]] = []
    for start, end in known.joints(words):
        if any(m.start < end and start < m.end for m in mentions):
            continue
        before = next((m for m in reversed(mentions) if m.end <= start), None)
        after = next((m for m in mentions if m.start >= end), None)
        named = before and after and not before.ids & after.ids
        if (named and known.consists_of(words[end : after.start], "forewords", "joining")) or _two(
            words[cuts[-1][1] if cuts else 0 : start], words[end:], services
        ):
            cuts.append((start, end))
    return cuts


def _two(left: list[str], right: list[str], services: Services) -> bool:
    """Whether both sides, whatever they are called, surely ask about something, and not about the same."""
    if min(len(left), len(right)) < 2:
        return False
    first: list[str] = []
    for side in (left, right):
        found = services.catalog.find_in(" ".join(side))
        hits = in_force(found.hits, services)
        if not hits or min(found.named, found.familiar, hits[0].score) < SURE_WISH:
            return False
        first.append(hits[0].procedure.id)
    return first[0] != first[1]


def _shared(before: Part, words: list[str], known: Phrasing) -> list[str]:
    """What is done to the part before, when this one says nothing of that itself."""
    shared, said = known.phrases("shared"), before.shared + before.words
    if known.says("wishing_words", words[:1]) or shared.within(words):
        return []
    spans = shared.spans(said)
    return said[slice(*spans[-1])] if spans else []


def _brought(words: list[str], mentions: list[Mention], known: Phrasing) -> tuple[set[int], bool]:
    """The places of the words that say what is brought along: up to what it is for, and, when that follows,
    all that stands before ("giấy kết hôn mang theo khi nhập khẩu", True); and what something named before
    needs ("làm hộ chiếu thì cần khai sinh"), or is to be made like ("cho khớp căn cước")."""
    found: set[int] = set()
    for_it = False
    for _, end in known.phrases("bringing").spans(words):
        what_for = known.next_of("for_what", words, end)
        if what_for is None or not any(m.start > what_for for m in mentions):
            found |= set(range(end, len(words)))
        else:
            found |= set(range(what_for))
            for_it = True
    for _, end in known.phrases("matching").spans(words):
        found |= set(range(end, len(words)))
    for _, end in known.phrases("needing").spans(words):
        if any(m.end < end for m in mentions) and any(m.start - end in (0, 1) for m in mentions):
            wish = known.next_of("wishing", words, end)
            found |= set(range(end, len(words) if wish is None else wish))
    return found, for_it
