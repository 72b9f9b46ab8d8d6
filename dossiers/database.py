"""Opening the tracking database: SQLite by default, PostgreSQL by URL, migrated on first use."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from dossiers.errors import DatabaseError
from dossiers.migrations import migrate

BUSY_SECONDS = 30
# Any fixed number does: it only has to be the same in every process of ours and nobody else's.
MIGRATION_LOCK = 0x6D6F7463


@dataclass(frozen=True)
class Database:
    """An open, migrated tracking database; safe to share between threads."""

    engine: Engine
    sessions: sessionmaker[Session]

    @cached_property
    def _reading(self) -> Engine:
        """On PostgreSQL each statement sees its own moment anyway: without BEGIN and ROLLBACK around a
        look-up it is half the trips to the server."""
        if self.engine.dialect.name == "postgresql":
            return self.engine.execution_options(isolation_level="AUTOCOMMIT")
        return self.engine

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading. Raises :class:`DatabaseError` when the database fails meanwhile."""
        with explained(self.engine), self.sessions(bind=self._reading) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction, kept when the block ends well. On SQLite it holds the write lock from its start;
        on PostgreSQL whoever reads before writing locks what it reads.

        Raises :class:`DatabaseError` when the database fails; nothing is kept then.
        """
        with explained(self.engine), self.engine.connect() as connection:
            connection = connection.execution_options(sqlite_begin="IMMEDIATE")
            with connection.begin(), self.sessions(bind=connection) as session:
                yield session
                session.flush()

    def close(self) -> None:
        """Gives every connection back."""
        self.engine.dispose()


def open_database(url: str, patience: float = BUSY_SECONDS) -> Database:
    """Opens and migrates the database at ``url``, making the SQLite file and its folder when missing.

    Accepts ``sqlite:///path`` and ``postgresql://`` (also written ``postgres://``). Several processes
    may call it at the same moment. ``patience``: seconds that work waits for a lock, or for a server that
    does not answer; bringing the tables up to date waits longer. Raises :class:`DatabaseError`, one line
    for a person.
    """
    parsed = _parse(url)
    build = _sqlite if parsed.get_backend_name() == "sqlite" else _postgresql
    engine = build(parsed, BUSY_SECONDS)
    try:
        with explained(engine):
            _migrate_under_lock(engine)
    except DatabaseError:
        engine.dispose()
        raise
    if patience < BUSY_SECONDS:
        engine.dispose()
        engine = build(parsed, patience)
    return Database(engine, sessionmaker(engine, expire_on_commit=False))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url.strip())
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        # What is wrong with it may hold the password: a port that is no number, say.
        raise DatabaseError(
            "is not a database address", "write sqlite:///var/motcua.db or postgresql://user@host/name"
        ) from None
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise DatabaseError("names no file", "write sqlite:///var/motcua.db, with three slashes")
        return parsed.set(drivername="sqlite+pysqlite")
    raise DatabaseError(f"{backend!r} is not supported", "use sqlite:/// or postgresql://")


def _sqlite(url: URL, patience: float) -> Engine:
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"the folder {path.parent} cannot be made ({error.strerror})",
            "make it, or name a file in a folder that this user may write",
        ) from error
    connect_args = {"timeout": patience, "isolation_level": None}
    engine = create_engine(url, connect_args=connect_args, pool_timeout=patience, hide_parameters=True)
    event.listen(engine, "connect", partial(_prepare_sqlite, patience))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(patience: float, connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
    connection.execute("PRAGMA foreign_keys = ON")
    _ensure_wal(connection, patience)


def _ensure_wal(connection: sqlite3.Connection, patience: float) -> None:
    """Write-ahead log. The switch itself does not wait for other openers, so it is tried again."""
    give_up = time.monotonic() + patience
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _postgresql(url: URL, patience: float) -> Engine:
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": str(max(2, min(10, round(patience))))})
    # An error that is logged must not show whom it was about.
    engine = create_engine(
        url, pool_pre_ping=True, pool_timeout=patience, hide_parameters=True, skip_autocommit_rollback=True
    )
    if patience < BUSY_SECONDS:
        event.listen(engine, "connect", partial(_prepare_postgresql, patience))
    return engine


def _prepare_postgresql(patience: float, connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {round(patience * 1000)}")
    connection.commit()


def _migrate_under_lock(engine: Engine) -> None:
    with engine.connect() as connection:
        connection = connection.execution_options(sqlite_begin="IMMEDIATE")
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            migrate(connection)


def lock_dossiers(connection: Connection) -> None:
    """Until the transaction ends readers go on, and nobody else adds or changes dossiers."""
    if connection.dialect.name == "postgresql":
        # SQLite has one writer anyway.
        connection.exec_driver_sql("LOCK TABLE dossiers, dossier_kinds IN SHARE ROW EXCLUSIVE MODE")


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turns a failure of the database itself (gone, locked, full, read-only) into words."""
    try:
        yield
    except (IntegrityError, DataError):
        # What was written is wrong, not the database: the caller's business.
        raise
    except (DBAPIError, PoolTimeout, engine.dialect.loaded_dbapi.Error) as error:
        raise _in_words(engine.url, error) from error


def _in_words(url: URL, error: Exception) -> DatabaseError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    reason = " ".join(str(cause).split())
    if url.get_backend_name() == "sqlite":
        advice = "the file and its folder must be writable by this user, on a disk that is not full"
        if "not a database" in reason:
            advice = "move the file away or name another one"
        return DatabaseError(f"the SQLite file {url.database} cannot be used ({reason})", advice)
    where = f"{url.host or 'the local server'}{f':{url.port}' if url.port else ''}"
    return DatabaseError(
        f"PostgreSQL database {url.database!r} at {where} cannot be used ({reason})",
        "check that PostgreSQL runs, and that host, name, user and password are right",
    )
