"""Sends replies to people on Telegram; see :class:`bot.mailbox.Sender`."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, TelegramError

from bot.channels.cutting import cut
from bot.channels.errors import PlatformAway
from bot.channels.outside import Remembered, fetch_form
from bot.channels.telegram.client import chat_id
from bot.channels.telegram.faults import bad_button, cannot_parse, send_error
from bot.channels.telegram.render import LONGEST_CAPTION, Part, link_to_form, render, without_links
from bot.channels.telegram.updates import CHANNEL
from bot.channels.words import Words
from bot.mailbox import Limits, Reply, Sent

log = logging.getLogger(__name__)
# One message a second to one person, 30 a second in all; 20 a minute to a group.
PEOPLE = Limits(per_second=29, gap=1.0)
GROUPS = Limits(per_second=5, gap=3.0)
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)
# What Telegram calls a file is good for as long as the bot is; forms change more often.
FILE_SECONDS = 86_400.0
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """``parts`` and ``send`` as :class:`bot.mailbox.Postman` asks for them, for people or for groups."""

    def __init__(
        self, bot: Bot, http: httpx.AsyncClient, words: Words, channel: str = CHANNEL, limits: Limits = PEOPLE
    ) -> None:
        self.channel, self.limits = channel, limits
        self._bot, self._http, self._words = bot, http, words
        self._uploaded: Remembered[str] = Remembered()

    def parts(self, reply: Reply) -> Sequence[Part]:
        return render(reply, self._words)

    async def send(self, conversation: str, part: Part) -> Sent:
        """Hands one part to Telegram.

        Raises:
            Retry, Refused: with the reason in words.
        """
        chat = chat_id(conversation)
        try:
            try:
                return await self._part(chat, part)
            except ChatMigrated as moved:
                return await self._part(moved.new_chat_id, part)
        except TelegramError as error:
            raise send_error(error) from None

    async def _part(self, chat: int, part: Part) -> Sent:
        if "form" in part:
            return await self._form(chat, part["form"])
        if "place" in part:
            place = part["place"]
            return await sent_by(self._bot.send_location(chat, place["latitude"], place["longitude"]))
        return await send_text(self._bot, chat, part)

    async def _form(self, chat: int, form: dict[str, Any]) -> Sent:
        """A form's file, or its address where the file cannot be had."""
        url, now = form["url"], time.time()
        known = self._uploaded.get(url, now)
        caption = cut(form["title"], LONGEST_CAPTION)[0]
        try:
            document: str | InputFile
            if known is None:
                file = await fetch_form(self._http, url)
                document = InputFile(file.data, filename=file.name)
            else:
                document = known

            def remember(message: Message) -> None:
                if message.document is not None:
                    self._uploaded.put(url, message.document.file_id, now + FILE_SECONDS)

            return await sent_by(self._bot.send_document(chat, document, caption=caption), remember)
        except (PlatformAway, BadRequest) as error:
            log.warning("telegram: a form is sent as a link: %s", type(error).__name__)
            self._uploaded.forget(url)
            return await send_text(self._bot, chat, link_to_form(form["title"], url, self._words))


async def send_text(bot: Bot, chat: int, part: Part, thread: int | None = None) -> Sent:
    """As HTML with buttons; plain, or without addresses in buttons, where Telegram wants it so.

    ``thread``: the topic of a forum. Raises TelegramError.
    """
    formatted = True
    for _ in range(2):
        try:
            return await _message(bot, chat, part, formatted, thread)
        except BadRequest as error:
            if formatted and cannot_parse(error):
                formatted = False
            elif bad_button(error) and (simpler := without_links(part)) != part:
                part = simpler
            else:
                raise
    return await _message(bot, chat, part, formatted, thread)


async def _message(bot: Bot, chat: int, part: Part, formatted: bool, thread: int | None) -> Sent:
    keyboard = part.get("keyboard")
    rows = [[InlineKeyboardButton(**button) for button in row] for row in keyboard or ()]
    return await sent_by(
        bot.send_message(
            chat,
            part["html"] if formatted else part["text"],
            parse_mode=ParseMode.HTML if formatted else None,
            reply_markup=InlineKeyboardMarkup(rows) if rows else None,
            link_preview_options=_NO_PREVIEW,
            message_thread_id=thread,
        )
    )


async def sent_by(call: Awaitable[Message], then: Callable[[Message], None] = lambda _: None) -> Sent:
    """What Telegram took. An answer that is not read is one all the same: nothing is sent twice for it."""
    try:
        message = await call
    except _UNREADABLE as error:
        log.warning("telegram: its answer to a message cannot be read: %s", type(error).__name__)
        return Sent(("",))
    then(message)
    return Sent((str(message.message_id),))
