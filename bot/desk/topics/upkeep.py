"""Keeps the group in step with the desk, for as long as the gateway runs."""

from __future__ import annotations

import asyncio
import logging

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.desk.desk import Desk
from bot.desk.topics.mirror import CHANNEL, Mirror, forget, orphans
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
EVERY_SECONDS = 2.0
AFTER_FAILURE = 15.0


class Upkeep:
    """Several gateways may do it at once."""

    def __init__(self, chat: int, desk: Desk, bot: Bot) -> None:
        self._chat, self._desk, self._bot = chat, desk, bot
        self._mirror = Mirror(desk.words)

    async def run(self) -> None:
        """Never ends by itself."""
        while True:
            wait = EVERY_SECONDS
            try:
                await self.once()
            except DatabaseError as error:
                log.error("telegram: %s", error)
                wait = AFTER_FAILURE
            except TelegramError as error:
                log.warning("telegram: a topic cannot be deleted now: %s", type(error).__name__)
                wait = AFTER_FAILURE
            await asyncio.sleep(wait)

    async def once(self) -> None:
        store = self._desk.store
        if await store.write(self._mirror):
            store.mailbox.core.ring_outboxes(CHANNEL)
        for case_id, thread in await store.read(orphans):
            if thread is not None:
                try:
                    await self._bot.delete_forum_topic(self._chat, thread)
                except BadRequest as error:
                    log.info("telegram: the topic of case %d was gone: %s", case_id, type(error).__name__)
            await store.write(forget, case_id)
