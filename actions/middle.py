"""A few words in the middle of a conversation: read beside what is talked of, or about a matter before it."""

from __future__ import annotations

from collections.abc import Sequence

from actions.bootstrap import Services
from actions.decision import in_force
from actions.leaning import thing
from actions.turn import Turn
from procedures_catalog import Hit, Procedure
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

# So many words, without any name in them, go on about the same matter.
LEANING = 8
# How many matters are remembered besides the present one.
MAX_TALKED = 5
BOTH = 2


def short(turn: Turn) -> bool:
    """Whether a typed message has few words."""
    return not turn.from_button and len(normalize(turn.matter).split()) <= LEANING


def context(turn: Turn, services: Services) -> Procedure | None:
    """The procedure talked of."""
    return services.catalog.find(turn.slots.get("procedure") or "")


def unsaid(matter: str, longer: Procedure, plain: Procedure) -> bool:
    """Whether no word that the longer name has more than the plain one is said: "đăng ký lại kết hôn" is not
    meant without "lại"."""
    more = set(normalize(longer.name).split()) - set(normalize(plain.name).split())
    return bool(more) and more.isdisjoint(normalize(matter).split())


def together(turn: Turn, services: Services, about: Procedure) -> list[Hit]:
    """What a message means beside the matter talked of: "bị sai tên" after a birth certificate."""
    said = f"{thing(about)} {turn.matter}"
    return in_force(services.catalog.find_in(said).hits, services, said)


def talked(turn: Turn, services: Services) -> list[Procedure]:
    """What was talked of, the latest first."""
    return [p for key in turn.slots.get("talked") or [] if (p := services.catalog.find(key))]


def talked_now(turn: Turn, answered: Sequence[Procedure]) -> list[str]:
    """The ids to remember once these were answered about."""
    before = turn.slots.get("talked") or []
    return list(dict.fromkeys([*(p.id for p in reversed(answered)), *before]))[: MAX_TALKED + 1]


def earlier(turn: Turn, services: Services) -> tuple[bool, list[Procedure]]:
    """The earlier matters that a message points back to, and whether surely; none when it does not.

    "Cả hai" are the last two, "cái đầu tiên" the first; "cái lúc nãy" may be the last or the one before it.
    """
    known, before, words = phrasing(), talked(turn, services), normalize(turn.said).split()
    if turn.from_button or not before:
        return False, []
    called = services.catalog.ranker.called_in(turn.matter)
    if called:
        again = [p for p in before if p.id in called and p.id != turn.slots.get("procedure")]
        return (True, again) if known.says("going_back", words) and len(again) == 1 else (False, [])
    alone = known.consists_of(words, "both_alone", "filling", "leaning", "continuing", "official_questions")
    if known.says("both_alone", words) and alone and short(turn):
        offered = [p for key in turn.slots.get("offered") or [] if (p := services.catalog.find(key))]
        return True, offered if len(offered) == BOTH else before[1::-1]
    if turn.slots.get("offered") or not short(turn):
        return False, []
    if known.says("asked_before", words):
        return False, before
    if known.says("both_told", words) and len(before) > 1:
        return True, before[1::-1]
    if known.says("first_told", words):
        return True, before[-1:]
    return (False, before[1::-1]) if known.says("told_before", words) and len(before) > 1 else (False, [])
