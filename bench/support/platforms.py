"""A platform around a gateway: the tests' fake of Zalo, and people who write and tap there.

What is measured is the way of a message: from the webhook's request to its answer at the platform.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count, cycle

import uvicorn
from starlette.types import Receive, Scope, Send

from bench.support.citizens import Connection, Times
from bot.channels.zalo.signature import mac
from tests.bot.channels import fake_zalo
from tests.bot.channels.fake_zalo import FakeZalo

WEBHOOK = "/webhooks/zalo"
ANSWERED_WITHIN = 30.0
# What a person types, one after the other, and what they tap; each has an answer of one message.
TYPED = ("nộp ở đâu", "le phi bao nhieu", "mất bao lâu", "nộp ở đâu vậy ạ", "lệ phí thế nào")
TAPPED = ("Lệ phí", "Nơi nộp")
_names, _numbers = count(1), count(1)


class Platform:
    """The fake, and who waits for a message there. ``settings``: those of a gateway that talks to it."""

    def __init__(self, url: str) -> None:
        self.fake, self.arrived = FakeZalo(), Counter[str]()
        self._app, self._news = self.fake.app(), asyncio.Condition()
        names = {
            "APP_ID": fake_zalo.APP_ID,
            "APP_SECRET": fake_zalo.APP_SECRET,
            "OA_SECRET": fake_zalo.OA_SECRET,
            "ACCESS_TOKEN": "access-0",
            "REFRESH_TOKEN": "refresh-0",
            "API_URL": url,
            "OAUTH_URL": url,
        }
        self.settings = {f"MOTCUA_ZALO_{name}": value for name, value in names.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = len(self.fake.messages)
        await self._app(scope, receive, send)
        if len(self.fake.messages) > seen:
            async with self._news:
                self.arrived = Counter(person for person, _ in self.fake.messages)
                self._news.notify_all()

    async def has(self, person: str, messages: int) -> None:
        """Returns when so many messages to a person have arrived."""
        async with asyncio.timeout(ANSWERED_WITHIN), self._news:
            await self._news.wait_for(lambda: self.arrived[person] >= messages)

    def key(self, person: str, title: str) -> str:
        """What comes back when they tap the button of that name, the last one they were sent."""
        theirs = [message for to, message in reversed(self.fake.messages) if to == person]
        buttons = [
            b for m in theirs for b in (m.get("attachment") or {}).get("payload", {}).get("buttons", [])
        ]
        return next(b["payload"] for b in buttons if b["title"] == title)


@asynccontextmanager
async def platform() -> AsyncIterator[Platform]:
    """The fake, served in this event loop."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    served = Platform(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(served, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield served
    finally:
        server.should_exit = True
        await serving


async def write(connection: Connection, person: str, text: str) -> None:
    """Zalo delivers a text."""
    event = fake_zalo.text_event(person, text, f"bench-{next(_numbers)}")
    signature = mac(fake_zalo.APP_ID, json.dumps(event).encode(), event["timestamp"], fake_zalo.OA_SECRET)
    await connection.post(WEBHOOK, {"X-ZEvent-Signature": f"mac={signature}"}, event)


async def converse(zalo: Platform, port: int, people: int, taps: bool, seconds: float) -> Times:
    """So many people type (or tap) for so long, each waits for an answer before going on."""
    times, names = Times(), [f"bench{next(_names)}" for _ in range(people)]

    async def say(name: str, text: str, answers: int) -> None:
        expected, connection = zalo.arrived[name] + answers, Connection(port)
        await write(connection, name, text)
        # Who waits for an answer may wait for longer than the gateway keeps a connection.
        connection.close()
        await zalo.has(name, expected)

    # The notice of the first contact, and the answer with its buttons.
    await asyncio.gather(*(say(name, "đăng ký kết hôn", 2) for name in names))
    began = time.perf_counter()

    async def go_on(name: str) -> None:
        for words in cycle(TAPPED if taps else TYPED):
            if time.perf_counter() - began > seconds:
                return
            text, asked = zalo.key(name, words) if taps else words, time.perf_counter()
            await say(name, text, 1)
            times.each.append(time.perf_counter() - asked)

    await asyncio.gather(*map(go_on, names))
    times.whole = time.perf_counter() - began
    return times


async def knock(port: int, messages: int, at_once: int) -> Times:
    """How long the webhook takes for each of so many messages, of as many people."""
    times, began, left = Times(), time.perf_counter(), iter(range(messages))

    async def one() -> None:
        connection = Connection(port)
        for _ in left:
            asked = time.perf_counter()
            await write(connection, f"bench{next(_names)}", "đăng ký kết hôn cần giấy tờ gì")
            times.each.append(time.perf_counter() - asked)
        connection.close()

    await asyncio.gather(*(one() for _ in range(at_once)))
    times.whole = time.perf_counter() - began
    return times
