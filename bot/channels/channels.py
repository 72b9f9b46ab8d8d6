"""The channels of one gateway: their routes, their senders, and what runs in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Protocol, Self

from starlette.routing import Route
from telegram import Bot

from bot.channels.answering import CHANNELS, Answering
from bot.channels.directions import distance_km
from bot.channels.intake import Intake
from bot.channels.outside import http_client, quiet_libraries
from bot.channels.telegram import connection
from bot.channels.telegram.client import Courtesies, build_bot
from bot.channels.telegram.reception import Reception
from bot.channels.telegram.sender import GROUPS as GROUP_LIMITS
from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.updates import GROUPS
from bot.channels.telegram.webhook import TelegramWebhook
from bot.channels.words import Words, load_words
from bot.channels.zalo.client import ZaloApi
from bot.channels.zalo.oauth import OAuth
from bot.channels.zalo.sender import ZaloSender
from bot.channels.zalo.store import Pair
from bot.channels.zalo.tokens import Tokens
from bot.channels.zalo.webhook import ZaloWebhook
from bot.errors import SettingsError
from bot.mailbox import Mailbox, Postman, Respond, Sender
from bot.settings import PREFIX, Settings
from procedures_catalog import CatalogStore
from procedures_catalog.centre import Centre

log = logging.getLogger(__name__)
ZALO_PATH, TELEGRAM_PATH = "/webhooks/zalo", connection.PATH
ANSWER_WITHIN = 20.0
OAUTH_WITHIN = 10.0
# Without these nothing can be taken in or sent; without the other two tokens cannot be renewed.
ZALO_NEEDS = ("zalo_app_id", "zalo_oa_secret", "zalo_access_token")
ZALO_RENEWS = ("zalo_app_secret", "zalo_refresh_token")


@dataclass(frozen=True)
class OnTelegram:
    """The bot, and who takes in what it is told."""

    bot: Bot
    reception: Reception


class WithChannels(Protocol):
    """Services that have channels."""

    @property
    def channels(self) -> Channels | None: ...


@dataclass
class Channels:
    """What :func:`build_channels` gives; ``start`` and ``stop`` once each, or ``async with``."""

    mailbox: Mailbox
    centre: Centre
    catalog: CatalogStore
    words: Words
    intake: Intake
    routes: list[Route] = field(default_factory=list)
    senders: list[Sender] = field(default_factory=list)
    background: list[partial[Coroutine[Any, Any, None]]] = field(default_factory=list)
    closing: list[partial[Coroutine[Any, Any, None]]] = field(default_factory=list)
    telegram: OnTelegram | None = None
    _postmen: list[Postman] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def respond(self, inner: Respond) -> Respond:
        """``inner`` (asks the engine) with the channels' own events answered around it."""
        return Answering(inner, self.mailbox, self.centre, self.catalog, self.words)

    @property
    def names(self) -> frozenset[str]:
        """The channels whose turns this gateway may answer."""
        return frozenset(sender.channel for sender in self.senders)

    @staticmethod
    def greets(channel: str) -> bool:
        """Whether a channel's conversations begin with the first-contact notice; a group has none."""
        return channel in CHANNELS and channel != GROUPS

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begins to send, to poll, and to keep tokens fresh."""
        self._postmen = [Postman(self.mailbox, sender) for sender in self.senders]
        for postman in self._postmen:
            await postman.__aenter__()
        for work in self.background:
            task = asyncio.create_task(work())
            task.add_done_callback(_tell)
            self._tasks.append(task)

    async def stop(self) -> None:
        """Takes and sends no more; what is on its way has a few seconds to arrive."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # Each waits for what it has on the way: all of them at once.
        await asyncio.gather(*(postman.__aexit__(None, None, None) for postman in self._postmen))
        for close in self.closing:
            await close()


def routes(services: WithChannels) -> list[Route]:
    """``POST /webhooks/zalo`` and ``POST /webhooks/telegram``, each where its channel is set up for it."""
    return services.channels.routes if services.channels is not None else []


