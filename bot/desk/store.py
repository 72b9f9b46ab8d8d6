"""The desk's way to the database: writes go through the mailbox's ledger, reads beside it.

A write is one transaction together with what it does to the mailbox, so that an answer is marked as
given exactly when it is in the outbox. Reads take connections of their own: a page that is asked for
every few seconds must not hold up messages.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Engine

from bot.desk.migrations import migrate
from bot.mailbox import Mailbox
from dossiers.database import MIGRATION_LOCK, explained

T = TypeVar("T")
# Any fixed number does, other than the ones that dossiers and the mailbox take.
_LOCK = MIGRATION_LOCK + 2


class Store:
    """Opens and migrates with the first piece of work that can. ``now`` is in seconds since 1970.

    Every call raises ``DatabaseError`` when the database cannot be used now.
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self._ready = False
        self._opening = threading.Lock()

    async def read(self, work: Callable[..., T], *args: Any) -> T:
        """``work(connection, now, *args)`` in a transaction that only reads."""
        return await asyncio.to_thread(self.read_now, work, *args)

    async def write(self, work: Callable[..., T], *args: Any) -> T:
        """``work(connection, now, *args)`` in a transaction, kept when this returns."""
        await asyncio.to_thread(self.open)
        return await self.mailbox.core.run(work, *args)

    def open(self) -> Engine:
        """The engine of the migrated database. Blocks."""
        engine = self.mailbox.core.ledger.engine()
        with self._opening:
            if not self._ready:
                migrate_desk(engine)
                self._ready = True
        return engine

    def read_now(self, work: Callable[..., T], *args: Any) -> T:
        """Like :meth:`read`, for a thread of its own. Blocks."""
        engine = self.open()
        with explained(engine), engine.connect() as connection:
            return work(connection, self.mailbox.core.clock(connection), *args)


def migrate_desk(engine: Engine) -> None:
    """Brings the desk's tables up to date; several processes may call it at once."""
    with explained(engine), engine.connect() as connection:
        connection = connection.execution_options(sqlite_begin="IMMEDIATE")
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            migrate(connection)
