"""Around the assistant's answers: who asked for a person is taken in and told when to expect one."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from sqlalchemy import Connection, update

from bot.channels.words import Words
from bot.desk import intake
from bot.desk.desk import Desk
from bot.desk.promise import moment_of, promise, spoken
from bot.desk.tables import cases
from bot.mailbox import Answer, Reply, Respond, Turn
from dossiers.errors import DatabaseError
from procedures_catalog.centre import Centre

log = logging.getLogger(__name__)
# Vietnam's numbers as people write them, and nothing much beside them.
_PHONE = re.compile(r"(?<!\d)(?:\+?84|0)[\s.-]?\d(?:[\s.-]?\d){7,8}(?!\d)")
_AROUND_PHONE = 40


class Responding:
    """A ``respond`` around another one (the engine's, with the channels' events)."""

    def __init__(self, inner: Respond, desk: Desk) -> None:
        self._inner, self._desk = inner, desk

    async def __call__(self, turn: Turn) -> Answer:
        try:
            if (number := contact_in(turn)) and await self._desk.store.write(
                keep_contact, turn.conversation, number
            ):
                return Answer([self._desk.speech.notice("contact", number=number)], _HANDED)
        except DatabaseError as error:
            log.error("desk: %s", error)
        answer = await self._inner(turn)
        if not any(reply["kind"] == "handover" for reply in answer.replies):
            return answer
        try:
            told = await self._desk.store.write(
                promised, turn.conversation, self._desk.words, self._desk.centre
            )
        except DatabaseError as error:
            log.error("desk: %s", error)
            return answer
        return replace(answer, replies=_with(answer.replies, told)) if told else answer


_HANDED = {"intent": "talk_to_person", "confidence": 1.0, "procedures": [], "aspects": []}


def promised(
    connection: Connection, now: float, conversation: str, words: Words, centre: Centre
) -> str | None:
    """Takes in what was just recorded; what this conversation is to be told of its waiting case."""
    intake.take_in(connection, now)
    case = intake.open_case(connection, conversation)
    if case is None or case.state != "waiting":
        return None
    until = case.promised_at
    if until is None:
        until = promise(connection, now, centre)
        connection.execute(update(cases).where(cases.c.id == case.id).values(promised_at=until))
    if until is None or until < now:
        return None
    key = "open" if centre.is_open(moment_of(now)) else "closed"
    return words.say(f"promise.{key}", until=spoken(words, now, until), number=case.id)


def keep_contact(connection: Connection, now: float, conversation: str, number: str) -> bool:
    """Keeps how to reach somebody who waits; False when nobody does."""
    waits = (cases.c.conversation == conversation) & (cases.c.state == "waiting")
    return connection.execute(update(cases).where(waits).values(contact=number)).rowcount > 0


def contact_in(turn: Turn) -> str | None:
    """The telephone number that a message consists of, with a few words around it at most."""
    text = str(turn.body.get("text") or "")
    found = _PHONE.search(text)
    if found is None or len(text) - len(found[0]) > _AROUND_PHONE or "?" in text:
        return None
    return re.sub(r"[\s.-]", "", found[0])


def _with(replies: list[Reply], told: str) -> list[Reply]:
    """The replies with ``told`` below the last one about people."""
    last = max(n for n, reply in enumerate(replies) if reply["kind"] == "handover")
    more = {**replies[last], "text": f"{replies[last]['text']}\n{told}"}
    return [*replies[:last], more, *replies[last + 1 :]]
