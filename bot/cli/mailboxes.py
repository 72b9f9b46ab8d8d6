"""The mailboxes that a command is about: the database that is set, or the default ones that are there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from bot.mailbox import Mailbox
    from bot.settings import Settings

T = TypeVar("T")


def database_urls(settings: Settings) -> list[str]:
    """``MOTCUA_DATABASE_URL`` when set; else those of ``motcua serve`` and ``demo`` below ``var``."""
    if "database_url" in settings.model_fields_set:
        return [settings.database]
    var = settings.var.absolute()
    found = [f"sqlite:///{var}/{name}.db" for name in ("motcua", "demo") if (var / f"{name}.db").exists()]
    return found or [settings.database]


def in_each(work: Callable[[Mailbox], Awaitable[T]], settings: Settings | None = None) -> list[T]:
    """What ``work`` returns for each mailbox.

    Raises:
        DatabaseError: one of them cannot be used.
    """
    from bot.mailbox import Mailbox
    from bot.settings import load_settings

    settings = settings or load_settings()

    async def one(url: str) -> T:
        mailbox = Mailbox(url, settings.var.absolute())
        try:
            return await work(mailbox)
        finally:
            await mailbox.close()

    async def all_of_them() -> list[T]:
        return [await one(url) for url in database_urls(settings)]

    return asyncio.run(all_of_them())
