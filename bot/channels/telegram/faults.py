"""What Telegram's refusals mean for a letter."""

from __future__ import annotations

from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.mailbox import Refused, Retry, SendError

_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# Parts of descriptions (lower case) → (nothing else reaches this person either, words).
_REFUSALS: dict[str, tuple[bool, str]] = {
    "chat not found": (True, "the chat is gone"),
    "user is deactivated": (True, "the account was deleted"),
    "peer_id_invalid": (True, "the chat is gone"),
    "not enough rights": (True, "we may not write there"),
    "have no rights": (True, "we may not write there"),
    "need administrator rights": (True, "we may not write there"),
    "message is too long": (False, "it is longer than Telegram takes"),
    "message text is empty": (False, "there is no text in it"),
}
CANNOT_PARSE = "can't parse entities"
_BAD_BUTTON = ("button_", "wrong http url", "inline keyboard", "url host is empty", "reply_markup")


def cannot_parse(error: BadRequest) -> bool:
    """Telegram cannot read our HTML: the plain form goes."""
    return CANNOT_PARSE in error.message.lower()


def bad_button(error: BadRequest) -> bool:
    """Telegram dislikes an address in a button, and with it the whole message."""
    return any(part in error.message.lower() for part in _BAD_BUTTON)


def seconds(value: float | timedelta) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def send_error(error: TelegramError) -> SendError:
    """The error to raise. Telegram's own words are left out: they may quote the message or the token."""
    if isinstance(error, RetryAfter):
        return Retry("Telegram asks for a pause", seconds(error.retry_after), everyone=True)
    if isinstance(error, Forbidden):
        return Refused("this person has blocked the bot", blocked=True)
    if isinstance(error, InvalidToken):
        return Refused("MOTCUA_TELEGRAM_TOKEN is refused", permanent=False)
    if isinstance(error, BadRequest):
        found = (known for part, known in _REFUSALS.items() if part in error.message.lower())
        blocked, words = next(found, (False, "Telegram refuses it as it is (400)"))
        return Refused(words, blocked=blocked)
    if isinstance(error, NetworkError):
        return _network(error)
    if isinstance(error, Conflict):
        return Retry("Telegram answered with a conflict")
    return Retry("Telegram gave an answer that is not its own", in_doubt=True)


def _network(error: NetworkError) -> Retry:
    cause = error.__cause__
    if isinstance(cause, _BEFORE_SENDING):
        return Retry(f"Telegram cannot be reached ({type(cause).__name__})")
    if isinstance(cause, httpx.HTTPError) or isinstance(error, TimedOut):
        return Retry(f"Telegram gave no answer ({type(cause or error).__name__})", in_doubt=True)
    in_doubt = "gateway timeout" in error.message.lower()
    return Retry("Telegram has a fault of its own", in_doubt=in_doubt)
