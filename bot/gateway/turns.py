"""One message at a time per conversation, in order of arrival.

``Turns.answer`` is the only way from a channel to the engine: whatever keeps messages safe between
the two takes its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.errors import TooManyRequests
from bot.gateway.engine import EngineClient
from bot.gateway.messages import Message

MOST_WAITING = 20


@dataclass
class _Queue:
    # asyncio.Lock wakes those who wait in the order in which they came.
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    inside: int = 0


class Turns:
    """Hands messages to the engine, one in flight per conversation."""

    def __init__(self, engine: EngineClient) -> None:
        self._engine = engine
        self._queues: dict[str, _Queue] = {}

    async def answer(self, message: Message) -> dict:
        """The answer to one message, after those that came before it in its conversation.

        Raises:
            TooManyRequests: too many messages of this conversation wait already.
            EngineError: see :meth:`EngineClient.turn`.
        """
        async with self._turn_of(message.conversation):
            return await self._engine.turn(message)

    @asynccontextmanager
    async def _turn_of(self, conversation: str) -> AsyncIterator[None]:
        queue = self._queues.setdefault(conversation, _Queue())
        if queue.inside > MOST_WAITING:
            raise TooManyRequests(wait=5.0)
        queue.inside += 1
        try:
            async with queue.lock:
                yield
        finally:
            queue.inside -= 1
            if queue.inside == 0:
                self._queues.pop(conversation, None)
