"""Which procedure is meant: by a button, by name, by context, or not surely enough to answer."""

from __future__ import annotations

from dataclasses import replace

from actions.another_case import another_case
from actions.bootstrap import Services
from actions.decision import (
    FAMILIAR,
    MAX_OFFERED,
    MAX_SIBLINGS,
    NAMED,
    OFFERED,
    SURE,
    Decision,
    Kind,
    exactly,
    in_force,
)
from actions.leaning import HALF_SURE, doing_alone, done_otherwise, done_to, picked
from actions.middle import earlier, short, together
from actions.named import named
from actions.nameless import LIKELY, is_it, nameless, offered_last, read_beside
from actions.outside import OURS_NAMED, OURS_SURELY, OURS_UNNAMED, is_but_a_thing, is_in_another_script, ours
from actions.plain import stands_in_a_name
from actions.premises import asks_of_what_is_gone
from actions.remark import is_allowed, remark, says_no_matter
from actions.turn import Turn, unsure
from dossiers import find_codes
from procedures_catalog import Hit, Procedure
from procedures_catalog.obsolete import obsolete_in
from procedures_catalog.phrasing import phrasing
from procedures_catalog.search import Finding
from vietnamese import normalize

NAMED_SURELY = 0.8
EVENT_TOLD = 0.9
# In the middle of a conversation a few words are about another matter from this score on.
SURE_ELSEWHERE = 0.95


def decide(turn: Turn, services: Services) -> Decision:
    """What the turn is about. Never a guess: without a clear lead the citizen is asked."""
    catalog = services.catalog
    if turn.chosen.get("procedure"):
        return exactly(catalog.find(turn.chosen["procedure"]))
    if turn.chosen.get("event"):
        event = catalog.life_events.get(turn.chosen["event"])
        return Decision("event", event=event) if event else Decision("unknown")
    context = catalog.find(turn.slots.get("procedure") or "")
    surely, before = earlier(turn, services)
    if before:
        kind: Kind = "procedures" if surely else "choice"
        return Decision(kind, before, [Hit(p, 1.0) for p in before], by_context=True)
    if case := another_case(turn, services):
        return case
    if context and short(turn) and asks_of_what_is_gone(turn.said, services):
        return Decision("procedures", [context], [Hit(context, 1.0)], by_context=True)
    if (doing := doing_alone(turn.matter)) is not None:
        if of_these := [p for p in offered_last(turn, services) if stands_in_a_name(doing.split(), p)]:
            kind = "procedures" if len(of_these) == 1 else "choice"
            return Decision(kind, of_these, [Hit(p, 1.0) for p in of_these])
        other = context is not None and done_otherwise(turn.matter, context) is not None
        return done_to(doing, services, context, other=other)
    picks = turn.intent == "pick_option" or (short(turn) and phrasing().picks(normalize(turn.matter).split()))
    if picks and (option := picked(turn, services)):
        return option
    if turn.intent == "pick_option" and not catalog.ranker.called_in(turn.matter):
        return Decision("unknown" if context else "which")
    if turn.intent == "affirm" and len(turn.slots.get("offered") or []) == 1:
        return exactly(catalog.find(turn.slots["offered"][0]))
    if turn.intent == "show_more" and not unsure(turn):
        return Decision("procedures", [context], by_context=True) if context else Decision("which")
    codes = dict.fromkeys(found.code for found in find_codes(turn.matter) if found.kind == "procedure")
    if codes:
        coded = [procedure for code in codes for procedure in catalog.with_code(code, services.today)]
        if len(coded) > len(codes):  # a merged code covers several matters
            return Decision("choice", coded[:MAX_SIBLINGS], [Hit(procedure, 1.0) for procedure in coded])
        return exactly(*coded)
    decision = _by_words(turn, services, context)
    instead = [] if decision.kind == "procedures" else _in_the_place_of(turn, services)
    alike = [Hit(procedure, 1 / len(instead)) for procedure in instead]
    return Decision("choice", instead, alike) if instead else decision


def _in_the_place_of(turn: Turn, services: Services) -> list[Procedure]:
    """What people need in the place of something that no longer exists, when that alone is named."""
    if services.catalog.ranker.called_in(turn.matter):
        return []
    gone = obsolete_in(turn.said, services.obsolete)
    found = (services.catalog.find(key) for row in gone for key in row.procedures)
    return [services.catalog.current(procedure, services.today) for procedure in found if procedure]


