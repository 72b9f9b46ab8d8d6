"""Actions that answer from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions import notices
from actions.asked import PORTAL, asked_beside_the_fine, asked_by_case, asked_for, aspects_of, fines
from actions.bootstrap import Services, services
from actions.compose import FIELD_OF_ASPECT, MAX_BUTTONS, answer, answer_lines, every_case, told_by
from actions.decision import MAX_OFFERED, Decision
from actions.hearing import hear
from actions.middle import context, talked_now
from actions.nameless import SUGGESTED
from actions.offers import (
    also_asked,
    aside,
    gone,
    not_in_vietnamese,
    not_known,
    offer,
    replaced,
    short_name,
    shorter,
)
from actions.outside import is_in_english
from actions.premises import put_right
from actions.proof_digits import holds_a_dossiers_code, is_number_alone, proof_in
from actions.reply import Reply, button, reply
from actions.sending import SHOWN_IN_FULL, send
from actions.shares import own_aspects
from actions.turn import MOVED_ON, SURE_REFUSAL, Turn, overcharged, remember, unsure
from actions.which import asks_for_a_dossier, decide, names_surely
from dossiers import find_codes
from procedures_catalog import Hit, Procedure
from procedures_catalog.facts import open_questions
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

Events = list[dict[str, Any]]
# No entry holds a fine: what is asked about it looks like a question about the fee or about who may apply.
_UNASKED = frozenset({"overview", "fee", "eligibility", "method"})
LEAVE_FORM: Events = [ActiveLoop(None), *remember(requested_slot=None, case_answer=None, case_asked=None)]


def answer_turn(dispatcher: CollectingDispatcher, turn: Turn) -> Events:
    """From the turn to its replies: which procedure → which aspects → which case → the answer."""
    s = services()
    state = phrasing().asks_for_a_state(normalize(turn.said).split())
    if holds_a_dossiers_code(turn.text) or (state and find_codes(turn.text)):
        # Another number may be given for a dossier's: what it is will be said there.
        return [FollowupAction("action_dossier_status")]
    if turn.slots.get("dossier_wish") and not turn.from_button and proof_in(turn.text):
        # The digits that were asked for, after something else was talked of.
        return [FollowupAction("action_dossier_more")]
    if is_number_alone(turn.text) or asks_for_a_dossier(turn, s):
        return [FollowupAction("action_dossier_status")]
    if (papers := _whole_list(turn, s)) is not None:
        send(dispatcher, papers, effect=SHOWN_IN_FULL)
        return MOVED_ON
    if (about_length := shorter(turn, s) or _enough(turn, s)) is not None:
        send(dispatcher, about_length)
        return MOVED_ON
    if alarm := notices.danger_told(turn, s):
        send(dispatcher, alarm)
        return MOVED_ON
    if not turn.from_button and is_in_english(turn.text):
        send(dispatcher, not_in_vietnamese(s))
        return MOVED_ON
    decision = decide(turn, s)
    if overcharged(turn) and (decision.by_context or not decision.procedures):
        return [FollowupAction("action_feedback")]
    refused = _refused(turn, decision, s)
    if refused:
        named = decision.procedures if refused in ("penalty", "tax", "legal_advice") else []
        buttons = [button(short_name(p), "ask", procedure=p.id) for p in named]
        buttons.append(button(s.texts.say("choices", "person"), "talk_to_person"))
        text = s.texts.say("notices", refused, s.centre)
        beside = (gone(turn, s) or aside(turn, s)) if refused == "out_of_scope" else None
        if not beside and refused == "out_of_scope" and turn.refusal < SURE_REFUSAL:
            # Nothing speaks for another office's matter: it is only not understood.
            beside = not_known(s, "not_understood")
        # Turned down or not, this is what was asked.
        asked = asked_for(turn, decision)
        send(dispatcher, beside or reply("unknown", text, buttons=buttons), decision.hits, asked or None)
        return MOVED_ON
    if _asks_for_the_hours(turn, decision):
        send(dispatcher, notices.notice("opening_hours", s))
        return MOVED_ON
    events = _answer_decision(dispatcher, turn, decision, s)
    told = [PORTAL] if _is_the_portal(turn, decision) else []
    if decision.by_context and turn.aspects == ["time"]:
        told.append("opening_hours")  # "nghỉ mấy ngày" of maternity leave asks for no hours
    for intent in turn.also:
        if intent not in told and (extra := notices.notice(intent, s)):
            send(dispatcher, extra)
    if fines(turn.said, "fines_asked"):
        send(dispatcher, reply("notice", s.texts.say("notices", "penalty", s.centre)))
    return [*MOVED_ON, *events]


def _asks_for_the_hours(turn: Turn, decision: Decision) -> bool:
    """Whether "đi ngày chủ nhật được không", of the matter talked of, asks for the centre's hours."""
    asks = decision.by_context and turn.aspects == ["time"] and "opening_hours" in turn.also
    return asks and phrasing().says("days_off", normalize(turn.said).split())


