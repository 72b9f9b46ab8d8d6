from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text

from dossiers import Database, open_database
from dossiers.errors import DatabaseError
from dossiers.migrations import HEAD, VERSION_TABLE
from dossiers.models import Base, Dossier, Kind
from tests.dossiers.conftest import make_dossier


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[2] / "dossiers" / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_opening_again_keeps_what_is_there(database: Database, database_url: str) -> None:
    with database.write() as session:
        session.add(make_dossier())
    again = open_database(database_url)
    with again.read() as session:
        assert session.scalar(select(func.count(Dossier.id))) == 1
    again.close()


def test_another_rooms_version_table_is_left_alone(database_url: str) -> None:
    first = open_database(database_url)
    with first.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version_mailbox (version_num TEXT)"))
        connection.execute(text("INSERT INTO alembic_version_mailbox VALUES ('0007')"))
    first.close()
    second = open_database(database_url)
    with second.engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version_mailbox")) == "0007"
        assert inspect(connection).has_table("dossiers")
    second.close()


def _open_and_write(url: str, number: int) -> int:
    database = open_database(url)
    with database.write() as session:
        session.add(make_dossier(f"H99.10.01.05-261102-{number:04d}", kind=Kind(procedure_code=str(number))))
    database.close()
    return os.getpid()


def test_processes_that_start_at_once_do_not_collide(database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_open_and_write, args=(database_url, n)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    database = open_database(database_url)
    with database.read() as session:
        assert session.scalar(select(func.count(Dossier.id))) == 3
    database.close()


def test_threads_that_open_at_once_do_not_collide(database_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(open_database, [database_url] * 8))
    for database in opened:
        with database.engine.connect() as connection:
            assert inspect(connection).has_table("handover_requests")
        database.close()


def test_a_failed_write_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.add(make_dossier())
        session.flush()
        raise ZeroDivisionError
    with database.read() as session:
        assert session.scalar(select(func.count(Dossier.id))) == 0


def test_writers_wait_for_each_other(database: Database) -> None:
    """Each reads the last number and writes the next: nobody may come between."""

    def take_a_number(_: int) -> None:
        with database.write() as session:
            if database.engine.dialect.name == "postgresql":
                session.execute(text("LOCK TABLE dossier_kinds"))
            last = session.scalar(select(func.count(Kind.id))) or 0
            session.add(Kind(procedure_code=str(last + 1)))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(take_a_number, range(24)))
    with database.read() as session:
        numbers = sorted(int(code) for code in session.scalars(select(Kind.procedure_code)))
    assert numbers == list(range(1, 25))


def test_sqlite_is_made_with_its_folder_and_waits_for_others(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/a/b/motcua.db")
    with database.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA busy_timeout")) >= 5000
    database.close()


def test_postgres_may_be_written_shorter(postgresql_url: str) -> None:
    database = open_database(postgresql_url.replace("postgresql://", "postgres://"))
    assert database.engine.dialect.driver == "psycopg"
    database.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "motcua.db",
        "mysql://a@b/c",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://x@127.0.0.1:1/y",
        "postgresql://x@127.0.0.1:abc/y",
    ],
)
def test_an_address_that_cannot_be_used_is_told_in_one_line(url: str) -> None:
    with pytest.raises(DatabaseError) as failure:
        open_database(url)
    message = str(failure.value)
    assert message.startswith("MOTCUA_DATABASE_URL: ")
    assert "\n" not in message


def test_the_password_is_not_told() -> None:
    with pytest.raises(DatabaseError) as failure:
        open_database("postgresql://clerk:s3cret@127.0.0.1:1/motcua")
    assert "s3cret" not in str(failure.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "motcua.db"
    path.write_bytes(b"This is a letter, not a database. " * 50)
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match="not a database"):
        open_database(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_newer_programs_database_is_refused(database: Database, database_url: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="another version of this program"):
        open_database(database_url)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("in the way")
    with pytest.raises(DatabaseError, match=r"MOTCUA_DATABASE_URL: the folder .* cannot be made"):
        open_database(f"sqlite:///{blocker}/motcua.db")


@pytest.mark.skipif(not os.path.exists("/usr/bin/setpriv"), reason="needs setpriv (util-linux)")
def test_a_read_only_database_is_told(tmp_path: Path) -> None:
    """As another user, since root may write everywhere."""
    path = tmp_path / "motcua.db"
    open_database(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = 'older'")
    connection.close()
    for folder in [tmp_path, *tmp_path.parents]:
        if str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    path.chmod(0o444)
    if os.geteuid() != 0:
        tmp_path.chmod(0o555)
    done = _open_as_nobody(path)
    tmp_path.chmod(0o755)
    assert done.returncode == 1
    assert "MOTCUA_DATABASE_URL" in done.stderr
    assert "must be writable by this user" in done.stderr


def _open_as_nobody(path: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; from dossiers import DossierError, open_database\n"
        "try: open_database(sys.argv[1])\n"
        "except DossierError as error: sys.exit(str(error))"
    )
    become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*become, sys.executable, "-B", "-c", program, f"sqlite:///{path}"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
