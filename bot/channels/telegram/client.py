"""The bot of python-telegram-bot as we use it, and the small courtesies that may fail."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable
from typing import NamedTuple

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.channels.outside import Remembered, connections, is_loopback, tls
from bot.mailbox import Mailbox
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
CONNECTIONS = 64
ANSWER_WITHIN = 20.0
COURTESY_WITHIN = 10.0
# Telegram shows "typing" for five seconds.
TYPING_SECONDS = 4.0


class OurBot(NamedTuple):
    """The bot, and its connections: it closes them by itself only once it has asked who it is."""

    bot: Bot
    requests: tuple[HTTPXRequest, HTTPXRequest]

    async def close(self) -> None:
        for request in self.requests:
            await request.shutdown()


def build_bot(token: str, api_url: str) -> OurBot:
    """The bot; nothing is contacted yet. ``api_url``: ``MOTCUA_TELEGRAM_API_URL``."""
    # The library's own switch to durations of one type; without it each 429 is a deprecation warning.
    os.environ.setdefault("PTB_TIMEDELTA", "true")

    def request(most: int) -> HTTPXRequest:
        client = {"trust_env": not is_loopback(api_url), "verify": tls(), "limits": connections(most)}
        return HTTPXRequest(
            connection_pool_size=most,
            read_timeout=ANSWER_WITHIN,
            write_timeout=ANSWER_WITHIN,
            connect_timeout=5.0,
            pool_timeout=5.0,
            httpx_kwargs=client,
        )

    sending, polling = request(CONNECTIONS), request(2)
    bot = Bot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=sending,
        get_updates_request=polling,
    )
    return OurBot(bot, (sending, polling))


class Courtesies:
    """What is sent beside the mailbox, and lost when it fails: "typing …", the end of a button's clock."""

    def __init__(self, bot: Bot, mailbox: Mailbox) -> None:
        self._bot, self._mailbox = bot, mailbox
        self._tasks: set[asyncio.Task[None]] = set()
        self._typed: Remembered[bool] = Remembered()

    def answer_tap(self, callback_query_id: str, told: str = "") -> None:
        """Telegram's client shows a clock on a tapped button until it is answered; ``told`` is shown then."""
        self._begin(self._bot.answer_callback_query(callback_query_id, told or None, show_alert=bool(told)))

    def typing(self, conversation: str) -> None:
        """Shows that an answer is on its way, unless a person answers there."""
        now = time.monotonic()
        if self._typed.get(conversation, now):
            return
        self._typed.put(conversation, True, now + TYPING_SECONDS)
        self._begin(self._typing(conversation))

    async def _typing(self, conversation: str) -> None:
        known = await self._mailbox.people.conversation(conversation)
        if known is None or known.paused or (known.silent_until or 0.0) > time.time():
            return
        await self._bot.send_chat_action(chat_id(conversation), ChatAction.TYPING)

    def _begin(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(self._quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, work: Awaitable[object]) -> None:
        try:
            async with asyncio.timeout(COURTESY_WITHIN):
                await work
        except (TelegramError, DatabaseError, TimeoutError) as error:
            log.debug("telegram: a courtesy failed: %s", type(error).__name__)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def chat_id(conversation: str) -> int:
    """``telegram:123`` → 123."""
    return int(conversation.partition(":")[2])