def _enough(turn: Turn, s: Services) -> Reply | None:
    """ "Xong rồi": nothing more is asked of the matter talked of."""
    known, words = phrasing(), normalize(turn.said).split()
    if turn.from_button or turn.aspects or not context(turn, s) or not known.says("done", words):
        return None
    over = known.consists_of(words, "done", "leaning", "people")
    return reply("smalltalk", s.texts.say("notices", "go_on")) if over else None


def _whole_list(turn: Turn, s: Services) -> Reply | None:
    """ "Xem đủ", typed under papers that were told at a glance: all of them."""
    about = context(turn, s)
    if turn.intent != "show_more" or unsure(turn) or about is None:
        return None
    papers = turn.slots.get("aspects") == ["documents"]
    by_case = papers and open_questions(about, ["documents"], turn.case_answers)
    return every_case(about, s, in_full=True) if by_case else None


def _refused(turn: Turn, decision: Decision, s: Services) -> str | None:
    """Why the message is not for us although it asks like a question about a procedure; None when it is."""
    if "manipulation" in turn.also:
        return "manipulation"
    talked_of = turn.slots.get("procedure") in {procedure.id for procedure in decision.procedures}
    if not (decision.by_context or talked_of or names_surely(turn, s)):
        for intent in ("others_data", "legal_advice", "out_of_scope"):
            if intent in turn.also:
                return intent
    if decision.kind == "elsewhere":
        return "out_of_scope"
    taxed = phrasing().says("taxing", normalize(turn.said).split()) and _UNASKED.issuperset(turn.aspects)
    if taxed and not any(_tells_of_tax(p) for p in decision.procedures):
        return "tax"
    only_the_fine = _UNASKED.issuperset(turn.aspects) and not asked_beside_the_fine(turn)
    return "penalty" if fines(turn.said) and only_the_fine else None


def _is_the_portal(turn: Turn, decision: Decision) -> bool:
    """Whether it is asked how to hand in by the portal, of no procedure."""
    return decision.kind == "which" and PORTAL in turn.also


def _tells_of_tax(procedure: Procedure) -> bool:
    return any("thuế" in f"{fee.name} {fee.note}".casefold() for fee in procedure.fees)


def _answer_decision(dispatcher: CollectingDispatcher, turn: Turn, decision: Decision, s: Services) -> Events:
    aspects = aspects_of(turn, decision)
    understood = decision.hits
    if decision.kind == "event" and decision.event:
        return tell_life_event(dispatcher, decision, s, asked_for(turn, decision))
    if decision.kind == "choice":
        # Offered twice for a bare question: the third one goes back to what was talked of.
        text = s.texts.say("choices", "which_again") if decision.by_context else None
        likely = [*decision.procedures, *decision.beside]
        send(dispatcher, _put_right(offer(likely, aspects, s, text), turn, s), understood, aspects)
        again = "offer" if decision.by_context else None
        offered = [p.id for p in likely]
        return [*LEAVE_FORM, *remember(offered=offered, aspects=aspects, waiting_for=again)]
    if _is_the_portal(turn, decision):
        send(dispatcher, notices.notice(PORTAL, s), understood, ["online"])
        return []
    if decision.kind == "which":
        likely = decision.procedures
        usual = [p for key in SUGGESTED if (p := s.catalog.find(key)) and p not in likely]
        suggested = [*likely, *usual][:MAX_OFFERED]
        text = s.texts.say("choices", "which_procedure_first")
        send(dispatcher, _put_right(offer(suggested, aspects, s, text), turn, s), understood, aspects)
        return remember(offered=[p.id for p in suggested], aspects=aspects)
    if turn.intent == "pick_option" and phrasing().says("days_off", normalize(turn.said).split()):
        send(dispatcher, notices.notice("opening_hours", s))
        return []
    if decision.kind == "unknown":
        known = gone(turn, s) or aside(turn, s, decision.beside) or not_known(s, "not_in_catalogue")
        send(dispatcher, known, understood, aspects)
        return []
    return _answer_procedures(dispatcher, turn, decision, aspects, s)


def _put_right(told: Reply, turn: Turn, s: Services) -> Reply:
    """The reply, after what is said of a thing that no longer exists."""
    lines = [] if turn.from_button else put_right(turn.said, s)
    told["text"] = "\n\n".join([*lines, told["text"]])
    return told


