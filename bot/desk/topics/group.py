"""What volunteers do in the group: tap a button, write into a topic, ask for a draft."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection
from telegram import Bot

from bot.channels.outside import Remembered
from bot.channels.telegram.client import Courtesies
from bot.channels.telegram.updates import CallbackQuery, TelegramMessage, Update, User, has_attachment
from bot.desk import cases
from bot.desk.accounts import Person
from bot.desk.desk import Desk
from bot.desk.drafts import LONGEST_ANSWER, Drafts
from bot.desk.errors import Refusal
from bot.desk.speech import Draft
from bot.desk.topics.commands import Command, command_in, draft_button, draft_of
from bot.desk.topics.mirror import CHANNEL, case_in, post, volunteer_of
from bot.gateway.messages import clean
from bot.mailbox import Reply, notice
from dossiers.errors import DatabaseError

_BUTTON = re.compile(r"desk:(claim|close|free):(\d{1,15})")
# What Telegram shows over a tapped button.
_LONGEST_TOLD = 200
LONGEST_NOTE = 1000
_ONCE_SECONDS = 3600.0


@dataclass
class Group:
    """The forum group with the number ``chat``."""

    chat: int
    desk: Desk
    bot: Bot
    courtesies: Courtesies
    _drafts: Drafts = field(init=False)
    # Drafts are asked for beside the updates: a slow engine must not hold up what citizens write.
    _working: set[asyncio.Task[None]] = field(default_factory=set)
    _begun: Remembered[bool] = field(default_factory=Remembered)

    def __post_init__(self) -> None:
        self._drafts = Drafts(self.desk)

    async def take(self, update: Update) -> None:
        """Does what an update from the group asks for.

        Raises:
            DatabaseError: nothing is done.
        """
        query, message = update.callback_query, update.message
        if query is not None and query.sender is not None:
            told = await self._tapped(query, query.sender)
            self.courtesies.answer_tap(query.id, told[:_LONGEST_TOLD])
        elif message is not None and message.sender is not None and not message.sender.is_bot:
            await self._wrote(message.sender, message)

    async def close(self) -> None:
        """What is asked of the engine just now is not waited for."""
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    async def _tapped(self, query: CallbackQuery, user: User) -> str:
        """What whoever tapped is told; nothing when the topic itself tells."""
        data = query.data or ""
        if (wanted := draft_of(data)) is not None and query.message is not None:
            key = f"{CHANNEL}:{self.chat}:{query.message.message_id}"
            number, procedure, aspects = wanted
            self._begin(
                key + query.id, number, lambda: self._send_draft(user, number, key, procedure, aspects)
            )
            return ""
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
        store = self.desk.store
        if message.message_thread_id is None or not (message.text or has_attachment(message)):
            return
        number = await store.read(case_in, message.message_thread_id)
        if number is None:
            return
        key = f"{CHANNEL}:{self.chat}:{message.message_id}"
        if told := await self._take_words(user, number, key, clean(message.text or "")):
            await self._tell(number, notice(told))

    async def _take_words(self, user: User, number: int, key: str, text: str) -> str | None:
        """What is to be told; None when it is done."""
        words, command = self.desk.words, command_in(text)
        if not text:
            return words.say("topics.only_text")
        if command is None:
            return await self._say(user, number, key, text)
        if command.name == "note":
            return await self._note(user, number, key, command)
        if command.name != "draft" or not command.rest:
            return words.say("topics.commands")
        self._begin(key, number, lambda: self._draft(user, number, command.rest))
        return None

    async def _say(self, user: User, number: int, key: str, text: str) -> str | None:
        if len(text) > LONGEST_ANSWER:
            return self.desk.words.say("topics.too_long", most=LONGEST_ANSWER)

        def work(connection: Connection, now: float) -> str | None:
            person = self._person(connection, now, user)
            reply = self.desk.speech.person(person.name, person.role, text, None) | {"topic": True}
            return cases.say(connection, now, person, number, key, reply)[1]

        return await self._done(work)

    async def _note(self, user: User, number: int, key: str, command: Command) -> str | None:
        now = time.monotonic()
        if len(command.rest) > LONGEST_NOTE:
            return self.desk.words.say("topics.too_long", most=LONGEST_NOTE)
        if not command.rest or self._begun.get(key, now):
            return None

        def work(connection: Connection, now: float) -> str | None:
            cases.add_note(connection, now, self._person(connection, now, user), number, command.rest)
            return None

        # Before it is written: it may be delivered again meanwhile.
        self._begun.put(key, True, now + _ONCE_SECONDS)
        try:
            return await self._done(work)
        except DatabaseError:
            self._begun.forget(key)
            raise

    async def _draft(self, user: User, number: int, words: str) -> None:
        """The catalogue's answer into the topic, with a button that sends it."""
        person = await self.desk.store.write(self._person, user)
        made = await self._drafts.asked(person, words)
        draft = Draft(self._drafts.procedure(made["procedure"]), made["aspects"])
        reply = self.desk.speech.person("", person.role, made["text"], draft) | {"text": made["text"]}
        title = self.desk.words.say("topics.buttons.send")
        button = {"title": title, "payload": draft_button(number, draft.procedure, draft.aspects)}
        await self._tell(number, reply | {"links": [], "buttons": [button]})

    async def _send_draft(
        self, user: User, number: int, key: str, procedure: str, aspects: list[str]
    ) -> None:
        """The draft, made anew from the catalogue, to the citizen: a message of it once."""
        store = self.desk.store
        person = await store.write(self._person, user)
        made = await self._drafts.make(person, procedure, aspects, None)
        draft = Draft(self._drafts.procedure(made["procedure"]), aspects)
        reply = self.desk.speech.person(person.name, person.role, made["text"], draft)
        _, channel = await store.write(cases.say, person, number, key, reply)
        store.mailbox.core.ring_outboxes(channel)

    def _begin(self, key: str, number: int, work: Callable[[], Awaitable[None]]) -> None:
        """Beside the updates, once for each ``key``: an update may be delivered again."""
        now = time.monotonic()
        if self._begun.get(key, now):
            return
        self._begun.put(key, True, now + _ONCE_SECONDS)

        async def told() -> None:
            try:
                await work()
            except Refusal as refusal:
                await self._tell(number, notice(self._words_of(refusal)))
            except DatabaseError:
                self._begun.forget(key)  # tapped or asked again, it is done

        task = asyncio.create_task(told())
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _tell(self, number: int, reply: Reply) -> None:
        """Into the topic."""
        await self.desk.store.write(post, number, reply)
        self.desk.store.mailbox.core.ring_outboxes(CHANNEL)

    async def _done(self, work: Callable[[Connection, float], str | None]) -> str | None:
        """Does it; the words of the refusal when it cannot be done."""
        store = self.desk.store
        try:
            channel = await store.write(work)
        except Refusal as refusal:
            return self._words_of(refusal)
        store.mailbox.core.ring_outboxes(channel)
        return None

    def _words_of(self, refusal: Refusal) -> str:
        return self.desk.words.say(f"errors.{refusal.code}", **refusal.facts)

    def _person(self, connection: Connection, now: float, user: User) -> Person:
        name = clean(f"{user.first_name} {user.last_name or ''}") or f"Telegram {user.id}"
        row = volunteer_of(connection, now, user.id, name)
        if row.disabled:
            raise Refusal(403, "not_allowed")
        return Person(row.id, row.name, row.role)
