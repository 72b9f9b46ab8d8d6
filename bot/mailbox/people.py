"""People: what is known of a conversation, who answers it, the off switch, forgetting."""

from __future__ import annotations

import asyncio
import time
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, select, update

from bot.mailbox import leases, outbox, privacy, switches
from bot.mailbox.core import PULL, Core
from bot.mailbox.model import Conversation
from bot.mailbox.privacy import Erased
from bot.mailbox.tables import conversations

ERASE_WITHIN = 60.0
_PEEK_SECONDS = 0.25


class People:
    """See the module; ``Mailbox.people``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def conversation(self, conversation: str) -> Conversation | None:
        """What is known of a conversation, None when it has never been seen."""
        wanted = [conversations.c[field.name] for field in fields(Conversation)]
        query = select(*wanted).where(conversations.c.id == conversation)
        row = await self._core.ledger.run(lambda c: c.execute(query).first(), durable=False)
        return None if row is None else Conversation(**row._mapping)

    async def silence(self, conversation: str, seconds: float) -> bool:
        """The assistant keeps silent here for so long (staff answer elsewhere); 0: it speaks again.

        False when the conversation is not known.
        """
        return await self._core.run(
            lambda c, now: _set(c, conversation, silent_until=now + seconds if seconds else None)
        )

    async def take_over(self, conversation: str, taken: bool = True) -> bool:
        """A person answers this conversation, until they give it back (``taken`` False)."""
        return await self._core.ledger.run(lambda c: _set(c, conversation, paused=taken))

    async def block(self, conversation: str) -> bool:
        """The person blocked us or left: what waits to be sent is given up. Ends when they write again."""

        def work(connection: Connection) -> bool:
            done = _set(connection, conversation, blocked=True)
            outbox.bury(connection, conversation, "blocked")
            return done

        return await self._core.ledger.run(work)

    async def pause(self, message: str | None = None) -> None:
        """Pauses the assistant: a notice on every channel, messages are kept for people."""
        await self._core.run(switches.pause, message)

    async def resume(self) -> bool:
        """The assistant answers again; False when it was not paused."""
        return await self._core.ledger.run(switches.resume)

    async def erase(self, conversation: str) -> Erased:
        """Forgets a conversation: messages, replies, handover requests, the engine's memory.

        Waits for a turn that is in work. From within that turn, answer with ``erase`` instead.
        """
        core, give_up = self._core, time.monotonic() + ERASE_WITHIN
        while not await core.run(leases.take, core.owner, conversation) and time.monotonic() < give_up:
            await asyncio.sleep(_PEEK_SECONDS)
        memories = await asyncio.to_thread(core.files.erase, conversation)
        erased = await core.run(privacy.erase, conversation, PULL)
        await asyncio.to_thread(core.ledger.checkpoint)
        return erased + Erased(memories=memories)

    async def purge(self, older_than_days: float) -> Erased:
        """Deletes what is older; what still waits for an answer or to be sent stays."""
        core, age = self._core, older_than_days * 86_400
        total = Erased()
        while erased := await core.run(lambda c, now: privacy.purge(c, now, now - age, PULL)):
            total += erased
        before = await core.run(lambda _, now: now - age, durable=False)
        total += Erased(memories=await asyncio.to_thread(core.files.purge, before))
        if total:
            await asyncio.to_thread(core.ledger.checkpoint)
        return total


def _set(connection: Connection, conversation: str, **values: Any) -> bool:
    changed = update(conversations).where(conversations.c.id == conversation).values(**values)
    return connection.execute(changed).rowcount == 1
