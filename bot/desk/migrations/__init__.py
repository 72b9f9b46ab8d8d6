"""Alembic migrations of the desk, run by the program itself, in a version table of their own."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from dossiers.errors import DatabaseError

VERSION_TABLE = "alembic_version_desk"
# The newest revision under versions/; spares Alembic's start-up when there is nothing to do.
HEAD = "0001"


def migrate(connection: Connection) -> None:
    """Brings the schema to :data:`HEAD` inside the transaction that ``connection`` is in.

    The tables of the dossiers and of the mailbox are there already: some rows hang on theirs.

    Raises:
        DatabaseError: the tables are from a newer version of the program.
    """
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
            f"its desk is from another version of this program ({error})",
            "use the newer program, or a database of its own",
        ) from error


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
