"""The tracking database, opened for programs that push dossiers into it."""

from __future__ import annotations

import asyncio
import hmac
import threading

from starlette.concurrency import run_in_threadpool

from bot.settings import Settings
from dossiers.database import Database, open_database
from dossiers.importing.batch import Result, put_records


class Push:
    """``token`` None: closed. One batch at a time; opened with the first."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url, self._token = url, token
        self._opening, self._turn = threading.Lock(), asyncio.Lock()
        self._database: Database | None = None

    @classmethod
    def of(cls, settings: Settings) -> Push:
        token = settings.dossiers_token
        return cls(settings.database, token.get_secret_value() if token else None)

    @property
    def open(self) -> bool:
        return self._token is not None

    def lets_in(self, authorization: str) -> bool:
        """Whether the header shows the token; takes the same time whatever it shows."""
        scheme, _, shown = authorization.partition(" ")
        known = (self._token or "").encode()
        given = shown.strip().encode("utf-8", "replace")
        return hmac.compare_digest(given, known) and scheme.lower() == "bearer" and self.open

    async def put(self, records: list[dict]) -> list[Result]:
        """Raises:
        DatabaseError: nothing, or only whole groups of records, was written; sending it again is right.
        """
        async with self._turn:
            return await run_in_threadpool(self._put, records)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()

    def _put(self, records: list[dict]) -> list[Result]:
        with self._opening:
            self._database = self._database or open_database(self._url)
        return put_records(self._database, records)
