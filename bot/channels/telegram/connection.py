"""The bot's standing with Telegram: who it is, its commands, and how updates come to us.

Polling: an update is confirmed, by asking for what comes after it, only when the mailbox has it.
Webhook: Telegram is told our address, when ``MOTCUA_PUBLIC_URL`` is set.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from random import uniform

import msgspec
from telegram import Bot, BotCommand
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.faults import seconds
from bot.channels.telegram.reception import Reception
from bot.channels.telegram.updates import ALLOWED, Me, Update
from bot.channels.words import Words
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
PATH = "/webhooks/telegram"
POLL_SECONDS = 25
MOST_CONNECTIONS = 40
CONFLICT_PAUSE, TOKEN_PAUSE, DATABASE_PAUSE = 5.0, 60.0, 1.0
LONGEST_PAUSE = 30.0


@dataclass
class Connection:
    """``hook``: (public address, secret) in webhook mode, None for polling."""

    bot: Bot
    reception: Reception
    words: Words
    hook: tuple[str | None, str] | None

    async def run(self) -> None:
        """Introduces the bot, then polls for ever, or sees to the webhook once. Never ends by a fault."""
        await self._surely("getMe", self._introduce)
        async with asyncio.TaskGroup() as beside:
            beside.create_task(self._tell_commands())
            await self._receive()

    async def _receive(self) -> None:
        if self.hook is None:
            await self._surely("deleteWebhook", self.bot.delete_webhook)
            await self._poll()
        elif self.hook[0] is None:
            log.warning("telegram: MOTCUA_PUBLIC_URL is not set, so Telegram is not told our address")
        else:
            await self._surely("setWebhook", self._set_webhook)

    async def _introduce(self) -> None:
        await self.bot.initialize()
        self.reception.me = Me(self.bot.id, self.bot.username or "")
        log.info("telegram: connected, %s", "polling" if self.hook is None else "webhook")

    async def _tell_commands(self) -> None:
        """Telegram shows the commands as a list; without it they work all the same."""
        rows = [BotCommand(name, words) for name, words in self.words["commands"].items()]
        for failures in count(1):
            try:
                await self.bot.set_my_commands(rows)
                return
            except (BadRequest, InvalidToken) as error:
                log.warning("telegram: the list of commands is not taken: %s", type(error).__name__)
                return
            except TelegramError as error:
                await self._pause("setMyCommands", error, failures)

    async def _set_webhook(self) -> None:
        assert self.hook is not None
        address, secret = self.hook
        await self.bot.set_webhook(
            f"{address}{PATH}",
            secret_token=secret,
            allowed_updates=ALLOWED,
            max_connections=MOST_CONNECTIONS,
        )
        log.info("telegram: the webhook is set")

    async def _surely(self, name: str, call: Callable[[], Awaitable[object]]) -> None:
        failures = 0
        while True:
            try:
                await call()
                return
            except TelegramError as error:
                failures += 1
                await self._pause(name, error, failures)

    async def _poll(self) -> None:
        offset: int | None = None
        failures = 0
        while True:
            try:
                found = await self.bot.get_updates(
                    offset=offset, timeout=POLL_SECONDS, allowed_updates=ALLOWED
                )
            except TelegramError as error:
                failures += 1
                await self._pause("getUpdates", error, failures)
                continue
            failures = 0
            if not found:
                continue
            try:
                await self.reception.take_all([u for u in map(_read, found) if u is not None])
            except DatabaseError as error:
                # Not confirmed: the same updates come again.
                log.error("mailbox: %s", error)
                await asyncio.sleep(DATABASE_PAUSE)
                continue
            offset = found[-1].update_id + 1

    async def _pause(self, name: str, error: TelegramError, failures: int) -> None:
        if isinstance(error, InvalidToken):
            log.error("telegram: MOTCUA_TELEGRAM_TOKEN is refused (%s)", name)
            await asyncio.sleep(TOKEN_PAUSE)
        elif isinstance(error, Conflict):
            log.warning("telegram: somebody else polls with this token, or it has a webhook")
            await asyncio.sleep(CONFLICT_PAUSE)
        elif isinstance(error, RetryAfter):
            await asyncio.sleep(seconds(error.retry_after))
        else:
            if failures in (1, 10, 100):
                log.warning("telegram: %s failed: %s", name, type(error).__name__)
            await asyncio.sleep(min(LONGEST_PAUSE, 0.5 * 2 ** min(failures, 10)) * uniform(0.75, 1.25))


def _read(update: object) -> Update | None:
    """An update of the library's as ours; None when it cannot be read, which is skipped for good."""
    try:
        return msgspec.json.decode(update.to_json(), type=Update)  # type: ignore[attr-defined]
    except msgspec.ValidationError:
        log.warning("telegram: an update cannot be read and is left out")
        return None
