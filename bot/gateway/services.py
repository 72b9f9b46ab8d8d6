"""What the gateway's handlers work with, and the bootstrap that builds it from the settings."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

import httpx
from jinja2 import Environment
from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from bot.channels import Channels, build_channels
from bot.channels.telegram.files import fetch
from bot.desk.at_end import ask_at_end
from bot.desk.desk import Desk, build_desk
from bot.desk.responding import Responding
from bot.desk.topics import add_topics
from bot.gateway.engine import EngineClient
from bot.gateway.limits import RateLimiter
from bot.gateway.networks import Networks
from bot.gateway.push import Push
from bot.gateway.responding import AskEngine
from bot.gateway.templating import build_templates
from bot.gateway.turns import CHANNEL, Turns
from bot.mailbox import Mailbox, Workers, load_notices
from bot.mailbox import Metrics as MailboxMetrics
from bot.notifications import Notifier, build_view
from bot.settings import Settings
from bot.words import load_words
from dossiers.database import Database, open_database
from dossiers.errors import DatabaseError
from procedures_catalog import CatalogStore
from procedures_catalog.centre import VIET_NAM, Centre, load_centre

log = logging.getLogger(__name__)
Check = Callable[[], Awaitable[bool]]


class Metrics:
    """Counters of this gateway, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "motcua_http_requests",
            "Requests by route and status",
            ["route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "motcua_http_request_seconds", "Seconds to answer a request", ["route"], registry=self.registry
        )
        self.failed_turns = Counter(
            "motcua_failed_turns", "Messages without an answer, by reason", ["reason"], registry=self.registry
        )


@dataclass
class Services:
    """Everything a handler needs. ``checks``: what must be there to answer, by name.

    ``workers`` answer what is in the mailbox, for as long as the application runs; ``channels`` bring
    in what comes from Zalo and Telegram, and send what goes there; ``notifier`` tells of dossiers.
    """

    catalog: CatalogStore
    centre: Centre
    engine: EngineClient
    mailbox: Mailbox
    workers: Workers
    turns: Turns
    limiter: RateLimiter
    networks: Networks
    words: dict
    templates: Environment
    checks: dict[str, Check]
    close: Callable[[], Awaitable[None]]
    metrics: Metrics = field(default_factory=Metrics)
    push: Push | None = None
    channels: Channels | None = None
    desk: Desk | None = None
    notifier: Notifier | None = None
    public_url: str | None = None
    today: Callable[[], date] = lambda: today()


class DatabaseCheck:
    """Whether the tracking database answers; opened (and migrated) by the first call that can."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._database: Database | None = None
        self._lock = threading.Lock()

    async def __call__(self) -> bool:
        try:
            async with asyncio.timeout(5):
                return await run_in_threadpool(self._answers)
        except TimeoutError:
            return False

    def _answers(self) -> bool:
        try:
            with self._lock:
                self._database = self._database or open_database(self._url)
            with self._database.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (DatabaseError, SQLAlchemyError) as error:
            log.error("database: %s", str(error).partition("\n")[0])
            return False
        return True


def today() -> date:
    """The day in Viet Nam; ``MOTCUA_TODAY`` (ISO) takes its place in tests."""
    given = os.environ.get("MOTCUA_TODAY")
    return date.fromisoformat(given) if given else datetime.now(VIET_NAM).date()


def build_services(settings: Settings) -> Services:
    """The services of a gateway with these settings; nothing is contacted yet.

    Raises:
        EntryError: the centre's file is missing or faulty.
        SettingsError: a channel is set up in part.
        DossierError: the live view's address or mapping is wrong.
    """
    centre = load_centre(settings.centre)
    secret = settings.engine_secret.get_secret_value() if settings.engine_secret else ""
    engine, networks = EngineClient(settings.engine_urls, secret), Networks(secret, today)
    http = httpx.AsyncClient(timeout=3.0, trust_env=False)
    actions = (settings.actions_url or "").removesuffix("/webhook")

    async def actions_ready() -> bool:
        try:
            return (await http.get(f"{actions}/health")).status_code == 200
        except (httpx.HTTPError, httpx.InvalidURL):
            return False

    push = Push.of(settings)
    metrics = Metrics()
    mailbox = Mailbox(settings.database, settings.var.absolute(), metrics=MailboxMetrics(metrics.registry))
    catalog = CatalogStore.of_centre(settings.centre)
    channels = build_channels(settings, mailbox, centre, catalog)
    desk = build_desk(settings, mailbox, centre, catalog, engine.turn, today)
    if channels.telegram is not None:
        desk.fetch = partial(fetch, channels.telegram.bot)
    add_topics(settings, channels, desk)
    workers = Workers(
        mailbox,
        Responding(channels.respond(AskEngine(engine, networks)), desk),
        load_notices(centre),
        channels={CHANNEL, *channels.names},
        greet=channels.greets,
        keeps_days=centre.keeps_days,
    )

    async def close() -> None:
        await mailbox.close()
        await engine.close()
        await http.aclose()
        push.close()

    return Services(
        catalog=catalog,
        centre=centre,
        engine=engine,
        mailbox=mailbox,
        workers=workers,
        turns=Turns(mailbox),
        limiter=RateLimiter(),
        networks=networks,
        words=load_words(),
        templates=build_templates(),
        checks={
            "engine": engine.ready,
            "actions": actions_ready,
            "database": DatabaseCheck(settings.database),
        },
        close=close,
        metrics=metrics,
        push=push,
        notifier=Notifier(mailbox, centre, build_view(settings), at_end=ask_at_end(desk)),
        channels=channels,
        desk=desk,
        public_url=settings.public_url,
    )