def build_channels(settings: Settings, mailbox: Mailbox, centre: Centre, catalog: CatalogStore) -> Channels:
    """The channels that the settings ask for; nothing is contacted yet.

    Raises:
        SettingsError: one is set up in part; names what is missing.
    """
    quiet_libraries()
    channels = Channels(mailbox, centre, catalog, load_words(centre), Intake(mailbox))
    zalo = _zalo_wanted(settings)
    if zalo:
        _add_zalo(channels, settings)
    if settings.telegram_token is not None:
        _add_telegram(channels, settings)
    if zalo:
        channels.background.append(partial(channels.intake.obey_withdrawals))
    return channels


def _zalo_wanted(settings: Settings) -> bool:
    missing = [name for name in ZALO_NEEDS if getattr(settings, name) is None]
    given = [name for name in ZALO_NEEDS + ZALO_RENEWS if getattr(settings, name) is not None]
    if given and missing:
        names = ", ".join(PREFIX + name.upper() for name in missing)
        raise SettingsError(f"{names}: must be set as well, Zalo is set up in part")
    return bool(given)


def _add_zalo(channels: Channels, settings: Settings) -> None:
    assert settings.zalo_app_id and settings.zalo_oa_secret
    http = http_client(settings.zalo_api_url, ANSWER_WITHIN)
    tokens = zalo_tokens(channels.mailbox, settings)
    channels.closing.append(partial(tokens.close))
    channels.closing.append(partial(http.aclose))
    channels.senders.append(
        ZaloSender(
            channels.mailbox,
            ZaloApi(http, settings.zalo_api_url),
            tokens,
            channels.words,
            template=settings.zalo_template_id,
        )
    )
    channels.background.append(partial(tokens.keep_fresh))
    webhook = ZaloWebhook(
        settings.zalo_app_id,
        settings.zalo_oa_secret.get_secret_value(),
        channels.intake,
        channels.words,
        partial(distance_km, channels.centre),
    )
    channels.routes.append(Route(ZALO_PATH, webhook.post, methods=["POST"]))


def zalo_tokens(mailbox: Mailbox, settings: Settings) -> Tokens:
    """The tokens of the Official Account that the settings name."""
    app_id, access = settings.zalo_app_id, settings.zalo_access_token
    assert app_id and access
    refresh, secret = settings.zalo_refresh_token, settings.zalo_app_secret
    given = Pair(access.get_secret_value(), refresh.get_secret_value() if refresh else "")
    if refresh is None or secret is None:
        names = " and ".join(PREFIX + name.upper() for name in ZALO_RENEWS)
        log.warning("zalo: without %s the access token cannot be renewed", names)
        return Tokens(mailbox, app_id, given, None)
    http = http_client(settings.zalo_oauth_url, OAUTH_WITHIN)
    oauth = OAuth(http, settings.zalo_oauth_url, app_id, secret.get_secret_value())
    return Tokens(mailbox, app_id, given, oauth)


def _add_telegram(channels: Channels, settings: Settings) -> None:
    assert settings.telegram_token
    secret = settings.telegram_secret.get_secret_value() if settings.telegram_secret else ""
    if settings.telegram_mode == "webhook" and not secret:
        raise SettingsError(f"{PREFIX}TELEGRAM_SECRET: must be set when {PREFIX}TELEGRAM_MODE is webhook")
    ours = build_bot(settings.telegram_token.get_secret_value(), settings.telegram_api_url)
    bot = ours.bot
    http = http_client(settings.telegram_api_url, ANSWER_WITHIN)
    courtesies = Courtesies(bot, channels.mailbox)
    reception = Reception(channels.intake, courtesies, partial(distance_km, channels.centre))
    channels.telegram = OnTelegram(bot, reception)
    channels.senders.append(TelegramSender(bot, http, channels.words))
    channels.senders.append(TelegramSender(bot, http, channels.words, GROUPS, GROUP_LIMITS))
    hook = None
    if settings.telegram_mode == "webhook":
        hook = (settings.public_url, secret)
        webhook = TelegramWebhook(secret, reception, channels.words)
        channels.routes.append(Route(TELEGRAM_PATH, webhook.post, methods=["POST"]))
    channels.background.append(partial(connection.Connection(bot, reception, channels.words, hook).run))
    channels.closing += [partial(courtesies.close), partial(ours.close), partial(http.aclose)]


def _tell(task: asyncio.Task[None]) -> None:
    """A background task ends by itself only when it is done, or by a fault of ours."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a channel's background task ended: %s", type(error).__name__)
