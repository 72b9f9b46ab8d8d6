"""``motcua doctor`` for the channels: asks each platform, and says what to do about each fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import httpx
from telegram import Bot, WebhookInfo
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from bot.channels.channels import (
    TELEGRAM_PATH,
    ZALO_NEEDS,
    ZALO_PATH,
    ZALO_RENEWS,
    zalo_tokens,
)
from bot.channels.errors import ChannelError
from bot.channels.outside import http_client, is_loopback, quiet_libraries
from bot.channels.telegram.client import build_bot
from bot.channels.words import day
from bot.channels.zalo.client import NotAnAnswer, Said, ZaloApi
from bot.channels.zalo.faults import FAULTS, TOKEN_CODES
from bot.channels.zalo.tokens import Tokens
from bot.mailbox import Mailbox
from bot.settings import PREFIX, Settings
from dossiers.errors import DatabaseError
from procedures_catalog.centre import VIET_NAM

ASK_WITHIN = 8.0
_DOCS = "see docs/channels.md"


@dataclass(frozen=True)
class Finding:
    """What was found on one subject; ``advice`` says what to do about a fault."""

    subject: str
    state: Literal["ok", "note", "fault"]
    words: str
    advice: str = ""


def check(settings: Settings) -> list[Finding]:
    """What is right and what is not about Zalo and Telegram. Asks the platforms, for some seconds at most;
    renews Zalo's token if it has run out, as the gateway would."""

    async def everything() -> list[Finding]:
        quiet_libraries()
        return [f for part in (_zalo(settings), _telegram(settings)) async for f in part]

    return asyncio.run(everything())


async def _zalo(settings: Settings) -> AsyncIterator[Finding]:
    missing = [PREFIX + name.upper() for name in ZALO_NEEDS if getattr(settings, name) is None]
    renews = [PREFIX + name.upper() for name in ZALO_RENEWS if getattr(settings, name) is None]
    if len(missing) + len(renews) == len(ZALO_NEEDS) + len(ZALO_RENEWS):
        yield Finding("zalo", "note", "not set up", f"set MOTCUA_ZALO_… to use it; {_DOCS}")
        return
    if missing:
        yield Finding("zalo", "fault", "set up in part", f"still missing: {', '.join(missing)}")
        return
    if renews:
        advice = f"set {' and '.join(renews)}; else messages stop when the token runs out"
        yield Finding("zalo", "note", "the access token cannot be renewed", advice)
    mailbox = Mailbox(settings.database, settings.var)
    try:
        tokens = zalo_tokens(mailbox, settings)
        yield await _account(settings, tokens)
        kept = await tokens.look()
        if kept.failure:
            advice = f"if it stays, get a new pair of tokens and put it into .env; {_DOCS}"
            yield Finding("zalo", "note", f"the last renewal of the token failed: {kept.failure}", advice)
        elif not renews:
            until = datetime.fromtimestamp(kept.half_life, VIET_NAM)
            yield Finding("zalo", "ok", f"the token is renewed from {until:%H:%M} on {day(until)}")
        await tokens.close()
    except DatabaseError as error:
        yield Finding(
            "zalo", "fault", f"its token cannot be read: {error}", "see the finding on the database"
        )
    finally:
        await mailbox.close()
    yield await _hook(settings, "zalo", ZALO_PATH, 200)


async def _account(settings: Settings, tokens: Tokens) -> Finding:
    async with http_client(settings.zalo_api_url, ASK_WITHIN) as http:
        api = ZaloApi(http, settings.zalo_api_url)
        try:
            token = await tokens.access_token()
            said = await api.profile(token)
            if said.code in TOKEN_CODES:
                said = await api.profile(await tokens.another(token))
        except ChannelError as error:
            advice = f"get a new pair of tokens and put it into .env; {_DOCS}"
            return Finding("zalo", "fault", f"the access token is refused, and: {error}", advice)
        except NotAnAnswer as error:
            return Finding("zalo", "note", f"{settings.zalo_api_url} answers, but not as Zalo ({error})")
        except httpx.HTTPError as error:
            advice = "is this machine allowed to reach it? (firewall, proxy)"
            words = f"{settings.zalo_api_url} cannot be reached ({type(error).__name__})"
            return Finding("zalo", "fault", words, advice)
    return _profile(said)


def _profile(said: Said) -> Finding:
    if said.code:
        known = FAULTS.get(said.code)
        words = known.words if known else "unknown to us"
        return Finding("zalo", "fault", f"Zalo answers with error {said.code}: {words}", _DOCS)
    name = str(said.data.get("name") or "the Official Account")[:80]
    return Finding("zalo", "ok", f"{name} answers, the access token is good")


