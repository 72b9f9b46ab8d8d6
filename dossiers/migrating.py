"""Alembic migrations that the program runs itself; every room of tables calls this with its own folder."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from dossiers.errors import DatabaseError

# Alembic keeps what it works on in globals of the process: one thread at a time.
_one_at_a_time = threading.Lock()


def upgrade(connection: Connection, folder: Path, version_table: str, head: str, what: str) -> None:
    """Brings the tables of one room to ``head`` inside the transaction that ``connection`` is in.

    ``folder`` holds ``env.py`` and ``versions/``; ``what`` names the tables in an error. ``head`` is the
    newest revision there: it spares Alembic's start-up when there is nothing to do.

    Raises:
        DatabaseError: the tables are from a newer version of the program.
    """
    if _version(connection, version_table) == head:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        with _one_at_a_time:
            command.upgrade(config, "head")
    except CommandError as error:
        raise DatabaseError(
            f"{what} from another version of this program ({error})",
            "use the newer program, or a database of its own",
        ) from error


def _version(connection: Connection, version_table: str) -> str | None:
    if not inspect(connection).has_table(version_table):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(version_table)))
