"""Alembic migrations of the tracking database, run by the program itself, never by hand.

Each room keeps its own version table, so that several can share one database.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from dossiers.migrating import upgrade

VERSION_TABLE = "alembic_version_dossiers"
# The newest revision under versions/.
HEAD = "0003"


def migrate(connection: Connection) -> None:
    """Brings the schema to :data:`HEAD` inside the transaction that ``connection`` is in."""
    upgrade(connection, Path(__file__).parent, VERSION_TABLE, HEAD, "its tables are")
