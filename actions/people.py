"""Actions that lead to people: handover, complaint, praise, rating; erasure and starting over."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, AllSlotsReset, Restarted
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import LEAVE_FORM, answer_turn
from actions.bootstrap import Services
from actions.hearing import hear
from actions.middle import short
from actions.notices import despair_told
from actions.offers import aside, guessed_aside, not_known, shorter
from actions.reply import Reply, button, reply
from actions.sending import send
from actions.turn import MOVED_ON, Turn, guessed, overcharged, remember, unsure
from actions.which import (
    names_something,
    names_surely,
)
from dossiers import DossierError, record_handover, waiting_request
from vietnamese import normalize

Events = list[dict[str, Any]]
WISHES = ("asked", "offered")
# "Dạ không", "không phải đâu".
MAX_NO = 3
COMPLAINT_PROCEDURE = "phan-anh-kien-nghi"


def record(turn: Turn, reason: str, s: Services) -> int | None:
    """Keeps a request for a person; its number, or None when the database is away.

    Who waits already waits on under the same number.
    """
    try:
        with s.database.write() as session:
            if reason in WISHES and (number := waiting_request(session.connection(), turn.conversation)):
                return number
            return record_handover(session, turn.conversation, turn.channel, reason, turn.text, now=s.now)
    except DossierError:
        return None


class ActionHandover(Action):
    """Records that the person wants to speak with somebody, and says when that will be."""

    def name(self) -> str:
        return "action_handover"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        if unsure(turn) and names_surely(turn, s):
            return answer_turn(dispatcher, turn)
        send(dispatcher, handover(turn, "asked", s))
        # Whoever wants a person is not asked on about their case.
        return [*LEAVE_FORM, *MOVED_ON]


def handover(turn: Turn, reason: str, s: Services) -> Reply:
    number = record(turn, reason, s)
    if number is None:
        return reply("handover", s.texts.say("notices", "handover_failed", s.centre))
    open_now, opens_next = s.centre.is_open(s.now), s.centre.opens_next(s.now)
    return reply("handover", s.texts.say("notices", "handover", number, s.centre, open_now, opens_next))


class ActionFeedback(Action):
    """Complaints and praise are recorded for people; ratings are thanked for."""

    def name(self) -> str:
        return "action_feedback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        say = s.texts.say
        if despair := despair_told(turn, s):
            send(dispatcher, despair)
            return MOVED_ON
        if unsure(turn) and names_surely(turn, s):
            return answer_turn(dispatcher, turn)
        if gist := shorter(turn, s):
            send(dispatcher, gist)
            return MOVED_ON
        if turn.intent in ("complaint", "rate") and guessed(turn) and short(turn) and not overcharged(turn):
            # "Hơi lâu" is no complaint to be kept with a number, and "1 mình em" no star.
            send(dispatcher, aside(turn, s) or not_known(s, "not_understood"))
            return remember(waiting_for="handover")
        if turn.intent == "rate":
            send(dispatcher, self._rated(turn, s))
        elif (number := record(turn, "praise" if turn.intent == "praise" else "complaint", s)) is None:
            send(dispatcher, reply("handover", say("notices", "handover_failed", s.centre)))
        elif turn.intent == "praise":
            send(dispatcher, reply("smalltalk", say("notices", "praise")))
        else:
            buttons = [button(say("choices", "person"), "talk_to_person")]
            if s.catalog.find(COMPLAINT_PROCEDURE):
                official = say("notices", "complaint_official")
                buttons.insert(0, button(official, "ask", procedure=COMPLAINT_PROCEDURE))
            send(
                dispatcher, reply("handover", say("notices", "complaint", number, s.centre), buttons=buttons)
            )
        return [*LEAVE_FORM, *MOVED_ON]

    def _rated(self, turn: Turn, s: Services) -> Reply:
        digits = re.search(r"(?<!\d)[1-5](?!\d)", turn.chosen.get("rating") or turn.text)
        if digits is None:
            buttons = [button(str(n), "rate", rating=str(n)) for n in range(1, 6)]
            return reply("smalltalk", s.texts.say("notices", "rate_ask"), buttons=buttons)
        stars = int(digits.group())
        record(turn, f"rating_{stars}", s)
        return reply("smalltalk", s.texts.say("notices", "rated", stars))


class ActionEraseData(Action):
    """Asks once, then forgets the conversation."""

    def name(self) -> str:
        return "action_erase_data"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        say = s.texts.say
        # "Xóa" again, right after it was asked whether to.
        again = turn.slots.get("waiting_for") == "erase" and len(normalize(turn.said).split()) <= MAX_NO
        if turn.intent == "erase_confirm" or (again and not turn.from_button):
            send(dispatcher, reply("notice", say("notices", "erased")))
            return [AllSlotsReset(), Restarted()]
        buttons = [
            button(say("notices", "erase_yes"), "erase_confirm"),
            button(say("notices", "erase_no"), "deny"),
        ]
        send(dispatcher, reply("notice", say("notices", "erase_ask"), buttons=buttons))
        # No case question stays open beside it: a yes now means this one.
        return [*LEAVE_FORM, *remember(waiting_for="erase")]


class ActionStartOver(Action):
    """Forgets the topic, not the person."""

    def name(self) -> str:
        return "action_start_over"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        if unsure(turn) and names_something(turn, s):
            return answer_turn(dispatcher, turn)  # "làm lại cái bằng lái trước"
        if beside := guessed_aside(turn, s):
            send(dispatcher, beside)
            return MOVED_ON
        send(dispatcher, reply("smalltalk", s.texts.say("notices", "started_over")))
        return [AllSlotsReset(), ActiveLoop(None)]