def _by_words(turn: Turn, services: Services, context: Procedure | None) -> Decision:
    ranker = services.catalog.ranker
    found = services.catalog.find_in(turn.matter)
    hits = in_force(found.hits, services, turn.matter)
    called = bool(ranker.called_in(turn.matter))
    likely = ours(turn, found, called)
    official = bool(turn.aspects) and not called and _is_official(turn)
    if context is None and not offered_last(turn, services):
        early = _begins(turn, services, found, hits, called=called or official, likely=likely)
    else:
        early = _goes_on(turn, services, context)
    if early:
        return early
    thingless = context is not None and not called and _names_no_thing(turn)
    if official or thingless or found.named < NAMED:
        return nameless(turn, services, context, found, hits)
    if (
        context is None
        and short(turn)
        and not called
        and (told := _told_under_an_offer(turn, services, found, hits))
    ):
        return told
    elsewhere = (
        hits and hits[0].score >= SURE_ELSEWHERE and not says_no_matter(normalize(turn.matter).split())
    )
    if context and not called and _tells_another_situation(found, hits, context):
        return Decision("event", hits=hits, event=found.event, score=found.event_score)
    leaning = context and not called and short(turn) and not elsewhere
    if context and called and short(turn) and (allowed := is_allowed(turn, context, hits)):
        return allowed
    if context and leaning:
        if beside := read_beside(turn, services, context, found, hits):
            return beside
        if said := remark(turn, services, context, hits):
            return said
    if found.familiar < FAMILIAR and found.named < NAMED_SURELY:
        # What we do not know, or what goes on about the matter talked of in a way that we do not understand.
        goes_on = context and not called and "out_of_scope" not in turn.also
        return is_it(turn, context, hits) if context and goes_on else Decision("unknown", hits=hits)
    long = not short(turn)
    if context and (turn.aspects or long) and not called and (not hits or hits[0].score < SURE_ELSEWHERE):
        # A question about what is talked of, most likely; a story of a new matter is asked about.
        if not long:
            return Decision("procedures", [context], [Hit(context, 1.0)], by_context=True)
        others = [hit.procedure for hit in hits if hit.score >= OFFERED and hit.procedure.id != context.id]
        return Decision("choice", [context, *others][:MAX_OFFERED], hits)
    decision = named(turn.matter, services, found, hits, called=called, sure=likely >= OURS_SURELY)
    if context and not called and decision.kind == "choice" and decision.hits[0].score < HALF_SURE:
        # That it goes on about the matter talked of is likelier than any of these.
        if decision.hits[0].score < LIKELY:
            return Decision("unknown")
        others = [procedure for procedure in decision.procedures if procedure != context]
        return replace(decision, procedures=[context, *others][:MAX_OFFERED])
    return decision


def _begins(
    turn: Turn, services: Services, found: Finding, hits: list[Hit], *, called: bool, likely: float
) -> Decision | None:
    """What is plain of a message before which nothing was talked of: too little, a situation, not ours."""
    if is_in_another_script(turn.matter):
        return Decision("unknown")
    if not called and phrasing().consists_of(normalize(turn.said).split(), "opening"):
        return Decision("which")
    sure = bool(hits) and min(found.named, hits[0].score) >= SURE and " " in turn.matter.strip()
    if not called and not sure and is_but_a_thing(turn.matter, services.catalog.ranker):
        return Decision("choice", [hit.procedure for hit in hits[:MAX_OFFERED]], hits)
    if tells_an_event(turn, found):
        return Decision("event", hits=hits, event=found.event, score=found.event_score)
    ours_from = OURS_UNNAMED if found.named < NAMED else OURS_NAMED
    return Decision("elsewhere", hits=hits) if likely < ours_from else None


def _told_under_an_offer(turn: Turn, services: Services, found: Finding, hits: list[Hit]) -> Decision | None:
    """What was offered, once more, after a few words that tell something of it ("cha nó ở nước ngoài", of a
    birth), with what they mean beside the first, or ask something; None when they are surely about something
    else."""
    offered = offered_last(turn, services)
    if not offered or not hits or hits[0].score >= SURE:
        return None
    if turn.aspects:
        return None if hits[0].procedure in offered else nameless(turn, services, None, found, hits)
    with_it = together(turn, services, offered[0])
    likely = [hit.procedure for hit in with_it[:1] if hit.score >= HALF_SURE and hit.procedure != offered[0]]
    both = [offered[0], *likely, *(procedure for procedure in offered[1:] if procedure not in likely)]
    return Decision("choice", both[:MAX_OFFERED], hits, by_context=True)


