"""Around the assistant's answers: who asked for a person is taken in and told when to expect one, what was
not understood is kept to be learned from, and now and then somebody is asked how it was.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, update
from starlette.concurrency import run_in_threadpool

from bot.channels.words import Words
from bot.desk import distress, feedback, intake, questions, satisfaction
from bot.desk.desk import Desk
from bot.desk.distress import Distress
from bot.desk.promise import moment_of, promise, spoken
from bot.desk.tables import cases
from bot.mailbox import Answer, Reply, Respond, Turn
from bot.mailbox.inbox import lock_conversation
from bot.mailbox.tables import outbox
from dossiers.errors import DatabaseError
from dossiers.handover import OPINIONS
from procedures_catalog.centre import Centre

log = logging.getLogger(__name__)
# Vietnam's numbers as people write them, and nothing much beside them.
_PHONE = re.compile(r"(?<!\d)(?:\+?84|0)[\s.-]?\d(?:[\s.-]?\d){7,8}(?!\d)")
# As long as a case keeps.
_MAIL = re.compile(r"(?<![\w.+-])(?=\S{6,40}(?!\S))[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_AROUND_CONTACT = 40
_THUMB_DOWN = re.compile("(?:\N{THUMBS DOWN SIGN}[\U0001f3fb-\U0001f3ff]?)+")
# After these there is nothing more to come: the moment to ask.
_LAST_WORDS = ("thank", "goodbye", "affirm")
_NO_REASON = (*_LAST_WORDS, "rate", "greet", "deny", "talk_to_person")
# From here on words name some procedure, although perhaps not which.
_NAMED = 0.5
# What was said beside a cry for help and has an answer of its own.
_ASKED, _DANGER = "ask_", "emergency_"
_HANDED = {"intent": "talk_to_person", "confidence": 1.0, "procedures": [], "aspects": []}


class Responding:
    """A ``respond`` around another one (the engine's, with the channels' events). What goes wrong at the
    desk keeps nobody from the assistant's answer."""

    def __init__(self, inner: Respond, desk: Desk) -> None:
        self._inner, self._desk = inner, desk
        self._distress = Distress()

    async def __call__(self, turn: Turn) -> Answer:
        if (own := await self._kept(self._own, turn)) is not None:
            return own
        answer = await self._inner(turn)
        if answer.erase or answer.secret:
            return answer
        return await self._kept(self._after, turn, answer) or answer

    async def _kept(self, work: Callable[..., Awaitable[Answer | None]], *args: Any) -> Answer | None:
        try:
            return await work(*args)
        except DatabaseError as error:
            log.error("desk: %s", error)
            return None

    async def _own(self, turn: Turn) -> Answer | None:
        """What the desk answers itself: a number to call back, the state of a complaint."""
        store, speech = self._desk.store, self._desk.speech
        if (number := contact_in(turn)) and await store.write(keep_contact, turn.conversation, number):
            return Answer([speech.notice("contact", number=number)], _HANDED)
        if (asked := feedback.asked_number(turn)) is not None:
            state, at = await store.read(feedback.state_of, asked)
            day = f"{moment_of(at):%d/%m/%Y}" if at else ""
            return Answer([speech.notice(f"feedback.{state}", number=asked, day=day)], _HANDED)
        if (details := await self._details(turn)) is not None:
            return details
        if turn.kind == "text" and _THUMB_DOWN.fullmatch(str(turn.body.get("text") or "").strip()):
            await store.write(questions.keep_disliked, turn.conversation)
            return Answer([speech.ask_person("disliked")], _HANDED | {"intent": "rate"})
        return None

    async def _details(self, turn: Turn) -> Answer | None:
        """More about feedback of one's own: what it is about, where it was, a picture."""
        store, speech, categories = self._desk.store, self._desk.speech, self._desk.words["categories"]
        more: dict[str, Any] = {}
        if tapped := feedback.details_in(turn) or {}:
            given = tapped["feedback"]
            number = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
            if tapped.get("category") in categories:
                more["category"] = tapped["category"]
        elif (text := _place_in(turn)) or turn.body.get("event") == "attachment":
            asked = await store.read(feedback.asked_where, turn.conversation, bool(text))
            if asked is None:
                return None
            number, more = asked, {"place": text[: feedback.LONGEST_PLACE]} if text else {}
            if files := feedback.files_in(turn.body):
                more["files"] = files
        else:
            return None
        if more and not await store.write(partial(feedback.add, **more), turn.conversation, number):
            return Answer([speech.notice("feedback.unknown", number=number)], _HANDED)
        if "category" in more or "picture" in tapped:
            return Answer([speech.ask_where("where", turn.channel, number)], _HANDED)
        if "files" in more:
            # Several come one after the other: each belongs to it.
            return Answer([speech.ask_where("picture", turn.channel, number)], _HANDED)
        return Answer([speech.notice("feedback.complete", number=number)], _HANDED)

    async def _after(self, turn: Turn, answer: Answer) -> Answer:
        kinds = {reply["kind"] for reply in answer.replies}
        store, desk = self._desk.store, self._desk
        intent = answer.understood.get("intent")
        if intent == "rate":
            # Taken in now: what is written next may be its reason.
            await store.write(intake.take_in)
        reason_of = await self._reason_of(turn, intent, kinds)
        if reason_of is not None:
            await store.write(satisfaction.keep_reason, reason_of, str(turn.body["text"]))
        if intent in OPINIONS:
            await store.write(intake.take_in)
            if found := await store.read(feedback.unsorted, turn.conversation):
                about = desk.speech.notice(f"feedback.about_{found[1]}", number=found[0])
                about["buttons"] = feedback.buttons(found[0], desk.words["categories"])
                about["buttons"] += desk.speech.choose_picture(turn.channel, found[0])
                return replace(answer, replies=[*answer.replies, about])
        if turn.kind == "text" and self._distress.heard(str(turn.body.get("text") or "")):
            return await self._call_somebody(turn, answer)
        if "handover" in kinds:
            told = await store.write(promised, turn.conversation, desk.words, desk.centre)
            return replace(answer, replies=_with(answer.replies, told)) if told else answer
        if turn.kind != "text":
            return answer
        text, understood = str(turn.body.get("text") or ""), answer.understood
        if reason_of is not None:
            return replace(answer, replies=[desk.speech.notice("reason")])
        if why := questions.why_of(answer.replies, understood):
            await store.write(questions.keep, turn.conversation, turn.channel, text, why, understood)
        elif kinds == {"smalltalk"} and understood.get("intent") in _LAST_WORDS and await self._to_ask(turn):
            return replace(answer, replies=[*answer.replies, desk.speech.ask_rating()])
        return answer

    async def _reason_of(self, turn: Turn, intent: Any, kinds: set[str]) -> int | None:
        """The low rating that this is the reason of, unless it plainly is a question about a procedure, or
        something else that says nothing of it."""
        text = str(turn.body.get("text") or "")
        if turn.kind != "text" or "?" in text or intent in _NO_REASON or "dossier" in kinds:
            return None
        rating = await self._desk.store.read(satisfaction.wants_reason, turn.conversation, turn.entries[0].id)
        if rating is None or satisfaction.blames(text):
            return rating
        catalog = await run_in_threadpool(self._desk.catalog.current)
        found = await run_in_threadpool(catalog.find_in, text)
        return None if found.named >= _NAMED else rating

    async def _to_ask(self, turn: Turn) -> bool:
        """Whether to ask how it was; in the middle of somebody's questions it would be in the way."""
        lately = await self._desk.store.read(satisfaction.answered_lately, turn.conversation)
        return lately and await self._desk.store.write(satisfaction.may_ask, turn.conversation)

    async def _call_somebody(self, turn: Turn, answer: Answer) -> Answer:
        """What was asked beside it is answered too; guesses at what was meant are not."""
        store, desk = self._desk.store, self._desk
        await store.write(distress.call_somebody, turn)
        told = await store.write(promised, turn.conversation, desk.words, desk.centre)
        intent, comfort = str(answer.understood.get("intent")), desk.speech.notice("distress")
        replies = [comfort]
        if intent.startswith(_DANGER):
            replies = [*answer.replies, comfort]  # whom to call comes first
        elif intent.startswith(_ASKED):
            replies = [comfort, *answer.replies]
        return Answer(_with(replies, told) if told else replies, answer.understood)


