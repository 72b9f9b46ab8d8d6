"""Both platforms around a real stack: the fakes, and people who write to it through their webhooks."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from bot.channels.telegram import render as telegram_render
from bot.channels.words import Words, load_words
from bot.channels.zalo import render as zalo_render
from bot.mailbox import Reply
from bot.settings import ROOT
from procedures_catalog.centre import load_centre
from tests.bot.channels import fake_telegram, fake_zalo
from tests.bot.channels.fake_telegram import FakeTelegram
from tests.bot.channels.fake_zalo import FakeZalo
from tests.bot.channels.serving import served


@dataclass(frozen=True)
class Arrived:
    """A text at a platform; ``hidden``: its answer was lost, so the sender cannot know."""

    text: str
    hidden: bool


@dataclass
class Platforms:
    """``settings``: those of a stack that is to talk to them."""

    zalo: FakeZalo
    telegram: FakeTelegram
    settings: dict[str, str]
    words: Words = field(default_factory=lambda: load_words(load_centre(ROOT / "centre.yml")))

    def arrived(self, conversation: str) -> list[Arrived]:
        """What reached one person, in order."""
        channel, _, person = conversation.partition(":")
        if channel == "zalo":
            rows = enumerate(self.zalo.messages, 1)
            return [Arrived(m["text"], n in self.zalo.hidden) for n, (to, m) in rows if to == person]
        return [
            Arrived(given["text"], number in self.telegram.hidden)
            for number, (_, given) in enumerate(self.telegram.sent, 1)
            if given["chat"] == int(person)
        ]

    def shown(self, conversation: str, reply: Reply) -> list[str]:
        """The texts of a reply as the platform of this person shows them."""
        if conversation.startswith("zalo:"):
            return [part["message"]["text"] for part in zalo_render.render(reply, self.words)]
        return [part["text"] for part in telegram_render.render(reply, self.words)]


@contextmanager
def platforms() -> Iterator[Platforms]:
    """Both fakes, served."""
    zalo, telegram = FakeZalo(), FakeTelegram()
    with served(zalo.app()) as zalo_url, served(telegram.app()) as telegram_url:
        settings = {
            "ZALO_APP_ID": fake_zalo.APP_ID,
            "ZALO_APP_SECRET": fake_zalo.APP_SECRET,
            "ZALO_OA_SECRET": fake_zalo.OA_SECRET,
            "ZALO_ACCESS_TOKEN": "access-0",
            "ZALO_REFRESH_TOKEN": "refresh-0",
            "ZALO_API_URL": zalo_url,
            "ZALO_OAUTH_URL": zalo_url,
            "TELEGRAM_TOKEN": fake_telegram.TOKEN,
            "TELEGRAM_SECRET": fake_telegram.SECRET,
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_API_URL": telegram_url,
        }
        yield Platforms(zalo, telegram, {f"MOTCUA_{name}": value for name, value in settings.items()})


@dataclass
class Webhooks:
    """The platforms' side of the stack's webhooks: what is not taken is delivered again, later."""

    http: httpx.AsyncClient
    platforms: Platforms
    chance: random.Random
    again: int = 0
    _late: set[asyncio.Task[None]] = field(default_factory=set)

    async def write(self, conversation: str, number: int, text: str) -> None:
        """One message. Some are delivered twice, some only by a retry, after what was written later."""
        body, headers, path = self._request(conversation, number, text)
        if self.chance.random() < 0.05 or not await self._post(path, body, headers):
            self._later(path, body, headers)
        while self.chance.random() < 0.15:
            self.again += 1
            self._later(path, body, headers)

    async def all_taken(self) -> None:
        """Returns when every delivery has had its 200."""
        await asyncio.gather(*self._late)

    def _request(self, conversation: str, number: int, text: str) -> tuple[bytes, dict[str, str], str]:
        channel, _, person = conversation.partition(":")
        if channel == "zalo":
            event = fake_zalo.text_event(person, text, f"{person}/{number}")
            return *fake_zalo.signed(event), "/webhooks/zalo"
        update = self.platforms.telegram.update(message=fake_telegram.message(int(person), number, text=text))
        headers = {"X-Telegram-Bot-Api-Secret-Token": fake_telegram.SECRET}
        return json.dumps(update).encode(), headers, "/webhooks/telegram"

    def _later(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        async def until_taken() -> None:
            for retry in range(1, 60):
                await asyncio.sleep(self.chance.uniform(0.2, 4))
                if await self._post(path, body, {**headers, "num_retry": str(retry)}):
                    return
            raise AssertionError("a delivery was never taken")

        task = asyncio.create_task(until_taken())
        self._late.add(task)

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> bool:
        try:
            return (await self.http.post(path, content=body, headers=headers)).status_code == 200
        except httpx.HTTPError:
            return False
