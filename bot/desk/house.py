"""What has to happen although nobody looks: taking in, idle conversations, staff in other tools."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from bot.desk import idle, intake
from bot.desk.desk import Desk
from bot.desk.errors import Refusal
from bot.desk.learned import write_learned
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
EVERY_SECONDS = 2.0
AFTER_FAILURE = 15.0
# So many rounds.
LEARNED_EVERY = 30


async def keep(desk: Desk) -> None:
    """One round. Several gateways may do it at once."""
    store = desk.store
    await store.write(intake.take_in)
    if await store.write(idle.follow_staff, desk.speech) + await store.write(idle.settle, desk.speech):
        store.mailbox.core.ring_outboxes()


async def keep_learned(desk: Desk) -> None:
    """Writes what was approved where it could not be written then, or by another machine."""
    try:
        await write_learned(desk)
    except Refusal as refusal:
        log.error("desk: %s cannot be written", refusal.facts["path"])


@asynccontextmanager
async def keeping_house(desk: Desk | None) -> AsyncIterator[None]:
    """Rounds as long as the block lasts; none without a desk."""
    if desk is None:
        yield
        return
    task = asyncio.create_task(_for_ever(desk))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        desk.opened.close()


async def _for_ever(desk: Desk) -> None:
    for round_ in count():
        wait = EVERY_SECONDS
        try:
            await keep(desk)
            if round_ % LEARNED_EVERY == 0:
                await keep_learned(desk)
        except DatabaseError as error:
            log.error("desk: %s", error)
            wait = AFTER_FAILURE
        await asyncio.sleep(wait)
