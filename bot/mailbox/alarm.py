"""Wakes a loop of this process: now, or after a while."""

from __future__ import annotations

import asyncio
import contextlib


class Alarm:
    """Rung from the event loop; several rings before the sleeper looks are one."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self, after: float = 0.0) -> None:
        """Wakes the sleeper ``after`` so many seconds."""
        if after > 0:
            asyncio.get_running_loop().call_later(after, self._event.set)
        else:
            self._event.set()

    async def sleep(self, at_most: float) -> None:
        """Until it rings, or so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                await self._event.wait()
        self._event.clear()
