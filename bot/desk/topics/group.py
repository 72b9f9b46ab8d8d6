"""What volunteers do in the group: tap a button, write into a topic."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection
from telegram import Bot

from bot.channels.telegram.client import Courtesies
from bot.channels.telegram.updates import TelegramMessage, Update, User, has_attachment
from bot.desk import cases
from bot.desk.accounts import Person
from bot.desk.desk import Desk
from bot.desk.drafts import LONGEST_ANSWER
from bot.desk.errors import Refusal
from bot.desk.topics.mirror import CHANNEL, case_in, post, volunteer_of
from bot.gateway.messages import clean
from bot.mailbox import notice

_BUTTON = re.compile(r"desk:(claim|close|free):(\d{1,15})")
# What Telegram shows over a tapped button.
_LONGEST_TOLD = 200


@dataclass
class Group:
    """The forum group with the number ``chat``."""

    chat: int
    desk: Desk
    bot: Bot
    courtesies: Courtesies

    async def take(self, update: Update) -> None:
        """Does what an update from the group asks for.

        Raises:
            DatabaseError: nothing is done.
        """
        query, message = update.callback_query, update.message
        if query is not None and query.sender is not None:
            told = await self._tapped(query.sender, query.data or "")
            self.courtesies.answer_tap(query.id, told[:_LONGEST_TOLD])
        elif message is not None and message.sender is not None and not message.sender.is_bot:
            await self._wrote(message.sender, message)

    async def _tapped(self, user: User, data: str) -> str:
        """What whoever tapped is told; nothing when the topic itself tells."""
        found = _BUTTON.fullmatch(data)
        if found is None:
            return ""
        act, number = found[1], int(found[2])

        def work(connection: Connection, now: float) -> str | None:
            person, speech = self._person(connection, now, user), self.desk.speech
            if act == "claim":
                case = cases.claim(connection, now, speech, person, number)
            elif act == "free":
                case = cases.pass_on(connection, now, speech, person, number, None)
            else:
                case = cases.close(connection, now, speech, person, number, "answered")
            return case.channel

        return await self._done(work) or ""

    async def _wrote(self, user: User, message: TelegramMessage) -> None:
        store, words = self.desk.store, self.desk.words
        if message.message_thread_id is None or not (message.text or has_attachment(message)):
            return
        number = await store.read(case_in, message.message_thread_id)
        if number is None:
            return
        text = clean(message.text or "")
        told: str | None = None
        if not text:
            told = words.say("topics.only_text")
        elif len(text) > LONGEST_ANSWER:
            told = words.say("topics.too_long", most=LONGEST_ANSWER)
        else:
            key = f"{CHANNEL}:{self.chat}:{message.message_id}"

            def work(connection: Connection, now: float) -> str | None:
                person = self._person(connection, now, user)
                reply = self.desk.speech.person(person.name, person.role, text, None) | {"topic": True}
                return cases.say(connection, now, person, number, key, reply)[1]

            told = await self._done(work)
        if told:
            await store.write(post, number, notice(told))
            store.mailbox.core.ring_outboxes(CHANNEL)

    async def _done(self, work: Callable[[Connection, float], str | None]) -> str | None:
        """Does it; the words of the refusal when it cannot be done."""
        store = self.desk.store
        try:
            channel = await store.write(work)
        except Refusal as refusal:
            return self.desk.words.say(f"errors.{refusal.code}", **refusal.facts)
        store.mailbox.core.ring_outboxes(channel)
        return None

    def _person(self, connection: Connection, now: float, user: User) -> Person:
        name = clean(f"{user.first_name} {user.last_name or ''}") or f"Telegram {user.id}"
        row = volunteer_of(connection, now, user.id, name)
        if row.disabled:
            raise Refusal(403, "not_allowed")
        return Person(row.id, row.name, row.role)
