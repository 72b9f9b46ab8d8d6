"""Alembic migrations of Zalo's tokens, run by the program itself, in a version table of their own."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from dossiers.database import MIGRATION_LOCK
from dossiers.migrating import upgrade

VERSION_TABLE = "alembic_version_zalo"
# The newest revision under versions/.
HEAD = "0001"
# Any fixed number does, other than those of the dossiers, the mailbox and the desk.
_LOCK = MIGRATION_LOCK + 3


def migrate(connection: Connection) -> None:
    """Brings the schema to :data:`HEAD` inside the transaction that ``connection`` is in.

    Raises:
        DatabaseError: the table is from a newer version of the program.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    upgrade(connection, Path(__file__).parent, VERSION_TABLE, HEAD, "its table of Zalo tokens is")
