"""Zalo's access token: one row in the database that all gateways share.

It is renewed at half of its life, and once when Zalo refuses it. Whoever renews it holds the row's
lock, and nobody uses a new token before it is committed: the refresh token can be spent only once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Connection

from bot.channels.errors import ChannelError, PlatformAway, TokenRefused
from bot.channels.zalo import store
from bot.channels.zalo.migrations import migrate
from bot.channels.zalo.oauth import OAuth
from bot.channels.zalo.store import Kept, Pair
from bot.mailbox import Mailbox
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
T = TypeVar("T")
# How long the row is believed without looking at it again.
FRESH_SECONDS = 30.0
WAIT_SECONDS = 30.0
LOOK_SECONDS = 60.0
STOP_WITHIN = 8.0
_PEEK_SECONDS, _DATABASE_PAUSE = 0.2, 0.5


class Tokens:
    """``given``: the settings' pair, which the row begins with. ``oauth`` None: it cannot be renewed."""

    def __init__(self, mailbox: Mailbox, app_id: str, given: Pair, oauth: OAuth | None) -> None:
        self._mailbox, self._app_id, self._given, self._oauth = mailbox, app_id, given, oauth
        self._owner = uuid4().hex
        self._kept: Kept | None = None
        self._looked_at = 0.0
        self._migrated = False
        self._refreshing: asyncio.Task[Kept] | None = None

    async def access_token(self) -> str:
        """The token to be used now.

        Raises:
            DatabaseError: the row cannot be read.
        """
        if self._kept is None or time.monotonic() - self._looked_at > FRESH_SECONDS:
            await self.look()
        assert self._kept is not None
        return self._kept.access_token

    async def look(self) -> Kept:
        """The row as it is now. Raises DatabaseError."""
        return self._seen(await self._run(lambda c, now: store.load(c, now, self._app_id, self._given)))

    async def another(self, refused: str) -> str:
        """A token other than ``refused``, which Zalo does not take any more.

        Raises:
            PlatformAway, TokenRefused: there is none now.
            DatabaseError: the row cannot be read or written.
        """
        kept = await self.look()
        if kept.access_token == refused:
            kept = await self.refresh(kept)
        return kept.access_token

    async def refresh(self, kept: Kept) -> Kept:
        """Renews the pair, once however many ask at the same time. Goes on to the end when the asker is gone.

        Raises: as :meth:`another`.
        """
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh(kept))
            # Whoever asked may be gone by then; the row has the reason.
            self._refreshing.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._refreshing)

    async def close(self) -> None:
        """Waits for a refresh that has begun: what comes for a spent token must be kept."""
        if self._refreshing is not None:
            await asyncio.wait([self._refreshing], timeout=STOP_WITHIN)
        if self._oauth is not None:
            await self._oauth.http.aclose()

    async def keep_fresh(self) -> None:
        """Renews the pair at half of its life, for ever."""
        while True:
            wait = LOOK_SECONDS
            try:
                kept = await self.look()
                if self._oauth is not None and kept.half_life <= time.time() >= kept.not_before:
                    kept = await self.refresh(kept)
                wait = min(wait, max(1.0, max(kept.half_life, kept.not_before) - time.time()))
            except (ChannelError, DatabaseError) as error:
                log.error("zalo: %s", error)
                wait = 5.0
            await asyncio.sleep(wait)

    async def _refresh(self, kept: Kept) -> Kept:
        if self._oauth is None:
            raise TokenRefused(
                "MOTCUA_ZALO_APP_SECRET and MOTCUA_ZALO_REFRESH_TOKEN are needed to renew the token"
            )
        now = await self._locked(kept)
        if now is not None:
            return now
        spent = kept.refresh_token
        try:
            pair = await self._oauth.refresh(spent)
        except ChannelError as error:
            words = str(error)
            await self._run(lambda c, now: store.unlock(c, now, self._app_id, self._owner, words))
            raise
        if not await self._surely(lambda c, now: store.keep(c, now, self._app_id, spent, pair)):
            log.warning("zalo: another pair was put into the settings meanwhile")
        else:
            log.info("zalo: the access token was renewed")
        return await self.look()

    async def _locked(self, kept: Kept) -> Kept | None:
        """None: the lock is ours. Else the row that somebody has renewed meanwhile."""
        give_up = time.monotonic() + WAIT_SECONDS
        while True:
            row = await self.look()
            if row.access_token != kept.access_token or row.refresh_token != kept.refresh_token:
                return row
            if row.failure is not None and row.not_before > time.time():
                raise TokenRefused(row.failure)
            if await self._run(
                lambda c, now: store.lock(c, now, self._app_id, self._owner, kept.refresh_token)
            ):
                return None
            if time.monotonic() > give_up:
                raise PlatformAway("another gateway renews the token")
            await asyncio.sleep(_PEEK_SECONDS)

    def _seen(self, kept: Kept) -> Kept:
        self._kept, self._looked_at = kept, time.monotonic()
        return kept

    async def _run(self, work: Callable[[Connection, float], T]) -> T:
        def migrated(connection: Connection, now: float) -> T:
            if not self._migrated:
                migrate(connection)
            return work(connection, now)

        result = await self._mailbox.core.run(migrated)
        self._migrated = True
        return result

    async def _surely(self, work: Callable[[Connection, float], T]) -> T:
        """Tries until the database takes it: the new pair exists only here."""
        while True:
            try:
                return await self._run(work)
            except DatabaseError as error:
                log.error("zalo: the new token cannot be kept: %s", error)
                await asyncio.sleep(_DATABASE_PAUSE)
