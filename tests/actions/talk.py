"""A conversation with the real actions: what Rasa does between them, by the project's own rules.

The intent of each message is given, since understanding is the engine's business; everything after it
is the actions' own. The slots, the open form and the follow-ups are kept as Rasa keeps them.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.reply import MAX_TITLE
from actions.turn import ASPECTS
from bot.gateway.payloads import parse_payload

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)
REPLY_KEYS = {"kind", "text", "buttons", "links", "procedure", "procedure_code", "aspects", "sources"}
KINDS = {"answer", "choice", "question", "dossier", "handover", "smalltalk", "notice", "unknown"}
# Each form: the slot that it asks for, and what its rule runs when it has ended.
FORMS = {
    "case_form": ("case_answer", "action_case_checklist"),
    "proof_form": ("proof", "action_dossier_more"),
}


@cache
def action_of_intent() -> dict[str, str]:
    """The first action of each intent's rule (``data/rules``)."""
    found = {}
    for path in sorted((ROOT / "data" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]:
            first, *rest = rule["steps"]
            for row in first.get("or", [first]):
                if "intent" in row:
                    found[row["intent"]] = rest[0]["action"]
    return found


@cache
def domain() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))


@cache
def actions() -> dict[str, Any]:
    """Every action of the package, by name, found as the action server finds them."""
    executor = ActionExecutor()
    executor.register_package("actions")
    return dict(executor.actions)


def check(reply: dict[str, Any]) -> None:
    """What holds for every reply: the shape that outsiders rely on, and words that read well."""
    assert set(reply) == REPLY_KEYS
    assert reply["kind"] in KINDS
    assert reads_well(reply["text"]), reply["text"]
    titles = [button["title"] for button in reply["buttons"]]
    assert len(set(titles)) == len(titles), f"two buttons cannot be told apart: {titles}"
    for button in reply["buttons"]:
        assert set(button) == {"title", "payload"}
        assert reads_well(button["title"]) and len(button["title"]) <= MAX_TITLE, button
        parse_payload(button["payload"])
    for link in reply["links"]:
        assert set(link) == {"title", "url"}
        assert reads_well(link["title"]) and re.match(r"https?://|/", link["url"]), link
    for source in reply["sources"]:
        assert set(source) == {"title", "url", "checked_on"}
        assert date.fromisoformat(source["checked_on"])
    assert set(reply["aspects"]) <= set(ASPECTS)
    if reply["kind"] == "answer":
        assert reply["procedure"] and reply["sources"], "facts need their procedure and their sources"


def reads_well(text: str) -> bool:
    """Text for people: composed letters, no leavings of a template, no stray spaces."""
    return (
        bool(text)
        and text == text.strip()
        and unicodedata.is_normalized("NFC", text)
        and not re.search(r"\bNone\b|\{\{|\}\}|\{%|\[\]|[ \t]\n|\n{3}|\S {2}| [,.;:?!](?!\.)|\(\s*\)", text)
    )


def _spans(text: str, clause: str | None) -> list[list[int]]:
    return [[text.index(clause), text.index(clause) + len(clause)]] if clause else []


