"""The second proof: more of a dossier, and news of it, for the person whose dossier it is.

A code alone shows a stage (:mod:`actions.tracking`). Whoever wants more sends the last six digits of a
number on the dossier; the form ``proof_form`` asks for them. The digits are compared and forgotten: no
slot holds them, and the reply tells those who keep messages to forget them, too.

.. code-block:: mermaid

    stateDiagram-v2
        [*] --> more: details, subscribe
        more --> proof_form: not proven lately
        proof_form --> proof_form: too few digits
        proof_form --> more: given, refused, away
        more --> consent: subscribe
        consent --> subscribed: yes
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.beside import answer_beside
from actions.bootstrap import Services
from actions.hearing import hear
from actions.middle import context, short
from actions.proof_digits import proof_in
from actions.reply import Reply, button, reply
from actions.sending import FORGET_WORDS, send
from actions.turn import MOVED_ON, Turn, guessed, remember, unsure
from actions.which import names_surely
from dossiers import DossierError, find_codes, lookup
from dossiers.proof import Proven, details, prove
from dossiers.subscriptions import subscribe, subscribed, unsubscribe
from dossiers.throttle import Caller
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

Events = list[dict[str, Any]]
WISHES = {"dossier_details": "details", "dossier_subscribe": "subscribe"}
# A proof holds so long, and so long the question for it stays open.
PROVEN_FOR = timedelta(minutes=10)
ASKED_FOR = timedelta(minutes=10)
LEAVE_PROOF: Events = [ActiveLoop(None), *remember(requested_slot=None, proof=None, dossier_wish=None)]


class ActionDossierMore(Action):
    """More of a dossier, or news of it: once the proof is there; else it is asked for."""

    def name(self) -> str:
        return "action_dossier_more"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        outcome, kept = turn.slots.get("proof"), turn.slots.get("dossier_wish") or {}
        if outcome:
            return self._after_the_proof(dispatcher, turn, outcome, kept, s)
        wish = WISHES.get(turn.intent) or ("subscribe" if _agrees(turn) else None)
        if wish is None and not turn.from_button and proof_in(turn.text) and not _over(kept, s):
            wish = kept.get("wish")
        if wish is None:
            # The form was left without a proof; what was said instead is answered already.
            return []
        codes = _codes(turn)
        if not codes:
            if unsure(turn) and names_surely(turn, s):
                return [FollowupAction("action_answer")]
            send(dispatcher, ask_for_code(s))
            return [*MOVED_ON, *remember(dossier_wish=_wished(wish, None, s))]
        if len(codes) > 1:
            send(dispatcher, _which(wish, codes, s))
            return MOVED_ON
        # "… xong thì báo em, với làm căn cước bao nhiêu tiền": first what needs no proof.
        answer_beside(dispatcher, turn, s)
        if _proven_lately(turn, codes[0], s):
            return _fulfil(dispatcher, turn, wish, codes[0], s)
        return ask_for_proof(wish, codes[0], s)

    def _after_the_proof(
        self, dispatcher: CollectingDispatcher, turn: Turn, outcome: str, kept: dict, s: Services
    ) -> Events:
        code, wish = kept.get("code") or "", kept.get("wish") or "details"
        if outcome == "given":
            return [*remember(proof=None), *_fulfil(dispatcher, turn, wish, code, s, secret=True)]
        say = s.texts.say
        buttons = [button(say("choices", "person"), "talk_to_person")]
        if outcome == "declined":
            send(dispatcher, reply("dossier", say("dossiers", "no_proof"), buttons=buttons))
            return [*MOVED_ON, *remember(proof=None, dossier_wish=None)]
        if outcome == "refused":
            buttons.insert(0, button(say("dossiers", "try_again"), _intent_of(wish), dossier=code))
            text = say("dossiers", "not_proven", s.centre)
        else:
            text = say("dossiers", "database_away", s.centre)
        send(dispatcher, reply("dossier", text, buttons=buttons), effect=FORGET_WORDS)
        # Digits that are typed again without a button are another try.
        again = _wished(wish, code, s) if outcome == "refused" else None
        return [*MOVED_ON, *remember(proof=None, dossier_wish=again)]


def ask_for_proof(wish: str, code: str, s: Services) -> Events:
    """Opens the form that asks for the six digits; for a code of no dossier at all it looks the same."""
    opened = remember(dossier=[code], dossier_wish=_wished(wish, code, s), proof=None, requested_slot=None)
    return [*MOVED_ON, *opened, FollowupAction("proof_form")]


def ask_for_code(s: Services) -> Reply:
    """Which dossier? With an example of this centre's codes."""
    say = s.texts.say
    example = f"{s.centre.dossiers.province_part}.01-261008-0975"
    buttons = [button(say("dossiers", "no_code"), "forgotten_code")]
    return reply("dossier", say("dossiers", "ask_code_like", example), buttons=buttons)


