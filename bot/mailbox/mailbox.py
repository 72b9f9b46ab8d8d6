"""The mailbox: messages go in here, and whoever asked waits here for what comes of them.

``turns`` is the worker's side of it, ``letters`` the sender's, ``people`` that of staff and of the
command line. Each call is one transaction, committed when it returns and done off the event loop;
each raises ``DatabaseError`` when the database cannot be used now.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.mailbox import inbox
from bot.mailbox.burst import Rhythm
from bot.mailbox.core import PULL, Core
from bot.mailbox.database import database_time, locked
from bot.mailbox.figures import Figures, read_figures
from bot.mailbox.ledger import Ledger
from bot.mailbox.letters import Letters
from bot.mailbox.metrics import Metrics
from bot.mailbox.model import Accepted, Kind, Outcome
from bot.mailbox.people import People
from bot.mailbox.privacy import EngineFiles
from bot.mailbox.tables import LONGEST_PLATFORM_ID
from bot.mailbox.turns import Turns

PEEK_SECONDS = 0.25
_CONVERSATION = re.compile(r"[^\s\x00-\x1f\x7f\ud800-\udfff]{1,160}")


class Mailbox:
    """``url``: the database (``MOTCUA_DATABASE_URL``); ``var``: where engines keep their SQLite files.

    ``rhythm``: how long short lines are waited for, on channels other than the web. ``clock``: seconds
    since 1970, the database's own clock unless given. Nothing is opened before the first call.
    """

    def __init__(
        self,
        url: str,
        var: Path,
        *,
        rhythm: Rhythm | None = None,
        clock: Callable[[Connection], float] = database_time,
        metrics: Metrics | None = None,
    ) -> None:
        self.core = Core(Ledger(url), EngineFiles(var), rhythm or Rhythm(), clock, metrics or Metrics())
        self.turns = Turns(self.core)
        self.letters = Letters(self.core)
        self.people = People(self.core)

    async def open(self) -> None:
        """Opens and migrates the database now, so that a fault shows at once."""
        await asyncio.to_thread(self.core.ledger.engine)

    async def close(self) -> None:
        """Ends after what was begun, and gives the connections back."""
        await asyncio.to_thread(self.core.ledger.close)

    async def accept(
        self,
        channel: str,
        conversation: str,
        platform_message_id: str,
        kind: Kind,
        body: dict[str, Any],
        received_at: float | None = None,
        within: float = inf,
    ) -> Accepted:
        """Keeps a message: when this returns, it is committed and will be answered.

        ``body``: ``{"text": …}``, ``{"payload": "intent?key=value"}`` or ``{"event": …}`` by ``kind``.
        ``received_at``: when the person sent it, seconds since 1970; now when not known. The same
        ``platform_message_id`` again on this channel is counted and not answered again. ``within``: after so
        many seconds it is not kept any more, since whoever sent it was told so.

        Raises:
            DatabaseError: it was not kept.
            ValueError: the conversation's id cannot be kept (empty, over 160 characters, spaces).
        """
        check_conversation(conversation)
        core = self.core
        wait = core.rhythm_of(channel).quiet if kind == "text" else 0.0
        give_up = time.monotonic() + within

        def work(connection: Connection, now: float) -> Accepted:
            if time.monotonic() > give_up:
                raise locked()
            return inbox.accept(
                connection,
                now,
                channel=channel,
                conversation=conversation,
                platform_message_id=_platform_id(platform_message_id),
                kind=kind,
                body=body,
                received_at=now if received_at is None else received_at,
                due_at=now + wait,
                home=core.owner if channel in PULL else None,
            )

        # Nobody is told that we have a web message before its answer is there.
        accepted = await core.run(work, durable=channel not in PULL, conversation=conversation)
        core.metrics.accepted(channel, accepted.new)
        if accepted.new:
            core.inbox_alarm.ring(wait)
        return accepted

    async def wait(self, inbox_id: int, within: float) -> Outcome:
        """Where a message stands once it is settled, or after ``within`` seconds, settled or not.

        Its replies are handed over with this: nothing sends them after.
        """
        core, give_up = self.core, time.monotonic() + within
        waiter = core.waiters.setdefault(inbox_id, asyncio.get_running_loop().create_future())
        try:
            while (left := give_up - time.monotonic()) > 0:
                done, _ = await asyncio.wait([waiter], timeout=min(PEEK_SECONDS, left))
                if done:
                    return waiter.result()
                # Another gateway may have answered it.
                if (found := await core.run(inbox.outcome, inbox_id, durable=False)).final:
                    return found
            return await core.run(inbox.outcome, inbox_id, durable=False)
        finally:
            core.waiters.pop(inbox_id, None)

    async def withdraw(self, inbox_id: int, reason: str) -> bool:
        """Takes back a message that still waits, so that it is not answered behind somebody's back."""
        return await self.core.run(inbox.withdraw, inbox_id, reason)

    async def waiting_in(self, conversation: str) -> int:
        """How many messages of a conversation are not settled."""
        return await self.core.ledger.run(lambda c: inbox.waiting_in(c, conversation), durable=False)

    async def figures(self) -> Figures:
        """Lengths and ages of the queues, dead letters; the metrics show them from now on."""
        figures = await self.core.run(read_figures, durable=False)
        self.core.metrics.show(figures)
        return figures


def check_conversation(conversation: str) -> None:
    """Raises ValueError when this cannot be the id of a conversation."""
    if not _CONVERSATION.fullmatch(conversation):
        raise ValueError("a conversation's id has 1 to 160 characters, none of them a space")


def _platform_id(given: str) -> str:
    """A platform's id as it is kept; one that is too long or holds what no database can, by its hash."""
    if 0 < len(given) <= LONGEST_PLATFORM_ID and given.isprintable():
        return given
    return "sha256:" + hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