def _answer_procedures(
    dispatcher: CollectingDispatcher, turn: Turn, decision: Decision, aspects: list[str], s: Services
) -> Events:
    known = turn.case_answers
    for asked in decision.procedures:
        procedure = s.catalog.current(asked, s.today)
        if procedure.id != asked.id or not asked.in_force(s.today):
            send(dispatcher, replaced(asked, procedure, s), decision.hits, aspects)
            if not procedure.in_force(s.today):
                continue
        if procedure.id != turn.slots.get("procedure"):
            known = {}
        known = {**known, **decision.cases}
        own = own_aspects(procedure, aspects, turn, decision)
        if not turn.aspects:
            # What was asked of the matter before may be nothing to ask of this one.
            own = [a for a in own if a == "overview" or getattr(procedure, FIELD_OF_ASPECT[a])]
        told = answer(procedure, own, known, s, turn.said)
        if decision.lines:
            told = answer_lines(procedure, decision.lines, s)
        if decision.assumed:
            told["text"] = f"{s.texts.say('choices', 'assumed')}\n\n{told['text']}"
        if asked is decision.procedures[-1]:
            also = also_asked(decision, aspects)
            told["buttons"] = [*told["buttons"][: MAX_BUTTONS - len(also)], *also]
        send(dispatcher, told, decision.hits, aspects)
    procedure = s.catalog.current(decision.procedures[-1], s.today)
    talked = talked_now(turn, decision.procedures)
    events = remember(
        procedure=procedure.id, aspects=aspects, case_answers=known, offered=None, talked=talked
    )
    told = len(decision.procedures) == 1 and procedure.in_force(s.today)
    if told and open_questions(procedure, asked_by_case(aspects), known):
        return [*events, *remember(case_answer=None, requested_slot=None), FollowupAction("case_form")]
    if turn.asked_case and procedure.id == turn.slots.get("procedure"):
        return events  # another question about it in between: the case question stays open
    return [*LEAVE_FORM, *events]


def tell_life_event(
    dispatcher: CollectingDispatcher, decision: Decision, s: Services, aspects: Sequence[str] = ()
) -> Events:
    """What to do after a birth, a death, a move …, in order. ``aspects``: what was asked, of whichever of
    them is chosen."""
    event = decision.event
    steps, procedures = [], []
    for step in event.steps:
        if procedure := s.catalog.find(step.procedure):
            procedure = s.catalog.current(procedure, s.today)
            procedures.append(procedure)
            steps.append({"name": short_name(procedure), "note": step.note, "linked": step.linked})
    buttons = [button(short_name(p), "ask", procedure=p.id, aspect=aspects) for p in procedures]
    text = s.texts.say("answers", "life_event", event, steps)
    score = decision.score or 1.0  # a button means the event and nothing else
    told = reply("choice", text, buttons=buttons, aspects=aspects)
    send(dispatcher, told, [Hit(p, score) for p in procedures], aspects or None)
    offered = [p.id for p in procedures]
    return [*LEAVE_FORM, *remember(offered=offered, aspects=list(aspects) or ["overview"])]


class ActionAnswer(Action):
    """Answers a question about a procedure."""

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return answer_turn(dispatcher, hear(tracker)[0])


class ActionListProcedures(Action):
    """The list of procedures: by field, or those of one field."""

    def name(self) -> str:
        return "action_list_procedures"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        if unsure(turn) and names_surely(turn, s):
            return answer_turn(dispatcher, turn)
        procedures = s.catalog.all(s.today)
        fields = sorted({p.field for p in procedures})
        field = turn.chosen.get("field") or s.catalog.field_in(turn.said)
        say = s.texts.say
        link = {"title": say("choices", "full_list"), "url": "/thu-tuc"}
        if field in fields:
            rows = [p for p in procedures if p.field == field]
            buttons = [button(short_name(p), "ask", procedure=p.id) for p in rows]
            text = say("choices", "list_of_field", field, len(rows))
            send(dispatcher, reply("choice", text, buttons=buttons, links=[link]))
            # "Cái thứ hai" now means one of these, and no case question that was open.
            return [*LEAVE_FORM, *MOVED_ON, *remember(offered=[p.id for p in rows], aspects=["overview"])]
        buttons = [button(name, "list_procedures", field=name) for name in fields]
        text = say("choices", "list_fields", len(procedures))
        send(dispatcher, reply("choice", text, buttons=buttons, links=[link]))
        return MOVED_ON


class ActionConfirmSource(Action):
    """ "Chắc không?": the source again."""

    def name(self) -> str:
        return "action_confirm_source"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        procedure = s.catalog.find(turn.slots.get("procedure") or "")
        if procedure is None:
            send(dispatcher, notices.notice("who_are_you", s))
            return MOVED_ON
        aspects = turn.slots.get("aspects") or ["overview"]
        links = [{"title": x.title, "url": x.url} for x in procedure.sources if x.url]
        text = told_by(procedure, s)
        send(
            dispatcher,
            reply("answer", text, links=links, procedure=procedure, aspects=aspects, with_sources=True),
        )
        return MOVED_ON
