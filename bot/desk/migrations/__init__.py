"""Alembic migrations of the desk, run by the program itself, in a version table of their own."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from dossiers.migrating import upgrade

VERSION_TABLE = "alembic_version_desk"
# The newest revision under versions/.
HEAD = "0004"


def migrate(connection: Connection) -> None:
    """Brings the schema to :data:`HEAD` inside the transaction that ``connection`` is in.

    The tables of the dossiers and of the mailbox are there already: some rows hang on theirs.

    Raises:
        DatabaseError: the tables are from a newer version of the program.
    """
    upgrade(connection, Path(__file__).parent, VERSION_TABLE, HEAD, "its desk is")
