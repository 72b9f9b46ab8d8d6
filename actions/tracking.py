"""Actions about dossiers: their state by code alone, never a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.bootstrap import Services, services
from actions.reply import Reply, button, reply
from actions.sending import send
from actions.turn import MOVED_ON, Turn, remember, unsure
from actions.which import names_surely
from dossiers import DossierError, find_codes, lookup

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
                send(dispatcher, status_reply(code, s))
            return [*MOVED_ON, *remember(dossier=codes[-1])]
        if not found and unsure(turn) and names_surely(turn, s):
            return [FollowupAction("action_answer")]
        lookalikes = [say("dossiers", f"looks_like_{f.kind}", f.code) for f in found]
        if turn.intent == "forgotten_code":
            send(dispatcher, reply("dossier", say("dossiers", "forgotten_code", s.centre), buttons=[person]))
            return MOVED_ON
        example = f"{s.centre.dossiers.province_part}.01-261008-0975"
        text = "\n".join([*lookalikes, say("dossiers", "ask_code_like", example)])
        send(
            dispatcher, reply("dossier", text, buttons=[button(say("dossiers", "no_code"), "forgotten_code")])
        )
        return MOVED_ON


def status_reply(code: str, s: Services) -> Reply:
    """An unknown code and a code of another centre look the same."""
    say = s.texts.say
    person = button(say("choices", "person"), "talk_to_person")
    try:
        with s.database.read() as session:
            status = lookup(session, code, s.now, s.calendar, s.centre.dossiers.stale_after_days)
    except DossierError:
        return reply("dossier", say("dossiers", "database_away", s.centre), buttons=[person])
    if status is None:
        return reply("dossier", say("dossiers", "not_found", s.centre), buttons=[person])
    procedure = s.catalog.find(status.procedure_code)
    return reply(
        "dossier",
        say("dossiers", "status", status),
        buttons=[person] if status.late or status.stale else [],
        procedure=procedure,
    )
