"""Letters: replies on their way to a platform; for senders, notifications and people."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Connection, select

from bot.mailbox import outbox
from bot.mailbox.core import Core
from bot.mailbox.model import Letter, Reply
from bot.mailbox.tables import conversations


class Letters:
    """See the module; ``Mailbox.letters``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def post(self, conversation: str, replies: Sequence[Reply]) -> list[int]:
        """Sends replies that nobody asked for just now (a notification, a volunteer), after what waits.

        Returns their numbers in the outbox; none when the conversation is not known.
        """
        c = conversations.c
        known = select(c.channel, c.blocked).where(c.id == conversation).with_for_update()

        def work(connection: Connection, now: float) -> tuple[str | None, list[int]]:
            row = connection.execute(known).first()
            if row is None:
                return None, []
            ids = outbox.add(connection, now, conversation, row.channel, replies, blocked=row.blocked)
            return row.channel, ids

        channel, ids = await self._core.run(work)
        self._core.ring_outboxes(channel)
        return ids

    async def claim(self, channel: str, most: int) -> list[Letter]:
        """Up to ``most`` letters that may go now, the first of its conversation each."""
        core = self._core

        def work(connection: Connection, now: float) -> tuple[list[Letter], float | None]:
            letters, again = outbox.claim(connection, now, core.owner, channel, most)
            return letters, None if again is None else again - now

        begun = time.monotonic()
        letters, again = await core.run(work, durable=False)
        core.held_letters.update((_key(letter), begun + outbox.LEASE_SECONDS) for letter in letters)
        if (alarm := core.outbox_alarms.get(channel)) is not None:
            if again is not None:
                alarm.ring(again)
            if len(letters) == most:
                alarm.ring()
        return letters

    def let_go(self, letter: Letter) -> None:
        """This process works on it no longer, whatever came of it: its lease is not renewed."""
        self._core.held_letters.pop(_key(letter), None)

    def holds(self, letter: Letter) -> bool:
        """Whether a letter is surely this process's own still. One that stood still for long finds out
        here that another may have sent it meanwhile."""
        return self._core.held_letters.get(_key(letter), 0.0) > time.monotonic()

    async def progress(self, letter: Letter, platform_ids: Sequence[str]) -> bool:
        """The platform has taken these parts of a letter so far."""
        core = self._core
        return await core.ledger.run(lambda c: outbox.progress(c, core.owner, letter, platform_ids))

    async def sent(self, letter: Letter, platform_ids: Sequence[str]) -> bool:
        """The platform has taken all of a letter."""
        return await self._core.run(outbox.sent, self._core.owner, letter, platform_ids)

    async def failed(self, letter: Letter, reason: str, after: float, in_doubt: bool = False) -> bool:
        """A letter is tried again after so many seconds."""
        core = self._core
        return await core.run(
            lambda c, now: outbox.failed(c, core.owner, letter, reason, now + after, in_doubt)
        )

    async def dead(self, letter: Letter, reason: str, in_doubt: bool = False) -> bool:
        """A letter is given up, with the reason why."""
        core = self._core
        return await core.ledger.run(lambda c: outbox.dead(c, core.owner, letter, reason, in_doubt))

    async def revive(self, letter_ids: Sequence[int] | None = None) -> int:
        """Dead letters (all of them when none is named) are tried again; how many there were."""
        count = await self._core.run(outbox.revive, letter_ids)
        self._core.ring_outboxes()
        return count


def _key(letter: Letter) -> tuple[int, int]:
    return letter.id, letter.attempts
