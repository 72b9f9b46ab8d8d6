"""The migrations make the tables that the program uses, on both databases, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from bot.desk.migrations import HEAD, VERSION_TABLE
from bot.desk.store import migrate_desk
from bot.desk.tables import metadata
from bot.mailbox.database import open_engine
from dossiers.errors import DatabaseError
from tests.bot.desk.rig import engine_of


def test_migrated_is_what_the_program_expects(both: str) -> None:
    engine = engine_of(both)

    def ours(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
        return kind != "table" or str(name).startswith("desk_")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_several_may_migrate_at_once(postgresql_url: str) -> None:
    engines = [open_engine(postgresql_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate_desk, engines))
    with engines[0].connect() as connection:
        assert list(connection.scalars(text(f"SELECT version_num FROM {VERSION_TABLE}"))) == [HEAD]
    for engine in engines:
        engine.dispose()


def test_tables_of_a_newer_program_are_told(sqlite_url: str) -> None:
    engine = engine_of(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    engine.dispose()
    opened = open_engine(sqlite_url)
    with pytest.raises(DatabaseError, match="another version"):
        migrate_desk(opened)
    opened.dispose()