class ValidateProofForm(Action):
    """Takes a message with six digits or more as the proof, and compares it at once.

    No slot set means that it is none: Rasa then lets the rules answer it, and the question stays open.
    """

    def name(self) -> str:
        return "validate_proof_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        wish = turn.slots.get("dossier_wish") or {}
        if turn.from_button or _over(wish, s):
            return []
        given, asked = proof_in(turn.text), bool(wish.get("asked"))
        if given is None and asked and turn.intent == "deny":
            return remember(proof="declined", requested_slot=None)
        if given is None and asked and turn.intent == "affirm":
            # "Vâng" alone: the digits are still missing.
            given = ""
        if given is None:
            return []
        if not given:
            return remember(dossier_wish=wish | {"short": True}, proof=None, requested_slot="proof")
        code = wish.get("code") or ""
        try:
            accepts = s.centre.dossiers.proof
            caller = Caller(turn.conversation, turn.network)
            proven = prove(s.database, caller, code, given, s.now, accepts, view=s.view)
        except DossierError:
            return remember(proof="away", requested_slot=None)
        if proven is None:
            return remember(proof="refused", requested_slot=None)
        until = (s.now + PROVEN_FOR).isoformat()
        return remember(proof="given", proven={"code": proven.code, "until": until}, requested_slot=None)


class ActionAskProof(Action):
    """Asks for the six digits: once, and again when there were too few. Otherwise it only waits."""

    def name(self) -> str:
        return "action_ask_proof"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        wish = turn.slots.get("dossier_wish") or {}
        if not wish.get("code") or _over(wish, s):
            return LEAVE_PROOF
        say = s.texts.say
        if wish.get("short"):
            send(dispatcher, reply("question", say("dossiers", "proof_short")), effect=FORGET_WORDS)
        elif not wish.get("asked"):
            text = say("dossiers", "ask_proof", wish["code"], s.centre.dossiers.proof)
            person = button(say("choices", "person"), "talk_to_person")
            send(dispatcher, reply("question", text, buttons=[person]))
        return remember(dossier_wish=wish | {"asked": True, "short": False})


class ActionDossierUnsubscribe(Action):
    """Ends the news of one dossier, or of all."""

    def name(self) -> str:
        return "action_dossier_unsubscribe"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn, s = hear(tracker)
        if guessed(turn) and short(turn) and context(turn, s):
            return [FollowupAction("action_turn_down")]
        if unsure(turn) and s.catalog.ranker.called_in(turn.matter):
            return [FollowupAction("action_answer")]  # "hộ chiếu nữa" wants more, not less
        codes = [f.code for f in find_codes(turn.chosen.get("dossier") or turn.text) if f.kind == "dossier"]
        say = s.texts.say
        try:
            with s.database.write() as session:
                ended = unsubscribe(session, turn.conversation, s.now, codes[0] if codes else None)
        except DossierError:
            send(dispatcher, reply("dossier", say("dossiers", "database_away", s.centre)))
            return MOVED_ON
        if not ended and not turn.from_button and not phrasing().says("news", normalize(turn.said).split()):
            # "không cần nữa", and there is no news to end: no more of what was talked of.
            send(dispatcher, reply("smalltalk", say("notices", "go_on")))
            return [*LEAVE_PROOF, *MOVED_ON]
        send(
            dispatcher,
            reply("dossier", say("dossiers", "unsubscribed" if ended else "not_subscribed", ended)),
        )
        return [*MOVED_ON, *remember(dossier_wish=None)]


