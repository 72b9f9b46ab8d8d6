"""Files that people sent, as they lie with Telegram."""

from __future__ import annotations

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.errors import PlatformAway

# What Telegram hands to a bot; more is refused by it.
LARGEST = 20 * 1024 * 1024


async def fetch(bot: Bot, file_id: str) -> bytes:
    """A file's content.

    Raises:
        PlatformAway: Telegram does not hand it out, or not now.
    """
    try:
        file = await bot.get_file(file_id)
        if (file.file_size or 0) > LARGEST:
            raise PlatformAway("the file is too large")
        return bytes(await file.download_as_bytearray())
    except TelegramError as error:
        raise PlatformAway(f"Telegram does not hand out a file ({type(error).__name__})") from None
