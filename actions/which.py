"""Which procedure is meant: by a button, by name, by context, or not surely enough to answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from actions.bootstrap import Services
from actions.turn import Turn, unsure
from dossiers import find_codes
from procedures_catalog import Hit, Procedure
from procedures_catalog.life_events import LifeEvent
from vietnamese import clauses, normalize

# From these calibrated scores on: sure enough to answer; worth offering.
SURE = 0.85
OFFERED = 0.02
MAX_OFFERED = 4
MAX_SIBLINGS = 6
MAX_ANSWERED = 3
# A longer list is for reading; a question after it is not about one of its first.
MAX_LISTED = 8
# From this probability on, the words name something of the catalogue.
NAMED = 0.5
# Below it, what is named is none of ours.
FAMILIAR = 0.5
NAMED_SURELY = 0.8
EVENT = 0.5
ELSEWHERE = 0.9
# In the middle of a conversation: so many words, without any name in them, go on about the same matter; and
# from this score on they are about another one whatever they are called.
LEANING = 8
SURE_ELSEWHERE = 0.95
# One part of a message ("khai sinh với thường trú") says little: its own name must stand in it, or it must be
# surer than a message is. A few words beside a name ("thường trú cho bé") and a wish may be less sure.
SURE_PART = 0.5
SURE_SHORT_PART, SHORT_PART = 0.7, 4
SURE_WISH = 0.9
SURE_UNNAMED = 0.97
_WISHES = frozenset("lam xin dang doi cap nhap tach xoa chuyen sang khai rut mo tra gia bo".split())
# What is, or was done before, tells a case and asks nothing ("nhà thuộc hộ cận nghèo", "đã thôi quốc tịch").
_STATES = re.compile(
    r"\b(da|thuoc|dang(?! ky))\b|^(toi|tui|em|minh|anh|chi|con) (tam tru|thuong tru|o|co|la)\b|\broi$"
)
_LOST = re.compile(r"\bmat (giay|so|the|bang|to)\b|\b(bi|lam) (mat|rach|hong|chay)\b|\bthat lac\b")
# "Cấp lại", "đổi", "gia hạn": what is to be done, not with what. The thing is the one talked of.
_DOINGS = (
    ("cap", "lai"),
    ("lam", "lai"),
    ("cap", "moi"),
    ("gia", "han"),
    ("cap", "doi"),
    ("doi",),
    ("sua",),
    ("xac", "nhan"),
)
_DOING_WORDS = frozenset("cap lai lam moi gia han doi sua xac nhan dang ky xin lan dau".split())
_FILLERS = frozenset(
    """thu tuc khong y em toi minh la co a thi sao con the vay nham phai cai cho hoi muon can duoc di xin bi
    gi nao bao nhieu tien ngay lau le phi thoi gian o dau giay to ho so nop mat het ton may nhu""".split()
)

_NUMBERS = {"nhat": 1, "dau": 1, "mot": 1, "hai": 2, "nhi": 2, "ba": 3, "bon": 4, "tu": 4}

Kind = Literal["procedures", "choice", "event", "which", "elsewhere", "unknown"]


@dataclass(frozen=True)
class Decision:
    """``procedures`` to answer about, or to choose from; ``hits`` as understood, best first."""

    kind: Kind
    procedures: list[Procedure] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    event: LifeEvent | None = None
    score: float = 0.0
    by_context: bool = False


def decide(turn: Turn, services: Services) -> Decision:
    """What the turn is about. Never a guess: without a clear lead the citizen is asked."""
    catalog = services.catalog
    if turn.chosen.get("procedure"):
        return _exactly(catalog.find(turn.chosen["procedure"]))
    if turn.chosen.get("event"):
        event = catalog.life_events.get(turn.chosen["event"])
        return Decision("event", event=event) if event else Decision("unknown")
    context = catalog.find(turn.slots.get("procedure") or "")
    if (doing := doing_alone(turn.matter)) is not None:
        return _done_to(doing, services, context)
    if turn.intent == "pick_option" and (picked := _picked(turn, services)):
        return picked
    if turn.intent == "pick_option" and not catalog.ranker.called_in(turn.matter):
        return Decision("which")
    if turn.intent == "affirm" and len(turn.slots.get("offered") or []) == 1:
        return _exactly(catalog.find(turn.slots["offered"][0]))
    if turn.intent == "show_more" and context:
        return Decision("procedures", [context], by_context=True)
    codes = dict.fromkeys(found.code for found in find_codes(turn.matter) if found.kind == "procedure")
    if codes:
        return _exactly(*(catalog.find(code) for code in codes))
    return _by_words(turn, services, context)


def _exactly(*found: Procedure | None) -> Decision:
    known = [procedure for procedure in found if procedure][:MAX_ANSWERED]
    if not known:
        return Decision("unknown")
    return Decision("procedures", known, [Hit(procedure, 1.0) for procedure in known])


def _by_words(turn: Turn, services: Services, context: Procedure | None) -> Decision:
    catalog = services.catalog
    found = catalog.find_in(turn.matter)
    hits = _in_force(found.hits, services)
    if found.named < NAMED and found.elsewhere >= ELSEWHERE and not (context and _leans(turn)):
        return Decision("elsewhere", hits=hits)
    if found.named < NAMED and (context or turn.aspects) and (offered := _offered(turn, services)):
        # "mất bao lâu?" under a list that was just shown: of which of these?
        return Decision("choice", offered, hits)
    if found.named < NAMED and context is not None:
        return Decision("procedures", [context], [Hit(context, 1.0)], by_context=True)
    if found.named < NAMED:
        return Decision("which", hits=hits)
    if found.familiar < FAMILIAR and found.named < NAMED_SURELY:
        return Decision("unknown", hits=hits)
    called = catalog.ranker.called_in(turn.matter)
    if context and turn.aspects and not called and (not hits or hits[0].score < SURE_ELSEWHERE):
        # A question about what is talked of, most likely; a story of a new matter is asked about.
        if len(normalize(turn.matter).split()) <= LEANING:
            return Decision("procedures", [context], [Hit(context, 1.0)], by_context=True)
        others = [hit.procedure for hit in hits if hit.score >= OFFERED and hit.procedure.id != context.id]
        return Decision("choice", [context, *others][:MAX_OFFERED], hits)
    if found.event and not called and found.event_score >= EVENT:
        return Decision("event", hits=hits, event=found.event, score=found.event_score)
    several = _several(turn, services, hits[0] if hits else None)
    if len(several) > 1:
        return Decision("procedures", [hit.procedure for hit in several], several)
    sure = bool(hits) and hits[0].score >= SURE and found.familiar >= FAMILIAR
    # Who lost the paper does not ask for the first one, plainly as its name stands there.
    plain = None if _LOST.search(normalize(turn.matter)) else catalog.ranker.plainly(turn.matter)
    called_plainly = [hit for hit in hits[:MAX_OFFERED] if hit.procedure.id == plain]
    if called_plainly and not sure:
        rest = [hit for hit in hits if hit.procedure.id != plain]
        return Decision("procedures", [called_plainly[0].procedure], called_plainly + rest)
    if sure:
        return Decision("procedures", [hits[0].procedure], hits)
    offered = [hit.procedure for hit in hits if hit.score >= OFFERED][:MAX_OFFERED]
    if offered:
        return Decision("choice", _with_siblings(offered, hits), hits)
    return Decision("unknown", hits=hits)


def _with_siblings(offered: list[Procedure], hits: list[Hit]) -> list[Procedure]:
    """Four funeral grants would hide the fifth: a choice among siblings is offered whole."""
    first = offered[0]
    if not all(procedure.id in first.siblings for procedure in offered[1:]):
        return offered
    more = [hit.procedure for hit in hits[len(offered) :] if hit.score >= OFFERED]
    return [*offered, *(procedure for procedure in more if procedure.id in first.siblings)][:MAX_SIBLINGS]


def _leans(turn: Turn) -> bool:
    """A few words that surely ask something of a procedure lean on the one talked of, whatever else they
    look like ("ko bít nộp ở đâu lun")."""
    short = len(normalize(turn.matter).split()) <= LEANING
    return short and bool(turn.aspects) and not unsure(turn) and "out_of_scope" not in turn.also


def doing_alone(text: str) -> str | None:
    """What is to be done ("cap lai"), when the message says that and not with what."""
    words = normalize(text).split()
    said = " ".join(words)
    doing = next((" ".join(d) for d in _DOINGS if f" {' '.join(d)} " in f" {said} "), None)
    if doing is None:
        return None
    return doing if _FILLERS.union(_DOING_WORDS).issuperset(words) else None


def _done_to(doing: str, services: Services, context: Procedure | None) -> Decision:
    """ "Cấp lại" of what was talked of; with nothing before it, the citizen is asked of what."""
    said = f"{doing} {_thing(context)}" if context else doing
    hits = _in_force(services.catalog.find_in(said).hits, services)
    if context and hits and hits[0].score >= SURE:
        return Decision("procedures", [hits[0].procedure], hits)
    asked = [Hit(hit.procedure, min(SURE_PART, hit.score)) for hit in hits]
    return Decision("choice", [hit.procedure for hit in asked[:MAX_OFFERED]], asked)


def _thing(procedure: Procedure) -> str:
    """What a procedure is about, without what is done to it: "giấy phép lái xe" of "Đổi giấy phép lái xe"."""
    name = procedure.also_called[0] if procedure.also_called else procedure.name
    words = normalize(name).split()
    while len(words) > 1 and words[0] in _DOING_WORDS | {"thu", "tuc"}:
        words = words[1:]
    return " ".join(words)


def _in_force(hits: list[Hit], services: Services) -> list[Hit]:
    """The hits with what is in force today in place of what was abolished; scores of one add up."""
    scores: dict[str, float] = {}
    for hit in hits:
        current = services.catalog.current(hit.procedure, services.today)
        scores[current.id] = scores.get(current.id, 0.0) + hit.score
    best = sorted(scores.items(), key=lambda pair: -pair[1])
    return [Hit(services.catalog.get(key), score) for key, score in best]


def names_something(turn: Turn, services: Services) -> bool:
    """Whether the words name some procedure, although perhaps not which."""
    found = services.catalog.find_in(turn.matter)
    return not turn.from_button and found.named >= NAMED and found.familiar >= FAMILIAR


def _offered(turn: Turn, services: Services) -> list[Procedure]:
    """What was offered last and not chosen from; a list of a whole field is no such offer."""
    offered = turn.slots.get("offered") or []
    return [p for key in offered if (p := services.catalog.find(key))] if len(offered) <= MAX_LISTED else []


def names_surely(turn: Turn, services: Services) -> bool:
    """Whether the words name one procedure so surely that they are a question about it, whatever
    intent they were taken for."""
    if turn.from_button:
        return False
    found = services.catalog.find_in(turn.matter)
    if found.named < NAMED_SURELY or found.familiar < NAMED_SURELY:
        return False
    hits = _in_force(found.hits, services)
    return bool(hits) and hits[0].score >= SURE


def _several(turn: Turn, services: Services, whole: Hit | None) -> list[Hit]:
    """The procedures named in different parts of the message, each surely. A part that is a sibling
    of what the whole message surely means belongs to it (linked filings name what they link)."""
    parts = [clause.text for clause in clauses(turn.matter)]
    if len(parts) < 2:
        return []
    sure: dict[str, Hit] = {}
    told = False
    for index, part in enumerate(parts):
        words = normalize(part)
        # A name of two words after it belongs to it ("em có bằng cấp ba với căn cước").
        told = index + 1 < len(parts) and (
            bool(_STATES.search(words)) or (told and len(words.split()) < SHORT_PART - 1)
        )
        found = services.catalog.find_in(part)
        if found.named < NAMED or found.familiar < FAMILIAR or not found.hits:
            continue
        first = _in_force(found.hits, services)[0]
        if _names_by_itself(part, first, found.named, services, told=told, beside=bool(sure)):
            sure.setdefault(first.procedure.id, first)
    if whole and whole.score >= SURE:
        sure = {key: hit for key, hit in sure.items() if key not in whole.procedure.siblings}
    return list(sure.values())[:MAX_ANSWERED]


def _names_by_itself(
    part: str, first: Hit, named: float, services: Services, *, told: bool, beside: bool
) -> bool:
    """Whether a part of a message surely asks about ``first``. ``told``: it tells rather than asks;
    ``beside``: another part has been named."""
    words = normalize(part).split()
    wishes = not _WISHES.isdisjoint(words[:2])
    if told and not wishes:
        return False
    if first.procedure.id in services.catalog.ranker.called_in(part):
        return first.score >= SURE_PART
    if len(words) < 2:
        return False  # "thì" is no driving test ("thi")
    least = SURE_WISH if wishes else SURE_SHORT_PART if beside and len(words) <= SHORT_PART else SURE_UNNAMED
    return min(named, first.score) >= least


def _picked(turn: Turn, services: Services) -> Decision | None:
    """ "cái thứ hai", "số 2", "cái cuối" of what was offered last; a number beyond it asks again."""
    offered = turn.slots.get("offered") or []
    words = normalize(turn.matter).split()
    number = next((int(w) for w in re.findall(r"\d+", turn.matter)), 0)
    number = number or next((_NUMBERS[w] for w in words if w in _NUMBERS), 0)
    if "cuoi" in words or "duoi" in words:
        number = len(offered)
    if "tren" in words:
        number = 1
    if 1 <= number <= len(offered):
        return _exactly(services.catalog.find(offered[number - 1]))
    if number and offered:
        return Decision("choice", [p for key in offered if (p := services.catalog.find(key))])
    return None
