"""What is said beside a question (a greeting, thanks, a yes or a no), and what is turned down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, FollowupAction, Restarted
from rasa_sdk.executor import CollectingDispatcher

from actions.another_case import another_case
from actions.answering import LEAVE_FORM, answer_turn, tell_life_event
from actions.bootstrap import Services
from actions.decision import in_force
from actions.hearing import hear
from actions.middle import context, earlier, short
from actions.notices import danger_told, notice
from actions.offers import aside, gone, guessed_aside, not_in_vietnamese, not_known, short_name, shorter
from actions.outside import is_but_a_thing, is_in_english
from actions.people import MAX_NO, handover
from actions.proof_digits import holds_a_dossiers_code, is_number_alone, proof_in
from actions.reply import button, reply
from actions.sending import send
from actions.turn import MOVED_ON, SURE_INTENT, SURE_REFUSAL, Turn, guessed, overcharged, remember, unsure
from actions.which import (
    SURE_ELSEWHERE,
    decide,
    life_event_told,
    names_something,
    names_surely,
    tells_an_event,
)
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

Events = list[dict[str, Any]]


class ActionCourtesy(Action):
    """Greeting, thanks, farewell; a yes or a no to what was asked last, else an invitation to go on."""

    def name(self) -> str:
        return "action_courtesy"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        say = s.texts.say
        if turn.intent == "greet" and _says_more(turn):
            turn = replace(turn, question=SURE_INTENT)  # what else is said may well be a question
        waiting = turn.slots.get("waiting_for")
        if waiting == "erase" and turn.intent == "affirm":
            send(dispatcher, reply("notice", say("notices", "erased")))
            return [AllSlotsReset(), Restarted()]
        if waiting == "subscribe" and turn.intent == "affirm":
            return [FollowupAction("action_dossier_more")]
        if waiting == "erase":
            send(dispatcher, reply("notice", say("notices", "not_erased")))
        elif waiting == "subscribe" and turn.intent == "deny":
            send(dispatcher, reply("dossier", say("dossiers", "no_consent")))
        elif waiting == "handover" and turn.intent == "affirm":
            send(dispatcher, handover(turn, "offered", s))
        elif not turn.from_button and (proof_in(turn.text) or holds_a_dossiers_code(turn.text)):
            return answer_turn(dispatcher, turn)  # digits may be somebody's proof, and no courtesy
        elif turn.slots.get("procedure") and _asks(turn):
            # "ba nó đi được ko" ends in a no, and asks.
            asked = replace(turn, intent="ask_eligibility", confidence=1.0, aspects=["eligibility"])
            return answer_turn(dispatcher, asked)
        elif turn.intent == "greet" and is_in_english(turn.text):
            send(dispatcher, not_in_vietnamese(s))
        elif _about_a_procedure(turn, s) or (
            turn.intent == "deny" and guessed(turn) and turn.slots.get("offered")
        ):
            return answer_turn(dispatcher, turn)
        elif guessed(turn) and (beside := gone(turn, s)):
            send(dispatcher, beside)  # "sổ hộ khẩu bỏ rồi đúng không" ends in a no, and asks
        elif turn.matter != turn.said and (told := life_event_told(turn, s)):
            return tell_life_event(dispatcher, told, s)
        elif turn.intent in ("greet", "deny") and (gist := shorter(turn, s)):
            send(dispatcher, gist)
        elif turn.intent != "thank" and (beside := guessed_aside(turn, s)):
            send(dispatcher, beside)
        elif turn.intent not in ("affirm", "deny"):
            dispatcher.utter_message(response=f"utter_{turn.intent}")
        else:
            send(
                dispatcher,
                reply("smalltalk", say("notices", "go_on" if turn.intent == "affirm" else "what_then")),
            )
        # Whoever thanks or says no is not asked on about their case; what was offered and denied is not taken
        # up by a later yes.
        over = LEAVE_FORM if turn.intent in ("thank", "goodbye", "affirm", "deny") else []
        return [*over, *MOVED_ON, *(remember(offered=None) if turn.intent == "deny" else [])]


class ActionTurnDown(Action):
    """Says what is not for us, and why; but a procedure that is surely named is answered."""

    def name(self) -> str:
        return "action_turn_down"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        if alarm := danger_told(turn, s):
            send(dispatcher, alarm)
            return MOVED_ON
        english = turn.intent in ("out_of_scope", "legal_advice") and is_in_english(turn.text)
        if english and not turn.from_button:
            send(dispatcher, not_in_vietnamese(s))
            return MOVED_ON
        if overcharged(turn) and not names_surely(turn, s):
            return [FollowupAction("action_feedback")]
        forged = turn.intent == "manipulation" and turn.confidence >= SURE_REFUSAL
        doubtful = turn.intent == "out_of_scope" or (unsure(turn) and not forged)
        little = is_number_alone(turn.text) or is_but_a_thing(turn.matter, s.catalog.ranker)
        little = little or holds_a_dossiers_code(turn.text)
        if doubtful and (little or names_surely(turn, s)):
            return answer_turn(dispatcher, turn)
        if turn.intent in ("out_of_scope", "legal_advice") and another_case(turn, s):
            return answer_turn(dispatcher, turn)
        if gist := shorter(turn, s):
            send(dispatcher, gist)
            return MOVED_ON
        if turn.intent in ("out_of_scope", "legal_advice") and (asked := _of_the_matter(turn, s)):
            return answer_turn(dispatcher, asked)
        # Abuse with a question in it is a question of somebody who is angry.
        guessed = turn.intent == "out_of_scope" and turn.confidence < SURE_REFUSAL
        if (guessed or (turn.intent == "abuse" and turn.aspects)) and names_something(turn, s):
            return answer_turn(dispatcher, turn)
        alone = not (turn.slots.get("procedure") or turn.slots.get("offered"))
        if (
            doubtful
            and alone
            and turn.confidence < SURE_ELSEWHERE
            and tells_an_event(turn, s.catalog.find_in(turn.matter))
        ):
            return answer_turn(dispatcher, turn)
        unclear = turn.intent == "out_of_scope" or (turn.intent == "others_data" and unsure(turn))
        beside = aside(turn, s) if unclear or _tells(turn) else guessed_aside(turn, s)
        if beside := (gone(turn, s) if turn.intent == "out_of_scope" else None) or beside:
            send(dispatcher, beside)
            return MOVED_ON
        rude = turn.intent == "abuse" and unsure(turn)  # not surely, and an apology would be odd
        if (guessed or rude) and (told := life_event_told(turn, s)):
            return tell_life_event(dispatcher, told, s)
        if guessed or rude or (turn.confidence < SURE_REFUSAL and not turn.from_button):
            send(dispatcher, not_known(s, "not_understood"))
            return remember(waiting_for="handover")
        # Whoever asks about the fine for a late birth certificate may have its papers told.
        hits = in_force(s.catalog.find_in(turn.matter).hits, s)[:1]
        about = [hit.procedure for hit in hits if hit.procedure.id in s.catalog.ranker.called_in(turn.matter)]
        buttons = [button(short_name(procedure), "ask", procedure=procedure.id) for procedure in about]
        buttons.append(button(s.texts.say("choices", "person"), "talk_to_person"))
        text = s.texts.say("notices", turn.intent, s.centre)
        send(dispatcher, reply("unknown", text, buttons=buttons))
        for intent in turn.also:
            if extra := notice(intent, s):
                send(dispatcher, extra)
        return MOVED_ON


def _of_the_matter(turn: Turn, s: Services) -> Turn | None:
    """The turn as a question about the matter talked of: "mua ở đâu" asks for its place, whatever it was
    taken for, and "bị khóa tài khoản" is another matter beside it; None when it is neither."""
    if turn.from_button or not short(turn) or not context(turn, s):
        return None
    words = normalize(turn.matter).split()
    asked = phrasing().plainly_asked(words)
    if asked and phrasing().consists_of(words, "filling", "leaning"):
        return replace(turn, intent=f"ask_{asked[0]}", confidence=1.0, aspects=asked, also=[])
    decision = decide(turn, s)
    about, best = context(turn, s), next(iter(decision.hits), None)
    if decision.kind == "procedures" and decision.by_context:
        return turn if decision.lines or decision.procedures[0] != about else None
    beside = best is not None and best.procedure.field == about.field and best.procedure != about
    return turn if beside and best.score >= SURE_ELSEWHERE and decision.procedures else None


def _tells(turn: Turn) -> bool:
    """Whether a refusal of advice would answer what was only told of oneself ("em ly hôn rồi")."""
    return turn.intent == "legal_advice" and phrasing().tells(normalize(turn.matter).split())


def _about_a_procedure(turn: Turn, s: Services) -> bool:
    """A yes to the one procedure that was offered, or words that name one."""
    offered = turn.slots.get("offered") or []
    yes = turn.intent == "affirm" and len(offered) == 1
    # "không lương hưu" under an offer is hardly a no to it.
    told = turn.intent == "deny" and guessed(turn) and bool(offered)
    return yes or told or names_surely(turn, s) or (_says_more(turn) and _after_a_greeting(turn, s))


def _says_more(turn: Turn) -> bool:
    """Whether more is said than a greeting."""
    more = turn.intent == "greet" and not phrasing().consists_of(normalize(turn.said).split(), "opening")
    return turn.matter != turn.said or more


def _after_a_greeting(turn: Turn, s: Services) -> bool:
    """Whether what follows a greeting is about something of the catalogue ("chào bạn, giấy kết hôn"), or goes
    back to what was talked of."""
    if earlier(turn, s)[1]:
        return True
    decision = decide(turn, s)
    if decision.kind == "which":
        return bool(decision.procedures)
    return names_something(turn, s) and decision.kind in ("procedures", "choice", "event")


def _asks(turn: Turn) -> bool:
    """A no of several words that ends in "không" is a question."""
    words = normalize(turn.said).split()
    return turn.intent == "deny" and len(words) > MAX_NO and words[-1] == "khong" and words[0] != "khong"
