"""Actions of the case form: its question, what was said to it, and the citizen's own checklist at its end."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import LEAVE_FORM, Events, answer_turn
from actions.bootstrap import Services
from actions.cases import recognised_choice, told_of
from actions.compose import IN_FULL, answer, case_question, every_case
from actions.hearing import hear
from actions.leaning import doing_alone
from actions.sending import SHOWN_IN_FULL, send
from actions.turn import REFUSALS, Turn, guessed, remember
from actions.which import decide, names_surely
from procedures_catalog import Procedure
from procedures_catalog.facts import open_questions

# Under what else is asked, the case question is told once more.
ASKED_ENOUGH = 2


class ValidateCaseForm(Action):
    """Takes what was said as the answer to the case question, if it is one.

    No slot set means that it is none: Rasa then lets the rules answer it and asks again.
    """

    def name(self) -> str:
        return "validate_case_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        procedure = s.catalog.find(turn.slots.get("procedure") or "")
        if procedure is None or turn.intent in ("skip_cases", "dont_know"):
            return remember(requested_slot=None, case_answer="skipped")
        known = turn.case_answers
        questions = open_questions(procedure, ["documents"], known)
        if not questions:
            return remember(requested_slot=None, case_answer="told")
        if not turn.chosen and not turn.slots.get("requested_slot"):
            return []  # Rasa opens a form with the message before its question: no answer to it
        case = questions[0]
        same = turn.chosen.get("procedure") in (None, procedure.id) and turn.chosen.get("case") == case.id
        choice = turn.chosen.get("choice") if same else None
        choice = choice or (None if turn.chosen else recognised_choice(case, turn.said))
        others = [c for c in procedure.cases if c.id not in known and c.id != case.id]
        if choice is None and not turn.from_button and (told := told_of(others, turn.said)):
            # "Nhà thuê", before it was asked for: it is kept, and this question is told again.
            known |= told
            return remember(
                case_answers=known, case_answer=None, requested_slot="case_answer", case_asked=None
            )
        if choice is None and not turn.from_button and _no_other_matter(turn, s):
            return remember(case_answer=None, requested_slot="case_answer", waiting_for="case")
        if choice is None or choice not in {c.id for c in case.choices}:
            return []
        known[case.id] = choice
        if open_questions(procedure, ["documents"], known):
            return remember(
                case_answers=known, case_answer=None, requested_slot="case_answer", case_asked=None
            )
        return remember(case_answers=known, case_answer="told", requested_slot=None)


def _no_other_matter(turn: Turn, s: Services) -> bool:
    """Whether what was said is most likely meant as an answer, although none of the choices."""
    if turn.intent in ("affirm", "deny") and (turn.slots.get("case_asked") or 0) >= ASKED_ENOUGH:
        return False  # "ok" under a question that was not told again ends the talk about it
    if turn.intent not in ("name_procedure", "affirm", "deny", "pick_option"):
        return False
    if names_surely(turn, s) or doing_alone(turn.said) is not None:
        return False
    about = turn.slots.get("procedure")
    decision = decide(turn, s) if turn.intent == "name_procedure" else None
    other = decision and (decision.lines or any(p.id != about for p in decision.procedures))
    return not other


class ActionAskCaseAnswer(Action):
    """Asks the next question about the citizen's case."""

    def name(self) -> str:
        return "action_ask_case_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        procedure = s.catalog.find(turn.slots.get("procedure") or "")
        known = turn.case_answers
        again = turn.slots.get("waiting_for") == "case"
        question = procedure and case_question(procedure, ["documents"], known, s, again=again)
        if not question:
            return LEAVE_FORM
        asked = turn.slots.get("case_asked") or 0
        if turn.intent in REFUSALS and asked and not again:
            return []  # under a refusal or an apology it would sound deaf
        if asked >= ASKED_ENOUGH and not again and "documents" not in (turn.slots.get("aspects") or []):
            return []  # it stays open, but under the fee and the place it would only be in the way
        send(dispatcher, question)
        return remember(waiting_for=None, case_asked=asked + 1)


class ActionCaseChecklist(Action):
    """The citizen's own checklist, or all papers by case when the case is not known."""

    def name(self) -> str:
        return "action_case_checklist"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        procedure = s.catalog.find(turn.chosen.get("procedure") or turn.slots.get("procedure") or "")
        if procedure is None or guessed(turn):
            return answer_turn(dispatcher, turn)
        same = procedure.id == turn.slots.get("procedure")
        known = turn.case_answers if same else {}
        if turn.intent == "choose_case" and turn.chosen.get("case") not in known:
            known = _with_chosen(procedure, turn, known)
        events = remember(procedure=procedure.id, case_answers=known, case_answer=None, aspects=["documents"])
        if turn.intent in ("skip_cases", "dont_know"):
            in_full = turn.chosen.get("choice") == IN_FULL
            papers = every_case(procedure, s, in_full=in_full)
            send(dispatcher, papers, effect=SHOWN_IN_FULL if in_full else None)
            return [*LEAVE_FORM, *events]
        if open_questions(procedure, ["documents"], known):
            return [*events, *remember(requested_slot=None), FollowupAction("case_form")]
        send(dispatcher, answer(procedure, ["documents"], known, s))
        return [*LEAVE_FORM, *events]


def _with_chosen(procedure: Procedure, turn: Turn, known: dict[str, str]) -> dict[str, str]:
    """What is known of the case after a choice; a link from the counter names all of it, with commas."""
    told, choice = turn.chosen.get("case", ""), turn.chosen.get("choice", "")
    pairs = dict(zip(told.split(","), choice.split(","), strict=False))
    cases = {case.id: {c.id for c in case.choices} for case in procedure.cases}
    good = {case: choice for case, choice in pairs.items() if choice in cases.get(case, ())}
    return good if "," in told else {**known, **good}
