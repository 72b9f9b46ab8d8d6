"""What people who asked are told by the desk, as replies: the desk's words, and volunteers' own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.words import Words
from bot.desk import feedback
from bot.desk.changed import changed_facts
from bot.desk.satisfaction import ABOUT_DOSSIER
from bot.gateway.turns import CHANNEL as WEB
from bot.mailbox import Reply, notice
from procedures_catalog import Procedure

STARS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Draft:
    """What of the catalogue a volunteer's answer rests on; ``page``: the procedure's page goes with it,
    ``own``: as the checklist of this citizen's case; ``text``: as it was before it was edited."""

    procedure: Procedure
    aspects: Sequence[str]
    page: str | None = None
    own: bool = False
    text: str = ""


@dataclass(frozen=True)
class Speech:
    """The desk's words as replies."""

    words: Words

    def notice(self, key: str, **facts: object) -> Reply:
        """``citizen.<key>`` of the words."""
        return self._reply(self.words.say(f"citizen.{key}", **facts))

    def goodbye(self, key: str, asks: bool) -> Reply:
        """A notice that a case is closed; with ``asks`` the person can say how it was, with one tap."""
        if not asks:
            return self.notice(key)
        text = f"{self.words.say(f'citizen.{key}')}\n\n{self.words.say('citizen.rate')}"
        return self._reply(text) | {"buttons": _stars()}

    def ask_rating(self) -> Reply:
        """How was it? One tap."""
        return self._reply(self.words.say("citizen.rate")) | {"kind": "smalltalk", "buttons": _stars()}

    def ask_rating_of_dossier(self) -> Reply:
        """How was it, now that the dossier is at its end?"""
        text = self.words.say("citizen.rate_dossier")
        return self._reply(text) | {"kind": "smalltalk", "buttons": _stars(ABOUT_DOSSIER)}

    def ask_where(self, key: str, channel: str, number: int, **facts: object) -> Reply:
        """``citizen.feedback.<key>``: more about feedback is welcome, or a tap says that there is none."""
        done = feedback.done(number, self.words.say("citizen.feedback.done"))
        buttons = [*self.choose_picture(channel, number), done]
        return self.notice(f"feedback.{key}", number=number, **facts) | {"buttons": buttons}

    def picture_kept(self, channel: str, number: int, left: int) -> Reply:
        """A picture has been put to feedback; so many more may be."""
        if left:
            return self.ask_where("picture", channel, number)
        return self.ask_where("full", "", number)

    def choose_picture(self, channel: str, number: int) -> list[dict[str, str]]:
        """The button for it, in the web chat: each platform has one of its own."""
        title = self.words.say("citizen.feedback.choose_picture")
        return [feedback.picture(number, title)] if channel == WEB else []

    def ask_person(self, key: str) -> Reply:
        """A notice, with the way to a person below it."""
        person = {"title": self.words.say("citizen.to_person"), "payload": "talk_to_person"}
        return self._reply(self.words.say(f"citizen.{key}")) | {"kind": "smalltalk", "buttons": [person]}

    def person(self, name: str, role: str, text: str, draft: Draft | None) -> Reply:
        """What a person wrote, marked as theirs; what rests on the catalogue keeps its source."""
        signed = self.words.say("citizen.signed", name=name, role=self.words["roles"][role].lower())
        reply = self._reply(f"{signed}\n{text}") | {"by": name}
        if draft is None:
            return reply
        if draft.text and (facts := changed_facts(draft.text, text)):
            # The source below is that of the rest.
            reply["text"] += "\n\n" + self.words.say("citizen.changed", name=name, facts="; ".join(facts))
        procedure = draft.procedure
        more: dict[str, Any] = {
            "procedure": procedure.id,
            "procedure_code": procedure.code,
            "aspects": list(draft.aspects),
            "sources": sources_of(procedure),
        }
        if draft.page:
            title = self.words.say("citizen.checklist" if draft.own else "citizen.page")
            more["links"] = [{"title": title, "url": draft.page}]
        return reply | more

    @staticmethod
    def _reply(text: str) -> Reply:
        return notice(text) | {"kind": "handover"}


def _stars(about: str = "") -> list[dict[str, str]]:
    return [{"title": str(n), "payload": f"rate?rating={n}{about}"} for n in STARS]


def sources_of(procedure: Procedure) -> list[dict[str, Any]]:
    """An entry's sources as replies carry them, each with the day on which the entry was checked."""
    checked_on = procedure.checked_on.isoformat()
    return [{"title": row.title, "url": row.url, "checked_on": checked_on} for row in procedure.sources]