@dataclass
class Talk:
    """One conversation; ``replies`` are those of the last turn, ``understood`` and ``effects`` what went
    beside them."""

    conversation: str = field(default_factory=lambda: f"web:{uuid4().hex}")
    slots: dict[str, Any] = field(
        default_factory=lambda: dict.fromkeys([*domain()["slots"], "requested_slot"])
    )
    events: list[dict[str, Any]] = field(default_factory=list)
    loop: str | None = None
    replies: list[dict[str, Any]] = field(default_factory=list)
    understood: dict[str, Any] = field(default_factory=dict)
    effects: list[str | None] = field(default_factory=list)
    network: str | None = None

    def say(
        self,
        text: str,
        intent: str,
        *aspects: str,
        also: tuple[str, ...] = (),
        confidence: float = 0.97,
        asked_in: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """A typed message, understood as given; returns the first reply. ``asked_in``: for an aspect the
        clause that asks for it."""
        clauses = asked_in or {}
        entities: list[dict[str, Any]] = [
            {"entity": "aspect", "value": aspect, "asked_in": _spans(text, clauses.get(aspect))}
            for aspect in aspects
        ]
        entities += [{"entity": "also", "value": value} for value in also]
        return self._turn(text, intent, confidence, entities)

    def ask(self, text: str, *aspects: str, **more: Any) -> dict[str, Any]:
        """A question about these aspects."""
        return self.say(text, f"ask_{aspects[0]}", *aspects, **more)

    def press(self, payload: str) -> dict[str, Any]:
        """A button, read as the gateway reads it; returns the first reply."""
        parsed = parse_payload(payload)
        entities = [{"entity": name, "value": value} for name, value in parsed.entities]
        return self._turn(parsed.intent, parsed.intent, 1.0, entities)

    def tap(self, title: str) -> dict[str, Any]:
        """The button with that title among those of the last turn."""
        return self.press({b["title"]: b["payload"] for b in self.buttons}[title])

    @property
    def buttons(self) -> list[dict[str, str]]:
        return [button for reply in self.replies for button in reply["buttons"]]

    @property
    def titles(self) -> list[str]:
        return [button["title"] for button in self.buttons]

    @property
    def kinds(self) -> list[str]:
        return [reply["kind"] for reply in self.replies]

    @property
    def text(self) -> str:
        return "\n\n".join(reply["text"] for reply in self.replies)

    def _turn(self, text: str, intent: str, confidence: float, entities: list[dict]) -> dict[str, Any]:
        self.replies, self.understood, self.effects = [], {}, []
        message = {"text": text, "intent": {"name": intent, "confidence": confidence}, "entities": entities}
        self._message = {**message, "metadata": {"network": self.network}}
        self.events.append({"event": "user", "parse_data": message, "text": text})
        self._asked = False
        if not (self.loop and self._form(rejects=True)):
            self._run(action_of_intent()[intent])
            if self.loop and not self._asked:
                self._form()
        assert self.replies, f"no reply to {text!r} ({intent})"
        return self.replies[0]

    def _run(self, name: str) -> None:
        for event in self._call(name):
            if event["event"] == "followup" and event["name"] in FORMS:
                self.loop = event["name"]
                self._form()
            elif event["event"] == "followup":
                self._run(event["name"])  # and then listens: the action server sees to that

    def _form(self, rejects: bool = False) -> bool:
        """Rasa's form: validates the message, whenever it runs, then asks or ends; False when it rejects.

        It rejects only a message that comes while its question is open.
        """
        slot, then = FORMS[self.loop]
        set_now = {e["name"]: e["value"] for e in self._call(f"validate_{self.loop}") if e["event"] == "slot"}
        if rejects and set(set_now) <= {"requested_slot"} and self.slots["requested_slot"]:
            return False
        if set_now.get("requested_slot", "") is None:
            self.loop = None
            self._run(then)
            return True
        self.slots["requested_slot"] = slot
        self._asked = True
        form = self.loop
        self._run(f"action_ask_{slot}")
        if form and self.loop is None:
            self._run(then)
        return True

    def _call(self, name: str) -> list[dict[str, Any]]:
        dispatcher = CollectingDispatcher()
        tracker = Tracker(
            self.conversation, dict(self.slots), self._message, list(self.events), False, None,
            {"name": self.loop} if self.loop else {}, "action_listen",
        )  # fmt: skip
        done = actions()[name](dispatcher, tracker, {})
        events = (asyncio.run(done) if asyncio.iscoroutine(done) else done) or []
        for message in dispatcher.messages:
            self._take(message)
        for event in events:
            self._apply(event)
        return events

    def _take(self, message: dict[str, Any]) -> None:
        sent = dict(message["custom"])
        if response := message["response"]:
            filled = {"buttons": [], "links": [], "procedure": None, "procedure_code": None}
            sent = {**filled, "aspects": [], "sources": [], **domain()["responses"][response][0]["custom"]}
        self.understood |= sent.pop("understood", {})
        self.effects.append(sent.pop("effect", None))
        check(sent)
        self.replies.append(sent)

    def _apply(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        match event["event"]:
            case "slot":
                assert event["name"] in domain()["slots"] or event["name"] == "requested_slot", event
                self.slots[event["name"]] = event["value"]
            case "active_loop":
                self.loop = event["name"]
            case "reset_slots" | "restart":
                self.slots = dict.fromkeys([*domain()["slots"], "requested_slot"])
                self.loop = None if event["event"] == "restart" else self.loop
