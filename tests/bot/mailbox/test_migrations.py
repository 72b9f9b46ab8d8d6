"""The tables of the mailbox: made by its migrations, once, whoever begins first."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from bot.mailbox.database import open_engine
from bot.mailbox.migrations import HEAD, VERSION_TABLE
from bot.mailbox.tables import metadata
from bot.settings import ROOT
from dossiers.errors import DatabaseError
from tests.bot.mailbox.helpers import open_mailbox

NAMES = set(metadata.tables)


def test_the_migrations_make_what_the_tables_say(url: str) -> None:
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            options = {
                "version_table": VERSION_TABLE,
                "include_name": lambda name, kind, _: kind != "table" or name in NAMES,
            }
            assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
            assert inspect(connection).has_table("dossiers")
    finally:
        engine.dispose()


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[3] / "bot/mailbox/migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_gateways_that_start_at_once_do_not_collide(url: str) -> None:
    script = "import sys; from bot.mailbox.database import open_engine; open_engine(sys.argv[1]).dispose()"
    start = [sys.executable, "-c", script, url]
    gateways = [subprocess.Popen(start, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    faults = [gateway.communicate(timeout=120)[1].decode() for gateway in gateways]
    assert [gateway.returncode for gateway in gateways] == [0, 0, 0], faults


def test_threads_that_open_databases_of_their_own_do_not_collide(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda n: open_engine(f"sqlite:///{tmp_path}/{n}.db"), range(6)))
    for engine in opened:
        with engine.connect() as connection:
            assert inspect(connection).has_table("inbox")
        engine.dispose()


def test_a_database_of_a_newer_program_is_refused_in_words(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    engine.dispose()

    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        try:
            with pytest.raises(DatabaseError, match="its mailbox is from another version"):
                await mailbox.open()
        finally:
            await mailbox.close()

    asyncio.run(run())
