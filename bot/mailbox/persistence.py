"""Going on: loops that outlive whatever goes wrong in them, results that wait for the database."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
T = TypeVar("T")
PAUSE_SECONDS = 0.5
# How long a result that exists only in memory is kept there while the database is away.
KEEP_SECONDS = 60.0


async def keep_going(step: Callable[[], Awaitable[None]], stopping: Callable[[], bool]) -> None:
    """Does ``step`` again and again until ``stopping()``. No fault ends it: it would end for everybody."""
    while not stopping():
        try:
            await step()
        except DatabaseError as error:
            log.error("mailbox: %s", error)
            await asyncio.sleep(PAUSE_SECONDS)
        except Exception as error:  # see above
            log.error("mailbox: %s", described(error))
            await asyncio.sleep(PAUSE_SECONDS)


async def surely(call: Callable[[], Awaitable[T]]) -> T | None:
    """What ``call`` returns, tried again while the database is away; None when it stays away."""
    give_up = time.monotonic() + KEEP_SECONDS
    while True:
        try:
            return await call()
        except DatabaseError as error:
            log.error("mailbox: %s", error)
            if time.monotonic() > give_up:
                return None
            await asyncio.sleep(PAUSE_SECONDS)


def described(error: Exception) -> str:
    """What an error is and where it came from, without what it says: that may hold what a person wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "?" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return f"{type(error).__name__} at {place}"