def _place_in(turn: Turn) -> str:
    """What may be the answer to "where was it?": a line that asks nothing."""
    text = str(turn.body.get("text") or "").strip() if turn.kind == "text" else ""
    return "" if "?" in text else text


def promised(
    connection: Connection, now: float, conversation: str, words: Words, centre: Centre
) -> str | None:
    """Takes in what was just recorded; what this conversation is to be told of its waiting case."""
    lock_conversation(connection, conversation)
    intake.take_in(connection, now)
    case = intake.open_case(connection, conversation)
    if case is None or case.state != "waiting":
        return None
    key = "open" if centre.is_open(moment_of(now)) else _closed(words, case.channel)
    until = case.promised_at
    if until is None:
        until = promise(connection, now, centre)
        connection.execute(update(cases).where(cases.c.id == case.id).values(promised_at=until))
    elif until < now:
        # The broken one stays in the books; whoever asks again is told a time that still can be kept.
        key, until = "late", promise(connection, now, centre)
    if until is None:
        return None
    return words.say(f"promise.{key}", until=spoken(words, now, until), number=case.id)


def _closed(words: Words, channel: str) -> str:
    """The key of what is said outside the hours: each channel has its own way back to a person."""
    return f"closed.{channel if channel in words['promise.closed'] else 'other'}"


def keep_contact(connection: Connection, now: float, conversation: str, number: str) -> bool:
    """Keeps how to reach somebody who waits; False when nobody does, or they were asked something else
    (the number on a dossier, say) and this is the answer to that."""
    mine = outbox.c.conversation == conversation
    told = select(outbox.c.inbox_id, outbox.c.reply).where(mine).order_by(outbox.c.id.desc())
    rows = connection.execute(told.limit(10)).all()
    if not any(row.inbox_id == rows[0].inbox_id and row.reply["kind"] == "handover" for row in rows):
        return False
    waits = (cases.c.conversation == conversation) & (cases.c.state == "waiting")
    return connection.execute(update(cases).where(waits).values(contact=number)).rowcount > 0


def contact_in(turn: Turn) -> str | None:
    """The telephone number or the e-mail that a message consists of, with a few words around it at most."""
    text = str(turn.body.get("text") or "")
    phone, mail = _PHONE.search(text), _MAIL.search(text)
    found = phone or mail
    if found is None or len(text) - len(found[0]) > _AROUND_CONTACT or "?" in text:
        return None
    return re.sub(r"[\s.-]", "", found[0]) if phone else found[0]


def _with(replies: list[Reply], told: str) -> list[Reply]:
    """The replies with ``told`` below the last one about people."""
    last = max(n for n, reply in enumerate(replies) if reply["kind"] == "handover")
    more = {**replies[last], "text": f"{replies[last]['text']}\n{told}"}
    return [*replies[:last], more, *replies[last + 1 :]]
