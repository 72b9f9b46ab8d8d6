"""One turn, as the actions read it from Rasa's tracker."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from procedures_catalog.phrasing import phrasing
from vietnamese import normalize, without_greeting

ASPECTS = (
    "overview",
    "documents",
    "forms",
    "fee",
    "time",
    "place",
    "method",
    "online",
    "legal_basis",
    "eligibility",
    "result",
    "agency",
)
# Of each slip where it stands in the text, and the words that were meant.
Slip = tuple[int, int, str]
Slips = Sequence[Slip]
# From this probability on an emergency is taken for one beside what else was understood.
ALARMED = 0.3
REFUSALS = ("out_of_scope", "legal_advice", "others_data", "manipulation", "abuse")


# "Rồi quay lại cái kết hôn": "lại" is none of the paper's.
_BACK = re.compile(
    r"\bquay l[ạa]i(?: (?:c[áa]i|v[ụu]|chuy[ệe]n|vi[ệe]c|v[ớo]i|v[ềe]|ph[ầa]n|th[ủu] t[ụu]c))*\s+(?=\S)", re.I
)


@dataclass(frozen=True)
class Turn:
    """What was said, what was understood of it, and what is remembered.

    ``danger``: an emergency at least half as likely as what it was taken for; ``refusal``, ``question``: the
    highest probability of an intent that refuses, and of one about a procedure; ``chosen`` holds what a
    button carried (procedure, case, choice, …); ``also`` the intents beside the first one; ``confidence``
    belongs to ``intent``; ``asked_case``: a case question is open, ``asked_proof``: the question for a
    dossier's second proof; ``asked_in``: for each aspect the spans of ``said`` that ask for it by themselves;
    ``mended``: the text without slips of the finger, "" when there are none; ``network``: a word for where it
    came from on the web, which says nothing but whether another message came from there, too.
    """

    conversation: str
    text: str
    intent: str
    confidence: float
    aspects: list[str]
    also: list[str]
    chosen: dict[str, str]
    slots: dict[str, Any]
    asked_case: bool = False
    asked_proof: bool = False
    asked_in: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    network: str | None = None
    refusal: float = 0.0
    question: float = 0.0
    danger: str | None = None
    mended: str = ""

    @classmethod
    def of(cls, tracker: Tracker, slips: Slips | None = None) -> Turn:
        """The turn of Rasa's tracker. ``slips``: those of its slips that are believed; all, if not given."""
        message = tracker.latest_message
        entities = message.get("entities") or []
        aspects: list[str] = []
        asked_in: dict[str, list[tuple[int, int]]] = {}
        slips = (message.get("slips") or []) if slips is None else slips
        for entity in entities:
            if entity.get("entity") == "aspect":
                aspects += [a for a in str(entity["value"]).split(",") if a in ASPECTS]
                places = entity.get("asked_in") or []
                asked_in[str(entity["value"])] = [(_at(s, slips), _at(e, slips)) for s, e in places]
        intent = message.get("intent") or {}
        ranking = message.get("intent_ranking") or [intent]
        return cls(
            conversation=tracker.sender_id,
            text=message.get("text") or "",
            intent=intent.get("name") or "",
            confidence=float(intent.get("confidence") or 0.0),
            aspects=list(dict.fromkeys(aspects)),
            also=[
                e["value"] for e in entities if e.get("entity") == "also" and e["value"] != intent.get("name")
            ],
            chosen={
                e["entity"]: str(e["value"]) for e in entities if e.get("entity") not in ("aspect", "also")
            },
            slots=tracker.slots,
            asked_case=(tracker.active_loop or {}).get("name") == "case_form",
            asked_in=asked_in,
            asked_proof=(tracker.active_loop or {}).get("name") == "proof_form",
            network=(message.get("metadata") or {}).get("network"),
            refusal=_highest(ranking, lambda name: name in REFUSALS),
            question=_highest(ranking, lambda name: name == "name_procedure" or name.startswith("ask_")),
            mended=_mended(message.get("text") or "", slips),
            danger=_danger(ranking),
        )

    @property
    def from_button(self) -> bool:
        """Whether a button was tapped: its text is no sentence to be searched."""
        return self.text.partition("?")[0] == self.intent or bool(self.chosen)

    @property
    def said(self) -> str:
        """The text as it was most likely meant, which is searched; codes are read in what was typed."""
        return self.mended or self.text

    @cached_property
    def matter(self) -> str:
        """What was said, without the greeting before it and without "quay lại"."""
        return self.text if self.from_button else _BACK.sub("", without_greeting(self.said))

    @property
    def matter_at(self) -> int:
        """Where ``matter`` begins in ``said``."""
        return max(0, self.said.find(self.matter))

    @property
    def channel(self) -> str:
        return self.conversation.partition(":")[0]

    @property
    def case_answers(self) -> dict[str, str]:
        """What the citizen has told about their case of the procedure in ``slots``."""
        return dict(self.slots.get("case_answers") or {})


def _mended(text: str, slips: Slips) -> str:
    """The text with the words that were meant in the place of slips; "" when there are none."""
    if not slips:
        return ""
    for start, end, words in reversed(slips):
        text = text[:start] + words + text[end:]
    return text


def _at(place: int, slips: Slips) -> int:
    """Where a place of the text, at a token's end or between two, is once slips are mended."""
    return place + sum(len(words) - (end - start) for start, end, words in slips if end <= place)


def _danger(ranking: list[dict[str, Any]]) -> str | None:
    """The likeliest emergency, when it is likely enough to be told of beside the first intent."""
    named = [(float(row.get("confidence") or 0.0), row.get("name") or "") for row in ranking]
    likeliest = max((row for row in named if row[1].startswith("emergency_")), default=(0.0, ""))
    first = max(named, default=(0.0, ""))
    return likeliest[1] if likeliest[0] >= max(ALARMED, first[0] / 2) else None


def _highest(ranking: list[dict[str, Any]], wanted: Callable[[str], bool]) -> float:
    return max((float(row["confidence"]) for row in ranking if wanted(row.get("name") or "")), default=0.0)


# Below this probability an intent that leads past the catalogue gives way to a procedure named surely.
SURE_INTENT = 0.85


def unsure(turn: Turn) -> bool:
    return not turn.from_button and turn.confidence < SURE_INTENT


# Below this probability a refusal would be a guess as well.
SURE_REFUSAL = 0.5


def guessed(turn: Turn) -> bool:
    """Whether the intent is no more than a guess, and nothing of a procedure is asked."""
    return not turn.from_button and turn.confidence < SURE_REFUSAL and not turn.aspects


def overcharged(turn: Turn) -> bool:
    """Whether somebody complains that more was taken than is due, and wants no figure confirmed."""
    known, words = phrasing(), normalize(turn.said).split()
    return not turn.from_button and known.says("overcharging", words) and not known.says("confirming", words)


def remember(**slots: Any) -> list[dict[str, Any]]:
    """Slot events."""
    return [SlotSet(name, value) for name, value in slots.items()]


# Once something else was answered, a later yes no longer means what was asked before it.
MOVED_ON: list[dict[str, Any]] = remember(waiting_for=None)
