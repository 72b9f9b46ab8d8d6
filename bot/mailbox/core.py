"""What the parts of the mailbox share: the database, the clock, this process's name, who waits for what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import Connection

from bot.mailbox import outbox
from bot.mailbox.alarm import Alarm
from bot.mailbox.burst import AT_ONCE, Rhythm
from bot.mailbox.ledger import Ledger
from bot.mailbox.metrics import Metrics
from bot.mailbox.model import Outcome
from bot.mailbox.privacy import EngineFiles

T = TypeVar("T")
# Channels whose replies are fetched by the one who asked, within the same call.
PULL = frozenset({"web"})


@dataclass
class Core:
    """Shared by :class:`Mailbox` and its parts; ``owner`` is this process's name on its leases.

    ``held``, ``held_letters``: what this process works on right now, whose leases it renews: turns as
    (conversation, token), letters as (id, attempt) with the moment (``time.monotonic()``) until which each
    is surely its own.
    """

    ledger: Ledger
    files: EngineFiles
    rhythm: Rhythm
    clock: Callable[[Connection], float]
    metrics: Metrics
    owner: str = field(default_factory=lambda: uuid4().hex)
    waiters: dict[int, asyncio.Future[Outcome]] = field(default_factory=dict)
    held: set[tuple[str, str]] = field(default_factory=set)
    held_letters: dict[tuple[int, int], float] = field(default_factory=dict)
    inbox_alarm: Alarm = field(default_factory=Alarm)
    outbox_alarms: dict[str, Alarm] = field(default_factory=dict)

    async def run(
        self, work: Callable[..., T], *args: Any, durable: bool = True, conversation: str | None = None
    ) -> T:
        """``work(connection, now, *args)`` in a transaction of its own; see :meth:`Ledger.run`."""
        return await self.ledger.run(lambda c: work(c, self.clock(c), *args), durable, conversation)

    def renewed(self, begun: float) -> None:
        """Leases were renewed at ``begun`` (``time.monotonic()``): what had not run out by then is kept."""
        for key, until in self.held_letters.items():
            if until > begun:
                self.held_letters[key] = max(until, begun + outbox.LEASE_SECONDS)

    def rhythm_of(self, channel: str) -> Rhythm:
        return AT_ONCE if channel in PULL else self.rhythm

    def ring_outboxes(self, channel: str | None = None) -> None:
        """Tells the senders of this process that there is something to do."""
        for name, alarm in self.outbox_alarms.items():
            if channel in (None, name):
                alarm.ring()
