"""A gateway in small: both channels over a real database, against both fakes, with a canned engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select
from starlette.applications import Starlette

from bot.channels import Channels, build_channels
from bot.gateway.payloads import parse_payload
from bot.mailbox import Answer, Mailbox, Reply, Rhythm, Turn, Workers, load_notices, notice
from bot.mailbox.tables import conversations, inbox, outbox
from bot.settings import ROOT, Settings, load_settings
from procedures_catalog import CatalogStore
from procedures_catalog.centre import load_centre
from tests.bot.channels import fake_telegram, fake_zalo
from tests.bot.channels.fake_telegram import FakeTelegram
from tests.bot.channels.fake_zalo import FakeZalo
from tests.bot.running import HERE

CENTRE = load_centre(ROOT / "centre.yml")
NOTICES = load_notices(CENTRE)
FIRST = NOTICES["first_contact"]["text"]


@cache
def catalog() -> CatalogStore:
    """Building its search takes longer than most tests."""
    return CatalogStore(HERE / "entries")


@dataclass
class Engine:
    """Repeats what it was told; ``replies`` are given instead, once each."""

    turns: list[Turn] = field(default_factory=list)
    replies: list[list[Reply]] = field(default_factory=list)

    async def __call__(self, turn: Turn) -> Answer:
        self.turns.append(turn)
        if turn.kind == "payload":
            parse_payload(turn.body["payload"])
        if self.replies:
            return Answer(self.replies.pop(0))
        return Answer([notice(f"Em nghe: {turn.body.get('text') or turn.body['payload']}")])

    @property
    def heard(self) -> list[str]:
        return [str(turn.body.get("text") or turn.body["payload"]) for turn in self.turns]


@dataclass
class Rig:
    mailbox: Mailbox
    channels: Channels
    engine: Engine
    http: httpx.AsyncClient

    async def zalo(self, event: dict[str, Any], retry: int = 0) -> httpx.Response:
        """Zalo delivers an event."""
        body, headers = fake_zalo.signed(event, retry)
        return await self.http.post("/webhooks/zalo", content=body, headers=headers)

    async def telegram(self, update: dict[str, Any], secret: str = fake_telegram.SECRET) -> httpx.Response:
        """Telegram delivers an update."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        return await self.http.post("/webhooks/telegram", json=update, headers=headers)

    async def settled(self, within: float = 90.0) -> None:
        """Returns when nothing waits to be answered or sent."""
        async with asyncio.timeout(within):
            while await self._open():
                await asyncio.sleep(0.02)

    async def _open(self) -> bool:
        def work(connection: Any) -> bool:
            asked = select(inbox.c.id).where(inbox.c.state.in_(("waiting", "taken"))).limit(1)
            unsent = select(outbox.c.id).where(outbox.c.state.in_(("waiting", "sending", "failed"))).limit(1)
            return any(connection.scalar(query) is not None for query in (asked, unsent))

        return await self.mailbox.core.ledger.run(work)

    async def rows(self, table: Any) -> list[Any]:
        order = table.c.first_seen if table is conversations else table.c.id
        return await self.mailbox.core.ledger.run(
            lambda c: list(c.execute(select(table).order_by(order)).all())
        )

    async def letters(self) -> list[Any]:
        return await self.rows(outbox)

    async def messages(self) -> list[Any]:
        return await self.rows(inbox)


def settings_for(zalo_url: str | None, telegram_url: str | None, **more: Any) -> Settings:
    given: dict[str, Any] = {"centre_file": ROOT / "centre.yml"}
    if zalo_url is not None:
        given |= {
            "zalo_app_id": fake_zalo.APP_ID,
            "zalo_app_secret": fake_zalo.APP_SECRET,
            "zalo_oa_secret": fake_zalo.OA_SECRET,
            "zalo_access_token": "access-0",
            "zalo_refresh_token": "refresh-0",
            "zalo_api_url": zalo_url,
            "zalo_oauth_url": zalo_url,
        }
    if telegram_url is not None:
        given |= {
            "telegram_token": fake_telegram.TOKEN,
            "telegram_secret": fake_telegram.SECRET,
            "telegram_mode": "webhook",
            "telegram_api_url": telegram_url,
        }
    return load_settings(None, **(given | more))


@asynccontextmanager
async def rig(
    url: str, var: Path, settings: Settings, *, greet: bool = False, working: bool = True
) -> AsyncIterator[Rig]:
    """The running gateway. ``greet``: with the first-contact notice; ``working``: the workers are there."""
    mailbox = Mailbox(url, var, rhythm=Rhythm(0, 0))
    channels = build_channels(settings, mailbox, CENTRE, catalog())
    engine = Engine()
    app = Starlette(routes=channels.routes)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        greets = channels.greets if greet else (lambda channel: False)
        workers = Workers(mailbox, channels.respond(engine), NOTICES, channels=channels.names, greet=greets)
        try:
            async with channels, workers if working else nullcontext():
                yield Rig(mailbox, channels, engine, http)
        finally:
            await mailbox.close()


__all__ = ["FIRST", "NOTICES", "FakeTelegram", "FakeZalo", "Rig", "rig", "settings_for"]
