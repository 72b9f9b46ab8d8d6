"""Takes updates in, whichever way they come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.channels.incoming import Incoming, Message
from bot.channels.intake import Intake
from bot.channels.telegram.client import Courtesies
from bot.channels.telegram.updates import CHANNEL, Distance, Me, Update, chat_of, read_update


class Group(Protocol):
    """A group whose members work here: what comes from there is not a citizen's."""

    chat: int

    async def take(self, update: Update) -> None: ...


@dataclass
class Reception:
    """``me`` is known once the bot has asked Telegram who it is."""

    intake: Intake
    courtesies: Courtesies
    distance: Distance
    me: Me | None = None
    group: Group | None = None

    async def take(self, update: Update) -> None:
        """Keeps what has to be kept; only then it may be confirmed.

        Raises:
            DatabaseError: nothing is kept.
        """
        if self._theirs(update):
            await self.group.take(update)
            return
        await self._take(update, read_update(update, self.me, self.distance))

    async def take_all(self, updates: Sequence[Update]) -> None:
        """Keeps several; what one chat sent stays in order. Raises as :meth:`take`, some may be kept then."""
        chats: dict[object, list[tuple[Update, Incoming]]] = {}
        for update in updates:
            if self._theirs(update):
                await self.group.take(update)
                continue
            incoming = read_update(update, self.me, self.distance)
            chats.setdefault(getattr(incoming, "conversation", None), []).append((update, incoming))

        async def in_order(rows: list[tuple[Update, Incoming]]) -> None:
            for update, incoming in rows:
                await self._take(update, incoming)

        results = await asyncio.gather(*map(in_order, chats.values()), return_exceptions=True)
        for error in results:
            if isinstance(error, BaseException):
                raise error

    def _theirs(self, update: Update) -> bool:
        return self.group is not None and chat_of(update) == self.group.chat

    async def _take(self, update: Update, incoming: Incoming) -> None:
        number = await self.intake.take(incoming)
        if update.callback_query is not None:
            self.courtesies.answer_tap(update.callback_query.id)
        question = isinstance(incoming, Message) and incoming.channel == CHANNEL and incoming.kind != "event"
        if number is not None and question:
            self.courtesies.typing(incoming.conversation)
