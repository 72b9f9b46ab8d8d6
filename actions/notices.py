"""Actions about the centre, the assistant and danger."""

from __future__ import annotations

from datetime import time
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.bootstrap import Services
from actions.hearing import hear
from actions.middle import context, short
from actions.reply import Reply, button, reply
from actions.sending import send
from actions.turn import ALARMED, MOVED_ON, Turn, guessed, unsure
from actions.which import names_something, names_surely
from procedures_catalog.centre import WEEKDAYS
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize, normalize_accented

NOTICES = ("opening_hours", "centre_address", "centre_contact", "who_are_you", "privacy", "portal_help")
WITH_LINKS = ("centre_contact", "portal_help")
DESPAIR = "emergency_despair"
EMERGENCIES = ("emergency_police", "emergency_fire", "emergency_medical", DESPAIR)
# Below this one nothing speaks of danger: no other intent was any likelier.
NO_DANGER = 0.1


def notice(intent: str, s: Services) -> Reply | None:
    """The notice for an intent; None when the intent asks for none."""
    say, centre = s.texts.say, s.centre
    if intent in EMERGENCIES:
        return reply("notice", say("notices", intent, centre))
    if intent not in NOTICES:
        return None
    if intent == "opening_hours":
        text = say("notices", "opening_hours", centre, opening_lines(s), centre.is_open(s.now))
    else:
        text = say("notices", intent, centre)
    links = [{"title": link.title, "url": link.url} for link in centre.links] if intent in WITH_LINKS else []
    if intent == "centre_address" and centre.map:
        where = (
            f"https://www.openstreetmap.org/?mlat={centre.map.latitude}&mlon={centre.map.longitude}#map=17"
        )
        links = [
            {"title": say("notices", "map"), "url": f"{where}/{centre.map.latitude}/{centre.map.longitude}"}
        ]
    buttons = [button(say("choices", "person"), "talk_to_person")] if intent != "privacy" else []
    return reply("notice", text, buttons=buttons, links=links)


def danger_told(turn: Turn, s: Services) -> Reply | None:
    """The number to call, when a message that names nothing of ours was taken for something else and is as
    likely a cry for help."""
    if despair := despair_told(turn, s):
        return despair
    if turn.from_button or turn.danger in (None, turn.intent) or names_something(turn, s):
        return None
    return notice(turn.danger, s)


def despair_told(turn: Turn, s: Services) -> Reply | None:
    """Where there is help, for who says in as many words that they want to die, whatever it was taken for;
    None where a procedure is named beside ("khai tử cho người tự tử")."""
    if turn.from_button or s.catalog.ranker.called_in(turn.matter):
        return None
    # As it was typed, too: what is mended there may be no slip.
    said = f" {normalize_accented(turn.text)} | {normalize_accented(turn.said)} "
    told = any(f" {phrase} " in said for phrase in phrasing().despairing)
    return notice(DESPAIR, s) if told else None


def opening_lines(s: Services) -> list[str]:
    """The week in as few lines as it takes: days in a row with the same hours stand together."""
    say = s.texts.say
    runs: list[tuple[int, int, list[tuple[time, time]]]] = []
    for index, weekday in enumerate(WEEKDAYS):
        rows = s.centre.hours.get(weekday, [])
        hours = [(time.fromisoformat(r.opens), time.fromisoformat(r.closes)) for r in rows]
        if runs and runs[-1][2] == hours:
            runs[-1] = (runs[-1][0], index, hours)
        else:
            runs.append((index, index, hours))
    lines = []
    for first, last, hours in runs:
        names = say("notices", "weekday", first), say("notices", "weekday", last)
        lines.append(say("notices", "days", *names, hours) if hours else say("notices", "closed", *names))
    return lines


class ActionNotice(Action):
    """Hours, address, contact, who answers, privacy; several when several were asked."""

    def name(self) -> str:
        return "action_notice"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        turn, s = hear(tracker)
        if unsure(turn) and names_surely(turn, s):
            return [FollowupAction("action_answer")]
        if turn.intent == "portal_help" and (turn.slots.get("procedure") or names_something(turn, s)):
            # A procedure is talked of: it is about handing in that one.
            return [FollowupAction("action_answer")]
        if guessed(turn) and short(turn) and context(turn, s):
            return [FollowupAction("action_turn_down")]  # "nghỉ mấy tháng" is about the matter talked of
        wanted = [turn.intent, *turn.also] if turn.intent != "centre_info" else list(NOTICES[:3])
        for intent in wanted:
            if found := notice(intent, s):
                send(dispatcher, found)
        if turn.aspects and names_surely(turn, s):
            # "Sang tên sổ đỏ nộp ở đâu, mấy giờ làm việc": the other half.
            return [FollowupAction("action_answer")]
        return MOVED_ON


class ActionEmergency(Action):
    """The number to call, at once."""

    def name(self) -> str:
        return "action_emergency"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        turn, s = hear(tracker)
        if phrasing().consists_of(normalize(turn.said).split(), "opening"):
            return [FollowupAction("action_answer")]  # "cho hỏi xíu" is nobody who fainted
        # "Chết" is in the names of procedures, too: a question beside the danger has a whole name, or the
        # danger is doubtful.
        doubtful = turn.confidence < ALARMED and turn.intent != DESPAIR
        called = turn.intent != DESPAIR and s.catalog.ranker.called_in(turn.matter)
        named = (doubtful or called) and unsure(turn) and names_surely(turn, s)
        named = named or (turn.confidence < NO_DANGER and names_something(turn, s))
        if not (named and turn.confidence < ALARMED):
            send(dispatcher, notice(turn.intent, s))
        if named:
            return [FollowupAction("action_answer")]
        return MOVED_ON