def _tells_another_situation(found: Finding, hits: list[Hit], context: Procedure) -> bool:
    """Whether a situation of life is told that the matter talked of is no part of, and what is likeliest
    meant is ("vợ mới đẻ, cần giấy tờ gì" after a wedding)."""
    if found.event is None or min(found.event_score, found.named) < NAMED_SURELY:
        return False
    steps = {step.procedure for step in found.event.steps}
    return bool(hits) and hits[0].procedure.id in steps and context.id not in steps


def _goes_on(turn: Turn, services: Services, context: Procedure | None) -> Decision | None:
    """What is plain of a message in the middle of a conversation."""
    if is_in_another_script(turn.matter):
        return Decision("unknown")
    alone = context and short(turn) and not offered_last(turn, services)
    doing = done_otherwise(turn.matter, context) if context and alone else None
    return done_to(doing, services, context, other=True) if doing else None


def _names_no_thing(turn: Turn) -> bool:
    """Whether it is said what is done, and not to what ("vậy khi nào mới đăng ký được")."""
    known, words = phrasing(), normalize(turn.matter).split()
    alone = known.consists_of(words, "filling", "doing_words", "leaning", "continuing")
    return alone and known.says("doing_words", words)


def _is_official(turn: Turn) -> bool:
    """Whether it is asked as an official would, in words that stand in names and name nothing."""
    return phrasing().consists_of(normalize(turn.matter).split(), "official_questions", "filling")


def names_something(turn: Turn, services: Services) -> bool:
    """Whether the words name some procedure, although perhaps not which."""
    found = services.catalog.find_in(turn.matter)
    return not turn.from_button and found.named >= NAMED and found.familiar >= FAMILIAR


def asks_for_a_dossier(turn: Turn, services: Services) -> bool:
    """Whether a message that names no procedure asks for the state of what was handed in."""
    if turn.from_button:
        return False
    words = normalize(turn.matter).split()
    state = phrasing().asks_for_a_state(words) or asks_on_about_a_dossier(turn)
    if state and not services.catalog.ranker.called_in(turn.matter):
        return True
    return (state or "dossier_status" in turn.also) and not names_something(turn, services)


def asks_on_about_a_dossier(turn: Turn) -> bool:
    """Whether "vì sao không được tiếp nhận" comes right after the state of a dossier."""
    after = turn.slots.get("waiting_for") == "dossier" and short(turn)
    return after and phrasing().says("of_the_dossier", normalize(turn.matter).split())


def life_event_told(turn: Turn, services: Services) -> Decision | None:
    """What a story surely tells, although it names nothing: "bố tôi mất hôm qua"."""
    found = services.catalog.find_in(turn.matter)
    if found.event is None or found.event_score < EVENT_TOLD or turn.aspects:
        return None
    return Decision("event", event=found.event, score=found.event_score)


def tells_an_event(turn: Turn, found: Finding) -> bool:
    """Whether a few words tell a situation of life in words that are all ours ("vợ em đang mang bầu")."""
    told = found.event is not None and min(found.event_score, found.familiar) >= EVENT_TOLD
    asks = turn.aspects or phrasing().says("asking", normalize(turn.matter).split())
    no_matter = found.named < NAMED_SURELY or not found.hits or found.hits[0].score < SURE
    return told and no_matter and short(turn) and not asks


def names_surely(turn: Turn, services: Services) -> bool:
    """Whether the words name one procedure so surely that they are a question about it, whatever
    intent they were taken for."""
    if turn.from_button:
        return False
    found = services.catalog.find_in(turn.matter)
    if found.named < NAMED_SURELY or found.familiar < NAMED_SURELY:
        return False
    hits = in_force(found.hits, services, turn.matter)
    called = bool(services.catalog.ranker.called_in(turn.matter))
    return bool(hits) and hits[0].score >= SURE and ours(turn, found, called) >= OURS_SURELY
