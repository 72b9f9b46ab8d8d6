"""Pieces of the desk's work, each in a transaction of a store of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.channels.words import load_words
from bot.desk.accounts import Person
from bot.desk.desk import HERE
from bot.desk.speech import Speech
from bot.desk.store import Store
from bot.desk.tables import cases as table
from bot.desk.tables import conversations
from bot.mailbox import Mailbox
from bot.mailbox.tables import outbox
from bot.settings import ROOT
from procedures_catalog.centre import load_centre
from tests.bot.desk.seeding import add_case, add_person

SPEECH = Speech(load_words(load_centre(ROOT / "centre.yml"), HERE / "words.yml"))
NOW = 1_795_000_000.0


@asynccontextmanager
async def opened(url: str, folder: Path, now: float | None = NOW) -> AsyncIterator[Store]:
    clock: dict[str, Any] = {} if now is None else {"clock": lambda connection: now}
    mailbox = Mailbox(url, folder, **clock)
    yield Store(mailbox)
    await mailbox.close()


def run(url: str, folder: Path, work: Callable[..., Any], *args: Any, now: float | None = NOW) -> Any:
    """One piece of work in a transaction of a store of its own."""

    async def one() -> Any:
        async with opened(url, folder, now) as store:
            return await store.write(work, *args)

    return asyncio.run(one())


def seed(
    connection: Any, now: float, *people: str, waiting: int = 1, **values: Any
) -> tuple[list[Person], list[int]]:
    persons = [Person(add_person(connection, name), name, "volunteer") for name in people]
    return persons, [add_case(connection, now - 60, f"zalo:u{n}", **values) for n in range(waiting)]


def row_of(url: str, folder: Path, number: int) -> Any:
    return run(url, folder, lambda c, now: c.execute(select(table).where(table.c.id == number)).one())


def letters(url: str, folder: Path, conversation: str = "zalo:u0") -> list[str]:
    query = select(outbox.c.reply).where(outbox.c.conversation == conversation).order_by(outbox.c.id)
    return [reply["text"] for reply in run(url, folder, lambda c, now: list(c.scalars(query)))]


def silent(url: str, folder: Path, conversation: str = "zalo:u0") -> bool:
    query = select(conversations.c.paused).where(conversations.c.id == conversation)
    return run(url, folder, lambda c, now: c.scalar(query))
