"""Opening the mailbox: the database of the dossiers, with the mailbox's own tables in it."""

from __future__ import annotations

import sqlite3
import time

from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.mailbox.migrations import migrate
from dossiers.database import MIGRATION_LOCK, explained, open_database
from dossiers.errors import DatabaseError

# Any fixed number does, other than the one that dossiers take.
_LOCK = MIGRATION_LOCK + 1


def open_engine(url: str) -> Engine:
    """The engine of the database at ``url``, migrated; several processes may call it at once.

    Raises:
        DatabaseError: one line that says what is wrong and what to do.
    """
    engine = open_database(url).engine
    # An error that is logged must not show what people wrote.
    engine.hide_parameters = True
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _overwrite_what_is_deleted)
        engine.dispose()
    try:
        with explained(engine), engine.connect() as connection:
            connection = connection.execution_options(sqlite_begin="IMMEDIATE")
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                migrate(connection)
    except DatabaseError:
        engine.dispose()
        raise
    return engine


def _overwrite_what_is_deleted(connection: sqlite3.Connection, _record: object) -> None:
    # Else what a person asked us to erase could still be read from the file.
    connection.execute("PRAGMA secure_delete = ON")


def is_sqlite(url: str) -> bool:
    """Whether ``url`` names an SQLite database; a URL that cannot be read is none."""
    try:
        return make_url(url.strip()).get_backend_name() == "sqlite"
    except ArgumentError:
        return False


def database_time(connection: Connection) -> float:
    """The present moment by the database's clock: machines that share it may each have another."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.scalar(select(func.extract("epoch", func.clock_timestamp()))))


def locked() -> DatabaseError:
    """Somebody else (a large import, a backup) holds the database for longer than is waited for."""
    return DatabaseError("it is locked", "see what writes to it")
