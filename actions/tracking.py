"""Actions about dossiers: their state by code alone, never a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.bootstrap import Services, services
from actions.proving import LEAVE_PROOF, ask_for_code, ask_for_proof
from actions.reply import Reply, button, reply
from actions.sending import send
from actions.turn import MOVED_ON, Turn, remember, unsure
from actions.which import names_surely
from dossiers import DossierError, find_codes, lookup
from dossiers.statuses import FINISHED

MAX_CODES = 3


class ActionDossierStatus(Action):
    """The state of each dossier whose code was given; else how to find the code."""

    def name(self) -> str:
        return "action_dossier_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        turn, s = Turn.of(tracker), services()
        found = find_codes(turn.chosen.get("dossier") or turn.text)
        codes = list(dict.fromkeys(f.code for f in found if f.kind == "dossier"))[:MAX_CODES]
        say = s.texts.say
        person = button(say("choices", "person"), "talk_to_person")
        if codes:
            for code in codes:
                send(dispatcher, status_reply(code, s, more=len(codes) == 1))
            wish = turn.slots.get("dossier_wish") or {}
            if wish and not wish.get("code"):
                # It was asked for more before its code was known.
                return ask_for_proof(wish["wish"], codes[-1], s)
            left = LEAVE_PROOF if turn.asked_proof else []
            return [*left, *MOVED_ON, *remember(dossier=codes[-1])]
        if not found and unsure(turn) and names_surely(turn, s):
            return [FollowupAction("action_answer")]
        lookalikes = [say("dossiers", f"looks_like_{f.kind}", f.code) for f in found]
        if turn.intent == "forgotten_code":
            send(dispatcher, reply("dossier", say("dossiers", "forgotten_code", s.centre), buttons=[person]))
            return MOVED_ON
        asked = ask_for_code(s)
        send(dispatcher, asked | {"text": "\n".join([*lookalikes, asked["text"]])})
        return MOVED_ON


def status_reply(code: str, s: Services, more: bool = False) -> Reply:
    """An unknown code and a code of another centre look the same. ``more``: with a way to more of it."""
    say = s.texts.say
    person = button(say("choices", "person"), "talk_to_person")
    try:
        with s.database.read() as session:
            stale_after = s.centre.dossiers.stale_after_days
            status = lookup(session, code, s.now, s.calendar, stale_after, s.view)
    except DossierError:
        return reply("dossier", say("dossiers", "database_away", s.centre), buttons=[person])
    if status is None:
        return reply("dossier", say("dossiers", "not_found", s.centre), buttons=[person])
    procedure = s.catalog.find(status.procedure_code)
    buttons = []
    if more:
        buttons.append(button(say("dossiers", "more"), "dossier_details", dossier=status.code))
        if status.open or status.status == FINISHED:
            buttons.append(button(say("dossiers", "subscribe"), "dossier_subscribe", dossier=status.code))
    if status.late or status.stale:
        buttons.append(person)
    return reply(
        "dossier",
        say("dossiers", "status", status),
        buttons=buttons,
        procedure=procedure,
    )
