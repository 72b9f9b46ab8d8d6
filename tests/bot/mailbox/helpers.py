"""What the mailbox's tests share: a clock to turn, an answerer, a platform, and looks into the tables."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, create_engine, select

from bot.mailbox import Answer, Limits, Mailbox, Notices, Reply, Rhythm, Sent, Turn, load_notices, notice
from bot.mailbox.tables import inbox, outbox
from bot.settings import ROOT
from procedures_catalog.centre import load_centre

UNHURRIED = Rhythm(quiet=1.0, longest=5.0)
NO_WAIT = Rhythm(0, 0)


class Clock:
    """Stands still until it is turned."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self, connection: Connection) -> float:
        return self.now


class Answerer:
    """A ``respond`` that repeats what it was told, and remembers it; ``fault`` is raised when given."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.fault: Exception | None = None
        self.takes = 0.0

    async def __call__(self, turn: Turn) -> Answer:
        self.turns.append(turn)
        await asyncio.sleep(self.takes)
        if self.fault is not None:
            raise self.fault
        return Answer([notice(said(turn))], {"intent": "repeat"})

    @property
    def heard(self) -> list[str]:
        return [said(turn) for turn in self.turns]


def said(turn: Turn) -> str:
    body = turn.body
    return body.get("text") or body.get("payload") or body["event"]


class Platform:
    """A ``Sender`` that keeps what it is sent; ``faults`` are raised first, one a call, None: none."""

    channel = "zalo"
    limits = Limits(per_second=10_000, burst=1000)

    def __init__(self, faults: Sequence[Exception | None] = ()) -> None:
        self.faults = list(faults)
        self.calls: list[tuple[str, str]] = []
        self.got: list[tuple[str, str]] = []

    def parts(self, reply: Reply) -> list[Reply]:
        return [{**reply, "text": text} for text in reply["text"].split("\f")]

    async def send(self, conversation: str, part: Reply) -> Sent:
        self.calls.append((conversation, part["text"]))
        if self.faults and (fault := self.faults.pop(0)) is not None:
            raise fault
        self.got.append((conversation, part["text"]))
        return Sent((f"m{len(self.got)}",))

    def texts(self, conversation: str) -> list[str]:
        """What one person got, without the first-contact notice."""
        greeting = notices()["first_contact"]["text"]
        return [text for to, text in self.got if to == conversation and text != greeting]


def notices() -> Notices:
    return load_notices(load_centre(ROOT / "centre.yml"))


def ungreeted(_channel: str) -> bool:
    return False


async def until(true: Callable[[], Any] | Callable[[], Awaitable[Any]], within: float = 90.0) -> None:
    """Returns as soon as ``true()`` is; fails the test when it does not become so."""
    give_up = time.monotonic() + within
    while True:
        found = true()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert time.monotonic() < give_up, "waited in vain"
        await asyncio.sleep(0.02)


async def say(mailbox: Mailbox, conversation: str, text: str, platform_id: str | None = None) -> int:
    """Accepts a text under an id of its own; its number."""
    channel = conversation.partition(":")[0]
    name = platform_id or uuid4().hex
    return (await mailbox.accept(channel, conversation, name, "text", {"text": text})).id


def rows(url: str, table: Any) -> list[Any]:
    """All rows of a table, by id, over a connection of its own."""
    driver = {"postgresql://": "postgresql+psycopg://"}
    for plain, full in driver.items():
        url = url.replace(plain, full)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(select(table).order_by(table.c.id)).all())
    finally:
        engine.dispose()


def inbox_rows(url: str) -> list[Any]:
    return rows(url, inbox)


def outbox_rows(url: str) -> list[Any]:
    return rows(url, outbox)


def open_mailbox(url: str, var: Path, **options: Any) -> Mailbox:
    return Mailbox(url, var, **{"rhythm": NO_WAIT, **options})
