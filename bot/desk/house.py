"""What has to happen although nobody looks: taking in, idle conversations, staff in other tools."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.desk import idle, intake
from bot.desk.desk import Desk
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
EVERY_SECONDS = 2.0
AFTER_FAILURE = 15.0


async def keep(desk: Desk) -> None:
    """One round. Several gateways may do it at once."""
    store = desk.store
    await store.write(intake.take_in)
    if await store.write(idle.follow_staff, desk.speech) + await store.write(idle.settle, desk.speech):
        store.mailbox.core.ring_outboxes()


@asynccontextmanager
async def keeping_house(desk: Desk) -> AsyncIterator[None]:
    """Rounds as long as the block lasts."""
    task = asyncio.create_task(_for_ever(desk))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _for_ever(desk: Desk) -> None:
    while True:
        wait = EVERY_SECONDS
        try:
            await keep(desk)
        except DatabaseError as error:
            log.error("desk: %s", error)
            wait = AFTER_FAILURE
        await asyncio.sleep(wait)
