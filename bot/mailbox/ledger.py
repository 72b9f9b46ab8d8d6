"""Runs pieces of work in transactions of the mailbox's database, off the event loop.

SQLite has one writer at a time and each commit waits for the disk: one thread does all the writing
there and puts what has piled up meanwhile into one transaction. PostgreSQL does that by itself: a few
threads, one transaction each; what belongs to one conversation goes through the same one, in order.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bot.mailbox.database import is_sqlite, open_engine
from dossiers.database import explained
from dossiers.errors import DatabaseError

T = TypeVar("T")
SQLITE_BATCH = 64
POSTGRESQL_THREADS = 4
# Of two transactions that wait for each other PostgreSQL ends one, which is right the next time.
TRIES = 5
_DEADLOCK = "40P01"


@dataclass(frozen=True)
class _Job:
    work: Callable[[Connection], Any]
    durable: bool
    done: Future[Any] = field(default_factory=Future)


_Queue = queue.SimpleQueue[_Job | None]


class Ledger:
    """Opens (and migrates) the database with the first piece of work that can."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: Engine | None = None
        self._opening = threading.Lock()
        threads, self._most = (1, SQLITE_BATCH) if is_sqlite(url) else (POSTGRESQL_THREADS, 1)
        self._queues: list[_Queue] = [queue.SimpleQueue() for _ in range(threads)]
        self._numbers = count()
        self._threads = [
            threading.Thread(target=self._serve, args=(jobs,), name="mailbox", daemon=True)
            for jobs in self._queues
        ]
        for thread in self._threads:
            thread.start()

    async def run(
        self, work: Callable[[Connection], T], durable: bool = True, conversation: str | None = None
    ) -> T:
        """What ``work`` returns, once its transaction is committed; nothing of it stays when it raises.

        ``durable``: it survives a power cut. Without it, it survives the end of any process, and the
        last moments may be lost when the machine itself goes down. What names the same ``conversation``
        is done in the order in which it was asked for.

        Raises:
            DatabaseError: the database cannot be used now.
        """
        job = _Job(work, durable)
        number = next(self._numbers) if conversation is None else hash(conversation)
        self._queues[number % len(self._queues)].put(job)
        return await asyncio.wrap_future(job.done)

    def close(self) -> None:
        """Ends the threads after what they were given, and gives the connections back."""
        for jobs in self._queues:
            jobs.put(None)
        for thread in self._threads:
            thread.join()
        if self._engine is not None:
            self._engine.dispose()

    def engine(self) -> Engine:
        """The open engine.

        Raises:
            DatabaseError: it cannot be opened.
        """
        with self._opening:
            self._engine = self._engine or open_engine(self._url)
            return self._engine

    def checkpoint(self) -> None:
        """SQLite: empties the log beside the file, which holds pages as they were. Blocks.

        Raises:
            DatabaseError: it cannot be done.
        """
        engine = self.engine()
        if engine.dialect.name != "sqlite":
            return
        with explained(engine), engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def _serve(self, jobs: _Queue) -> None:
        last = False
        while not last:
            batch, last = self._next_batch(jobs)
            # A caller that is gone already gets nothing done.
            batch = [job for job in batch if job.done.set_running_or_notify_cancel()]
            if not batch:
                continue
            try:
                results = self._commit(batch)
            except Exception as error:  # it belongs to those who wait, not to this thread
                for job in batch:
                    job.done.set_exception(error)
            else:
                for job, (result, fault) in zip(batch, results, strict=True):
                    job.done.set_result(result) if fault is None else job.done.set_exception(fault)

    def _next_batch(self, jobs: _Queue) -> tuple[list[_Job], bool]:
        job = jobs.get()
        batch: list[_Job] = []
        while job is not None:
            batch.append(job)
            if len(batch) >= self._most:
                return batch, False
            try:
                job = jobs.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _commit(self, batch: list[_Job]) -> list[tuple[Any, Exception | None]]:
        for _ in range(TRIES - 1):
            try:
                return self._try(batch)
            except DatabaseError as error:
                if not _ended_for_another(error):
                    raise
        return self._try(batch)

    def _try(self, batch: list[_Job]) -> list[tuple[Any, Exception | None]]:
        engine = self.engine()
        with explained(engine), engine.connect() as connection:
            connection = connection.execution_options(sqlite_begin="IMMEDIATE")
            durable = any(job.durable for job in batch)
            if connection.dialect.name == "sqlite":
                # Outside of a transaction, hence on the driver's connection.
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with connection.begin():
                if connection.dialect.name == "postgresql" and not durable:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                if len(batch) == 1:
                    return [(batch[0].work(connection), None)]
                return [_apart(connection, job) for job in batch]


def _ended_for_another(error: DatabaseError) -> bool:
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and getattr(cause.orig, "sqlstate", None) == _DEADLOCK


def _apart(connection: Connection, job: _Job) -> tuple[Any, Exception | None]:
    """Runs one of several so that its failure undoes nothing of the others."""
    try:
        with explained(connection.engine), connection.begin_nested():
            return job.work(connection), None
    except Exception as error:  # handed to whoever gave the work
        return None, error
