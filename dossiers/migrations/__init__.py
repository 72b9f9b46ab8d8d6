"""Alembic migrations of the tracking database, run by the program itself, never by hand.

Each room keeps its own version table, so that several can share one database.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from dossiers.errors import DatabaseError

VERSION_TABLE = "alembic_version_dossiers"
# The newest revision under versions/; spares Alembic's start-up when there is nothing to do.
HEAD = "0003"


def migrate(connection: Connection) -> None:
    """Brings the schema to :data:`HEAD` inside the transaction that ``connection`` is in."""
    if _version(connection) == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise DatabaseError(
            f"its tables are from another version of this program ({error})",
            "use the newer program, or a database of its own",
        ) from error


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