async def _telegram(settings: Settings) -> AsyncIterator[Finding]:
    if settings.telegram_token is None:
        yield Finding("telegram", "note", "not set up", f"set MOTCUA_TELEGRAM_TOKEN to use it; {_DOCS}")
        return
    ours = build_bot(settings.telegram_token.get_secret_value(), settings.telegram_api_url)
    bot = ours.bot
    try:
        async with asyncio.timeout(ASK_WITHIN):
            await bot.initialize()
            yield Finding("telegram", "ok", f"@{bot.username} answers, the token is good")
            info = await bot.get_webhook_info()
            team = await _team(settings, bot)
        for finding in [*_delivery(settings, info), *team]:
            yield finding
    except InvalidToken:
        advice = "copy it again from @BotFather (/mybots, API Token)"
        yield Finding("telegram", "fault", "MOTCUA_TELEGRAM_TOKEN is refused", advice)
    except (TelegramError, TimeoutError) as error:
        advice = "is this machine allowed to reach it? Some networks in Viet Nam block Telegram"
        words = f"{settings.telegram_api_url} cannot be used ({type(error).__name__})"
        yield Finding("telegram", "fault", words, advice)
    finally:
        await ours.close()
    if settings.telegram_mode == "webhook":
        yield await _hook(settings, "telegram", TELEGRAM_PATH, 403)


async def _team(settings: Settings, bot: Bot) -> list[Finding]:
    """Whether the volunteers' group has topics, and the bot may make and delete them."""
    number = settings.telegram_desk_chat
    if number is None:
        return []
    try:
        chat, member = await bot.get_chat(number), await bot.get_chat_member(number, bot.id)
    except (BadRequest, Forbidden):
        advice = "put the bot into the group, and look at the number again: it begins with -100"
        return [Finding("telegram", "fault", "the bot is not in the group MOTCUA_TELEGRAM_DESK_CHAT", advice)]
    rights = {"can_manage_topics": "manage topics", "can_delete_messages": "delete messages"}
    lacks = [words for right, words in rights.items() if not getattr(member, right, False)]
    found = []
    if not chat.is_forum:
        advice = "turn on Topics in the group's settings"
        found.append(Finding("telegram", "fault", "the desk's group has no topics", advice))
    if member.status not in ("administrator", "creator"):
        advice = "make it an administrator who may manage topics and delete messages"
        found.append(Finding("telegram", "fault", "the bot is no administrator of the desk's group", advice))
    elif member.status == "administrator" and lacks:
        words = f"in the desk's group the bot may not {' nor '.join(lacks)}"
        found.append(Finding("telegram", "fault", words, "give it these rights in the group's settings"))
    return found or [Finding("telegram", "ok", "the desk's group has topics, and the bot may manage them")]


def _delivery(settings: Settings, info: WebhookInfo) -> list[Finding]:
    """How Telegram sends us updates, against how the settings say."""
    if settings.telegram_mode == "polling":
        if info.url:
            words = "polling, but a webhook is set with Telegram"
            return [Finding("telegram", "note", words, "`motcua serve` removes it when it starts")]
        return [Finding("telegram", "ok", f"polling, {info.pending_update_count} updates wait")]
    expected = f"{settings.public_url}{TELEGRAM_PATH}"
    found = []
    if settings.public_url is None:
        advice = "set MOTCUA_PUBLIC_URL, or call setWebhook yourself with MOTCUA_TELEGRAM_SECRET"
        found.append(Finding("telegram", "note", "Telegram is not told our address by us", advice))
    elif info.url != expected:
        words = f"Telegram sends to {info.url or 'nowhere'}, not to {expected}"
        found.append(Finding("telegram", "note", words, "`motcua serve` sets it when it starts"))
    else:
        found.append(Finding("telegram", "ok", f"webhook, {info.pending_update_count} updates wait"))
    if info.last_error_message and info.last_error_date:
        when = info.last_error_date.astimezone(VIET_NAM)
        words = (
            f"Telegram's last fault with our address ({when:%H:%M} on {day(when)}): {info.last_error_message}"
        )
        found.append(
            Finding("telegram", "note", words, "certificate, firewall and web server are worth a look")
        )
    return found


async def _hook(settings: Settings, subject: str, path: str, expected: int) -> Finding:
    """Whether our own address answers from outside as it should to an empty call."""
    if settings.public_url is None:
        advice = "set MOTCUA_PUBLIC_URL to the https address that the platform is given"
        return Finding(subject, "note", "whether the webhook can be reached is not known", advice)
    address = settings.public_url + path
    if not settings.public_url.startswith("https://") and not is_loopback(settings.public_url):
        return Finding(
            subject, "fault", f"{address} is not https", "put a web server with a certificate in front"
        )
    try:
        async with http_client(address, ASK_WITHIN) as http:
            status = (await http.post(address, json={})).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        words = f"{address} cannot be reached ({type(error).__name__})"
        return Finding(
            subject, "note", words, "is `motcua serve` running, and the web server in front of it?"
        )
    if status != expected:
        words = f"{address} answers with HTTP {status}, not {expected}"
        return Finding(subject, "fault", words, "does the web server pass /webhooks/ on to `motcua serve`?")
    return Finding(subject, "ok", f"{address} can be reached")
