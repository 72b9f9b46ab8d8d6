"""python-telegram-bot talks to the fake as it talks to Telegram, with nothing patched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import Application, MessageHandler, filters

from bot.channels.telegram.client import build_bot
from tests.bot.channels import fake_telegram
from tests.bot.channels.fake_telegram import FakeTelegram, message

CHAT, GROUP = 5_000_000_001, -1_001_234


@pytest.fixture
def play(telegram_url: str) -> Callable[..., None]:
    def run(scene: Callable[[Bot], Awaitable[Any]], token: str = fake_telegram.TOKEN) -> None:
        async def whole() -> None:
            ours = build_bot(token, telegram_url)
            try:
                await scene(ours.bot)
            finally:
                await ours.close()

        asyncio.run(whole())

    return run


def test_messages_are_sent_edited_and_copied(play: Any, telegram: FakeTelegram) -> None:
    async def scene(bot: Bot) -> None:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Có", callback_data="affirm")]])
        sent = await bot.send_message(CHAT, "<b>Chào</b>", parse_mode="HTML", reply_markup=keyboard)
        assert sent.text == "Chào"
        edited = await bot.edit_message_text("Tạm biệt", CHAT, sent.message_id)
        assert not isinstance(edited, bool) and edited.text == "Tạm biệt"
        await bot.edit_message_reply_markup(CHAT, sent.message_id, reply_markup=keyboard)
        assert (await bot.copy_message(GROUP, CHAT, sent.message_id)).message_id == 4

    play(scene)
    assert next(name for name, _ in telegram.sent) == "sendMessage"


def test_topics_are_made_renamed_closed_and_deleted(play: Any, telegram: FakeTelegram) -> None:
    async def scene(bot: Bot) -> None:
        topic = await bot.create_forum_topic(GROUP, "Chị Lan")
        thread = topic.message_thread_id
        assert await bot.edit_forum_topic(GROUP, thread, name="Xong")
        assert await bot.close_forum_topic(GROUP, thread) and await bot.reopen_forum_topic(GROUP, thread)
        assert await bot.delete_forum_topic(GROUP, thread)
        with pytest.raises(BadRequest, match="thread not found"):
            await bot.close_forum_topic(GROUP, thread)

    play(scene)


def test_it_refuses_what_telegram_refuses(play: Any, telegram: FakeTelegram) -> None:
    telegram.blocked.add(7)

    async def scene(bot: Bot) -> None:
        data = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="é" * 33)]])
        refusals: list[tuple[type[Exception], str, Callable[[], Awaitable[Any]]]] = [
            (Forbidden, "blocked", lambda: bot.send_message(7, "x")),
            (BadRequest, "too long", lambda: bot.send_message(CHAT, "x" * 4097)),
            (
                BadRequest,
                "(?i)can't parse entities",
                lambda: bot.send_message(CHAT, "<x>", parse_mode="HTML"),
            ),
            (BadRequest, "text is empty", lambda: bot.send_message(CHAT, " ")),
            (
                BadRequest,
                "(?i)button_data_invalid",
                lambda: bot.send_message(CHAT, "x", reply_markup=data),
            ),
            (BadRequest, "(?i)https url", lambda: bot.set_webhook("http://x.vn")),
        ]
        for kind, words, call in refusals:
            with pytest.raises(kind, match=words):
                await call()
        telegram.faults.extend([429, 500])
        with pytest.raises(RetryAfter):
            await bot.send_message(CHAT, "x")
        with pytest.raises(NetworkError):
            await bot.send_message(CHAT, "x")
        await bot.set_webhook("https://x.vn/hook")
        assert (await bot.get_webhook_info()).url == "https://x.vn/hook"
        with pytest.raises(Conflict):
            await bot.get_updates()

    async def wrong(bot: Bot) -> None:
        with pytest.raises(InvalidToken):
            await bot.get_me()

    play(scene)
    play(wrong, token="1:AAwrong")


def test_an_application_of_the_library_polls_it(telegram: FakeTelegram, telegram_url: str) -> None:
    for number in range(3):
        telegram.put(telegram.update(message=message(CHAT, number, text=f"câu {number}")))

    async def whole() -> None:
        base = f"{telegram_url}/bot"
        application = Application.builder().token(fake_telegram.TOKEN).base_url(base).build()

        async def echo(update: Update, context: Any) -> None:
            assert update.message is not None and update.message.text
            await update.message.reply_text(update.message.text)

        application.add_handler(MessageHandler(filters.TEXT, echo))
        async with application:
            assert application.updater is not None
            await application.start()
            await application.updater.start_polling(poll_interval=0.01)
            async with asyncio.timeout(90):
                while len(telegram.sent) < 3:
                    await asyncio.sleep(0.02)
            await application.updater.stop()
            await application.stop()

    asyncio.run(whole())
    assert telegram.texts(CHAT) == ["câu 0", "câu 1", "câu 2"]
    assert telegram.waiting == []
