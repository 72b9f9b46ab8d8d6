"""Takes what a platform told us into the mailbox. When it returns, the platform may have its 200."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from bot.channels import records
from bot.channels.incoming import WITHDRAW, Incoming, Left, Message, StaffWrote
from bot.channels.keys import looks_like_key, resolve
from bot.mailbox import Mailbox
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
T = TypeVar("T")
# How long the assistant keeps silent after somebody of the centre wrote in the platform's own tool.
STAFF_SECONDS = 3600.0
# A platform's clock that is further off than this is not believed.
OLDEST_SECONDS, AHEAD_SECONDS = 7 * 86_400.0, 300.0
LOOK_SECONDS = 600.0
AFTER_FAILURE = 5.0


class Intake:
    """One for all channels. ``clock``: seconds since 1970."""

    def __init__(self, mailbox: Mailbox, clock: Callable[[], float] = time.time) -> None:
        self._mailbox, self._clock = mailbox, clock
        self._erase = asyncio.Event()

    async def take(self, incoming: Incoming) -> int | None:
        """Keeps a message (its number if it is new, else None) or does what an event asks for.

        Raises:
            DatabaseError: nothing is kept.
        """
        match incoming:
            case Message():
                return await self._message(incoming)
            case Left():
                await self._mailbox.people.block(incoming.conversation)
            case StaffWrote():
                await self._staff_wrote(incoming)
        return None

    async def _message(self, message: Message) -> int | None:
        if message.replaces is not None and not await self._replaced(message):
            return None
        kind, body = message.kind, message.body
        if looks_like_key(key := body.get("text") or body.get("payload") or ""):
            kind, body = "payload", {"payload": key}
            if found := await self._read(lambda c: resolve(key, records.replies_to(c, message.conversation))):
                kind, body = ("event" if "event" in found else "payload"), found
        accepted = await self._mailbox.accept(
            message.channel, message.conversation, message.id, kind, body, self._believed(message.sent_at)
        )
        if body == WITHDRAW:
            self._erase.set()
        return accepted.id if accepted.new else None

    async def _replaced(self, message: Message) -> bool:
        """Takes back the earlier form if it still waits; False when this one says the same."""
        known = await self._read(lambda c: records.body_of(c, message.channel, message.replaces or ""))
        if known is None:
            return True
        number, body = known
        if body == message.body:
            return False
        await self._mailbox.withdraw(number, "edited")
        return True

    async def _staff_wrote(self, event: StaffWrote) -> None:
        now = self._clock()
        until = (self._believed(event.at) or now) + STAFF_SECONDS
        if until <= now:
            return  # a late retry of something long past
        people = self._mailbox.people
        known = await people.conversation(event.conversation)
        if known is None:
            # Else there is nothing to remember it by when the person answers.
            body = {"event": "staff_wrote"}
            await self._mailbox.accept(event.channel, event.conversation, event.id, "event", body)
        elif (known.silent_until or 0.0) >= until:
            return
        await people.silence(event.conversation, until - now)

    def _believed(self, sent_at: float | None) -> float | None:
        now = self._clock()
        good = sent_at is not None and now - OLDEST_SECONDS < sent_at < now + AHEAD_SECONDS
        return sent_at if good else None

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await self._mailbox.core.ledger.run(work, durable=False)

    async def obey_withdrawals(self) -> None:
        """Erases people who asked their platform for it, for ever; also what a killed process left.

        The turn of such an event erases as well, but while the assistant is paused or a person has taken
        over there is none.
        """
        while True:
            self._erase.clear()
            wait = LOOK_SECONDS
            try:
                for conversation in await self._mailbox.core.run(records.withdrawn, durable=False):
                    await self._mailbox.people.erase(conversation)
            except DatabaseError as error:
                log.error("mailbox: %s", error)
                wait = AFTER_FAILURE
            try:
                async with asyncio.timeout(wait):
                    await self._erase.wait()
            except TimeoutError:
                continue
