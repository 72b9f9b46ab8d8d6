"""Alembic migrations of Zalo's tokens, run by the program itself, in a version table of their own."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from dossiers.errors import DatabaseError

VERSION_TABLE = "alembic_version_zalo"
# The newest revision under versions/; spares Alembic's start-up when there is nothing to do.
HEAD = "0001"
# Any fixed number does, other than those of the dossiers and the mailbox.
_LOCK = 0x6D6F7463 + 2


def migrate(connection: Connection) -> None:
    """Brings the schema to :data:`HEAD` inside the transaction that ``connection`` is in.

    Raises:
        DatabaseError: the table is from a newer version of the program.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
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
            f"its table of Zalo tokens is from another version of this program ({error})",
            "use the newer program, or a database of its own",
        ) from error


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