def _fulfil(
    dispatcher: CollectingDispatcher, turn: Turn, wish: str, code: str, s: Services, secret: bool = False
) -> Events:
    """What was wished for, for a person whose proof was seen. ``secret``: it stands in this very message."""
    effect = FORGET_WORDS if secret else None
    say = s.texts.say
    try:
        found = details(s.database, turn.conversation, code, s.now, s.view, shown=wish == "details")
        told, late = _news_of(turn, code, s), _is_late(code, s)
    except DossierError:
        found, told, late = None, False, False
    if found is None:
        person = button(say("choices", "person"), "talk_to_person")
        text = say("dossiers", "database_away", s.centre)
        send(dispatcher, reply("dossier", text, buttons=[person]), effect=effect)
        return [*MOVED_ON, *remember(dossier_wish=None)]
    if wish == "details":
        buttons = [button(say("choices", "person"), "talk_to_person")]
        if found.open and not told:
            buttons.insert(0, button(say("dossiers", "subscribe"), "dossier_subscribe", dossier=code))
        text = say("dossiers", "details", found, late)
        send(dispatcher, reply("dossier", text, buttons=buttons), effect=effect)
        return [*MOVED_ON, *remember(dossier=[code], dossier_wish=None)]
    return _subscribe(dispatcher, turn, found, told, s, effect)


def _subscribe(
    dispatcher: CollectingDispatcher, turn: Turn, found: Proven, told: bool, s: Services, effect: str | None
) -> Events:
    say, code = s.texts.say, found.code
    stop = button(say("dossiers", "unsubscribe"), "dossier_unsubscribe", dossier=code)
    done = [*MOVED_ON, *remember(dossier=[code], dossier_wish=None)]
    if told or not found.open:
        text = say("dossiers", "subscribed_already" if told else "nothing_to_come", code)
        send(dispatcher, reply("dossier", text, buttons=[stop] if told else []), effect=effect)
        return done
    if not (_agrees(turn) or turn.chosen.get("choice") == "yes"):
        buttons = [
            button(say("dossiers", "consent_yes"), "dossier_subscribe", dossier=code, choice="yes"),
            button(say("dossiers", "consent_no"), "deny"),
        ]
        text = say("dossiers", "consent", code, turn.channel == "web")
        send(dispatcher, reply("question", text, buttons=buttons), effect=effect)
        return remember(dossier=[code], dossier_wish=None, waiting_for="subscribe")
    try:
        with s.database.write() as session:
            subscribe(session, turn.conversation, code, found.status, found.new_due_at, s.now)
    except DossierError:
        send(dispatcher, reply("dossier", say("dossiers", "database_away", s.centre)), effect=effect)
        return done
    text = say("dossiers", "subscribed", code, turn.channel == "web")
    send(dispatcher, reply("dossier", text, buttons=[stop]), effect=effect)
    return done


def _agrees(turn: Turn) -> bool:
    """A typed yes to the question for consent."""
    return turn.intent == "affirm" and turn.slots.get("waiting_for") == "subscribe"


def _news_of(turn: Turn, code: str, s: Services) -> bool:
    with s.database.read() as session:
        return code in subscribed(session, turn.conversation)


def _is_late(code: str, s: Services) -> bool:
    with s.database.read() as session:
        status = lookup(session, code, s.now, s.calendar, view=s.view)
    return status is not None and status.late


def _codes(turn: Turn) -> list[str]:
    """The dossiers that are meant: of the button, in the words, or looked up last."""
    found = find_codes(turn.chosen.get("dossier") or turn.text)
    return list(dict.fromkeys(f.code for f in found if f.kind == "dossier")) or last_dossiers(turn)


def last_dossiers(turn: Turn) -> list[str]:
    """The codes of the dossiers that were looked up last."""
    kept = turn.slots.get("dossier") or []
    return [kept] if isinstance(kept, str) else list(kept)


def _which(wish: str, codes: list[str], s: Services) -> Reply:
    """One dossier at a time: each has its own proof."""
    buttons = [button(code, _intent_of(wish), dossier=code) for code in codes]
    return reply("question", s.texts.say("dossiers", "which_dossier"), buttons=buttons)


def _intent_of(wish: str) -> str:
    return next(name for name, known in WISHES.items() if known == wish)


def _wished(wish: str, code: str | None, s: Services) -> dict[str, Any]:
    return {"wish": wish, "code": code, "asked_at": s.now.isoformat()}


def _over(wish: dict, s: Services) -> bool:
    asked_at = wish.get("asked_at")
    return not asked_at or s.now - datetime.fromisoformat(asked_at) > ASKED_FOR


def _proven_lately(turn: Turn, code: str, s: Services) -> bool:
    proven = turn.slots.get("proven") or {}
    return proven.get("code") == code and s.now < datetime.fromisoformat(proven["until"])
