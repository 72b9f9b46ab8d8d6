"""Sends a topic's letters into the group; a topic that was deleted is made again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from html import escape

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.client import chat_id
from bot.channels.telegram.faults import send_error
from bot.channels.telegram.render import Part, render
from bot.channels.telegram.sender import send_text, sent_by
from bot.channels.words import Words
from bot.desk.desk import Desk
from bot.desk.topics.mirror import CHANNEL, keep_thread, topic_of
from bot.mailbox import Limits, Refused, Reply, Retry, Sent
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
# 20 messages a minute into one group, whatever the topic.
LIMITS = Limits(per_second=1 / 3, burst=10)
_GONE = ("thread not found", "topic_deleted", "topic_id_invalid")


class TopicSender:
    """``parts`` and ``send`` as :class:`bot.mailbox.Postman` asks for them; conversations are cases."""

    channel = CHANNEL
    limits = LIMITS

    def __init__(self, chat: int, desk: Desk, bot: Bot, words: Words) -> None:
        self._chat, self._desk, self._bot, self._words = chat, desk, bot, words

    def parts(self, reply: Reply) -> Sequence[Part]:
        """The text, then each file that a citizen sent (``{"file": {"file_id" or "url", "image"?}}``)."""
        return [*render(reply, self._words), *({"file": file} for file in reply.get("files") or ())]

    async def send(self, conversation: str, part: Part) -> Sent:
        """Hands one part to Telegram.

        Raises:
            Retry, Refused: with the reason in words.
        """
        case_id = chat_id(conversation)
        try:
            for _ in range(2):
                thread = await self._thread(case_id)
                try:
                    return await self._part(thread, part)
                except BadRequest as error:
                    if not _gone(error):
                        raise
                    log.warning("telegram: the topic of case %d is gone and is made again", case_id)
                    await self._desk.store.write(keep_thread, case_id, None)
        except TelegramError as error:
            raise send_error(error) from None
        except DatabaseError as error:
            log.error("telegram: %s", error)
            raise Retry("the database is away") from None
        raise Refused("the topic is gone again", permanent=False)

    async def _thread(self, case_id: int) -> int:
        store, words = self._desk.store, self._desk.words
        thread, channel = await store.read(topic_of, case_id)
        if thread is None:
            name = words.say("topics.name", number=case_id, channel=words["channels"].get(channel, channel))
            thread = (await self._bot.create_forum_topic(self._chat, name[:128])).message_thread_id
            await store.write(keep_thread, case_id, thread)
        return thread

    async def _part(self, thread: int, part: Part) -> Sent:
        if "file" not in part:
            return await send_text(self._bot, self._chat, part, thread)
        file = part["file"]
        source = file.get("file_id") or file["url"]
        send = self._bot.send_photo if file.get("image") else self._bot.send_document
        try:
            return await sent_by(send(self._chat, source, message_thread_id=thread))
        except BadRequest as error:
            if _gone(error):
                raise
            # Not what it was said to be, or out of Telegram's reach: where it is says as much.
            told = file.get("url") or self._desk.words.say("script.file")
            return await send_text(self._bot, self._chat, {"text": told, "html": escape(told)}, thread)


def _gone(error: BadRequest) -> bool:
    return any(sign in error.message.lower() for sign in _GONE)
