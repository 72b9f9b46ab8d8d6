"""Actions about dossiers: their state by code alone, never a person.

"Hồ sơ đó sao rồi" goes on about what was looked up last; what is asked beside a code is answered, too.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.beside import answer_beside
from actions.bootstrap import Services
from actions.hearing import hear
from actions.notices import despair_told
from actions.proof_digits import number_kind
from actions.proving import LEAVE_PROOF, Events, ask_for_code, ask_for_proof, last_dossiers
from actions.reply import Reply, button, reply
from actions.sending import send
from actions.turn import MOVED_ON, Turn, remember, unsure
from actions.which import asks_on_about_a_dossier, names_surely
from dossiers import DossierError, find_codes, lookup
from dossiers.statuses import FINISHED
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

MAX_CODES = 5
# What follows may be asked about the dossier that was told of.
ASKED_ON: Events = remember(waiting_for="dossier")
_DAY = re.compile(r"\b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{4})?\b")
_LIKE_A_CODE = re.compile(r"\d{3}|[A-Za-z][.-]?\d")


class ActionDossierStatus(Action):
    """The state of each dossier whose code was given; else how to find the code."""

    def name(self) -> str:
        return "action_dossier_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        turn, s = hear(tracker)
        found = find_codes(turn.chosen.get("dossier") or turn.text)
        codes = list(dict.fromkeys(f.code for f in found if f.kind == "dossier"))
        say = s.texts.say
        if codes:
            return _told(dispatcher, turn, codes, s)
        if despair := despair_told(turn, s):
            send(dispatcher, despair)
            return MOVED_ON
        if not found and unsure(turn) and names_surely(turn, s):
            return [FollowupAction("action_answer")]
        if turn.intent == "forgotten_code" and not found:
            person = button(say("choices", "person"), "talk_to_person")
            send(dispatcher, reply("dossier", say("dossiers", "forgotten_code", s.centre), buttons=[person]))
            return MOVED_ON
        lookalikes = [say("dossiers", f"looks_like_{f.kind}", f.code) for f in found]
        if not lookalikes and (kind := number_kind(turn.text)):
            # The number itself is not said again: the answer is kept, and it is theirs.
            lookalikes = [say("dossiers", f"looks_like_{kind}")]
        if not lookalikes and _means_the_last(turn):
            return _told_again(dispatcher, turn, s)
        asked = ask_for_code(s)
        named = [s.catalog.find(f.code) for f in found if f.kind == "procedure"]
        see = [button(say("dossiers", "see_procedure", p.code), "ask", procedure=p.id) for p in named if p]
        text = "\n".join([*lookalikes, asked["text"]])
        send(dispatcher, asked | {"text": text, "buttons": [*see[:1], *asked["buttons"]]})
        return MOVED_ON


def _told(dispatcher: CollectingDispatcher, turn: Turn, codes: list[str], s: Services) -> Events:
    """The state of each, and an answer to whatever else is asked in the message."""
    known = []
    for code in codes[:MAX_CODES]:
        told, there = _looked_up(code, s, more=len(codes) == 1)
        send(dispatcher, told)
        if there is None:
            # The database is away: the others would only be waited for as long.
            break
        known += [code] if there else []
    if len(codes) > MAX_CODES:
        send(dispatcher, reply("dossier", s.texts.say("dossiers", "too_many", MAX_CODES)))
    about = s.catalog.find(told["procedure"] or "") if len(codes) == 1 else None
    beside = answer_beside(dispatcher, turn, s, about)
    kept = remember(dossier=known) if known else []
    if about and not turn.slots.get("procedure"):
        # "Nộp lại thế nào" is asked of what was handed in, when nothing else is talked of.
        kept += remember(procedure=about.id)
    wish = turn.slots.get("dossier_wish") or {}
    if wish and not wish.get("code") and len(codes) == 1:
        # It was asked for more before its code was known.
        beside = [event for event in beside if event["event"] != "followup"]
        return [*beside, *ask_for_proof(wish["wish"], codes[0], s)]
    left = LEAVE_PROOF if turn.asked_proof else []
    return [*left, *ASKED_ON, *kept, *beside]


def _told_again(dispatcher: CollectingDispatcher, turn: Turn, s: Services) -> Events:
    """What was looked up last, as it is now, with a way to another one."""
    codes = last_dossiers(turn)
    for number, code in enumerate(codes, 1):
        told, there = _looked_up(code, s, more=len(codes) == 1)
        if number == len(codes):
            told["buttons"].append(button(s.texts.say("dossiers", "another"), "dossier_status"))
        send(dispatcher, told)
        if there is None:
            break
    return [*ASKED_ON, *answer_beside(dispatcher, turn, s)]


def _means_the_last(turn: Turn) -> bool:
    """Whether "hồ sơ đó sao rồi" goes on about what was looked up: typed, and with nothing like a code of
    its own in it."""
    state = turn.intent == "dossier_status" or phrasing().asks_for_a_state(normalize(turn.said).split())
    state = state or asks_on_about_a_dossier(turn)
    if turn.from_button or not state or not last_dossiers(turn):
        return False
    words = _DAY.sub(" ", turn.text)
    return not _LIKE_A_CODE.search(words) and "khac" not in normalize(words).split()


def status_reply(code: str, s: Services, more: bool = False) -> Reply:
    """An unknown code and a code of another centre look the same. ``more``: with a way to more of it."""
    return _looked_up(code, s, more)[0]


def _looked_up(code: str, s: Services, more: bool) -> tuple[Reply, bool | None]:
    """The reply about one code, and whether there is such a dossier here; None when nobody can say now."""
    say = s.texts.say
    person = button(say("choices", "person"), "talk_to_person")
    try:
        with s.database.read() as session:
            stale_after = s.centre.dossiers.stale_after_days
            status = lookup(session, code, s.now, s.calendar, stale_after, s.view)
    except DossierError:
        return reply("dossier", say("dossiers", "database_away", s.centre), buttons=[person]), None
    if status is None:
        return reply("dossier", say("dossiers", "not_found", s.centre), buttons=[person]), False
    procedure = s.catalog.find(status.procedure_code)
    buttons = []
    if more:
        buttons.append(button(say("dossiers", "more"), "dossier_details", dossier=status.code))
        if status.open or status.status == FINISHED:
            buttons.append(button(say("dossiers", "subscribe"), "dossier_subscribe", dossier=status.code))
    if status.late or status.stale:
        buttons.append(person)
    if procedure is not None and not status.procedure_name:
        # Some exports have its code only.
        status = replace(status, procedure_name=procedure.name)
    text = say("dossiers", "status", status)
    return reply("dossier", text, buttons=buttons, procedure=procedure), True
