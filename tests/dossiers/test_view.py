"""The centre's own database, looked at live: a real SQLite file, a real PostgreSQL and a real MariaDB."""

from __future__ import annotations

import hashlib
import socket
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, event, make_url, text

from dossiers import Database, PublicStatus, WorkCalendar, lookup
from dossiers.errors import DataFileError, ViewAway
from dossiers.models import Access, Dossier
from dossiers.proof import details, prove
from dossiers.throttle import Caller, Limits
from dossiers.view import LiveView
from tests.dossiers.conftest import make_dossier

NOW = datetime(2026, 11, 9, 10, 0)
A = Caller("web:a")
CODE = "H99.10.01.05-261102-0001"
MAPPING = """\
table: {table}
columns:
  code: SoHoSo
  procedure_code: MaTTHC
  procedure_name: "Tên thủ tục"
  agency: DonVi
  department: Phong
  name: ChuHoSo
  phone: DienThoai
  received_at: NgayNhan
  due_at: HanXuLy
  finished_at: NgayXong
  updated_at: CapNhat
  status: TrangThai
  missing_papers: BoSung
  late_reason: LyDo
statuses:
  Chờ lãnh đạo: 4
"""
COLUMNS = (
    '"SoHoSo" varchar(40) primary key, "MaTTHC" varchar(20), "Tên thủ tục" text, "DonVi" text, "Phong" text, '
    '"ChuHoSo" text, "DienThoai" text, "NgayNhan" {moment}, "HanXuLy" {moment}, "NgayXong" date, '
    '"CapNhat" {moment_there}, "TrangThai" text, "BoSung" text, "LyDo" text'
)
TABLES = {"sqlite": '"Ho So"', "postgresql": '"motcua"."Ho So"', "mariadb": '"Ho So"'}


def own_engine(url: str) -> Engine:
    """An engine of whom the other database belongs to: that may do everything."""
    drivers = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql"}
    made = make_url(url)
    made = made.set(drivername=drivers.get(made.drivername, made.drivername))
    ansi = {"init_command": "SET sql_mode = 'ANSI_QUOTES'"} if "mariadb" in url else {}
    return create_engine(made, connect_args=ansi)


@pytest.fixture
def mariadb_url(mariadb_server: str) -> Iterator[str]:
    """A new, empty database."""
    name = f"test_{uuid4().hex[:12]}"
    engine = own_engine(f"{mariadb_server}/mysql")
    with engine.begin() as connection:
        connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    yield f"{mariadb_server}/{name}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    engine.dispose()


@pytest.fixture(params=TABLES)
def theirs(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that is not ours, with one dossier in it and one that is odd."""
    kind, table = request.param, TABLES[request.param]
    url = f"sqlite:///{tmp_path}/cu.db" if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    # MariaDB knows no moments with their zone, and its "timestamp" is something else.
    moments = ("datetime", "datetime") if kind == "mariadb" else ("timestamp", "timestamp with time zone")
    written, none = (
        ("2026-11-04 10:00", "'0000-00-00'") if kind == "mariadb" else ("2026-11-04 03:00+00:00", "NULL")
    )
    engine = own_engine(url)
    with engine.begin() as connection:
        if kind == "postgresql":
            connection.execute(text("CREATE SCHEMA motcua"))
        columns = COLUMNS.format(moment=moments[0], moment_there=moments[1])
        connection.execute(text(f"CREATE TABLE {table} ({columns})"))
        row = (
            "'1.004222', 'Đăng ký thường trú', 'Công an phường Hoa Sen', 'Đội QLHC', 'Trần Thị Mẫu', "
            f"'0000123456', '2026-11-02 08:00', '2026-11-13 17:00', {none}, '{written}', "
            "'Chờ lãnh đạo', 'Tờ khai', NULL"
        )
        connection.execute(text(f"INSERT INTO {table} VALUES ('{CODE}', {row})".replace(":", r"\:")))
        odd = row.replace("Chờ lãnh đạo", "Trần Thị Kín")
        odd_row = f"INSERT INTO {table} VALUES ('H99.10.01.05-261102-0002', {odd})"
        connection.execute(text(odd_row.replace(":", r"\:")))
    engine.dispose()
    return url


@pytest.fixture
def mapping(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "view.yml"
    postgresql = "postgresql" in request.node.name
    path.write_text(MAPPING.format(table="motcua.Ho So" if postgresql else "Ho So"), encoding="utf-8")
    return path


@pytest.fixture
def view(theirs: str, mapping: Path) -> Iterator[LiveView]:
    opened = LiveView(theirs, mapping, now=lambda: NOW, timeout=60)
    yield opened
    opened.close()


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Database]:
    from dossiers import open_database

    database = open_database(f"sqlite:///{tmp_path}/motcua.db")
    yield database
    database.close()


def look(ours: Database, code: str, view: LiveView) -> PublicStatus | None:
    with ours.read() as session:
        return lookup(session, code, NOW, WorkCalendar(), view=view)


def test_what_is_not_ours_is_looked_up_there(ours: Database, view: LiveView) -> None:
    found = look(ours, "h99 10 01 05 261102 0001", view)
    assert found is not None
    assert (found.code, found.status, found.procedure_name) == (CODE, 4, "Đăng ký thường trú")
    assert (found.received_at, found.due_at) == (datetime(2026, 11, 2, 8), datetime(2026, 11, 13, 17))
    assert (found.days_left, found.late, found.agency) == (4, False, "Công an phường Hoa Sen")
    # Three in the morning in Greenwich.
    assert found.updated_at == datetime(2026, 11, 4, 10)
    assert "Mẫu" not in repr(found) and "Tờ khai" not in repr(found)
    assert look(ours, "H99.10.01.05-261102-9999", view) is None
    with ours.read() as session:
        assert session.query(Dossier).count() == 0


def test_ours_comes_first(ours: Database, view: LiveView) -> None:
    with ours.write() as session:
        session.add(make_dossier(CODE, status=5, status_since=NOW))
    found = look(ours, CODE, view)
    assert found is not None and found.status == 5


def test_the_second_proof_holds_for_it_too(ours: Database, view: LiveView) -> None:
    proven = prove(ours, A, CODE, "123456", NOW, view=view)
    assert proven is not None
    assert (proven.masked_name, proven.department, proven.missing_papers) == (
        "T*** T*** M***",
        "Đội QLHC",
        "Tờ khai",
    )
    assert prove(ours, A, CODE, "654321", NOW, view=view) is None
    assert prove(ours, A, "H99.10.01.05-261102-9999", "123456", NOW, view=view) is None
    few = Limits(per_person=0)
    assert prove(ours, A, CODE, "123456", NOW, limits=few, view=view) is None
    again = details(ours, "web:a", CODE, NOW, view)
    assert again is not None and again.missing_papers == "Tờ khai"
    with ours.read() as session:
        assert [access.code for access in session.query(Access)] == [CODE]


def test_a_dossier_of_ours_is_proven_while_theirs_is_away(ours: Database, mapping: Path) -> None:
    away = LiveView("postgresql://reader@127.0.0.1:1/none", mapping)
    with ours.write() as session:
        session.add(make_dossier(CODE))
    assert prove(ours, A, CODE, "123456", NOW, view=away) is not None
    for wrong in (CODE, "H99.10.01.05-261102-9999"):
        with pytest.raises(ViewAway):
            prove(ours, A, wrong, "000000", NOW, view=away)


def test_nothing_can_be_written_through_it(view: LiveView, theirs: str) -> None:
    view.find(CODE)
    refused = pytest.raises(Exception, match=r"(?i)read[- ]?only")
    with refused, view._engine.begin() as connection:
        connection.execute(text("CREATE TABLE x (y integer)"))


def test_a_row_that_cannot_be_read_is_not_quoted(ours: Database, view: LiveView) -> None:
    with pytest.raises(ViewAway, match="unknown status") as failure:
        look(ours, "H99.10.01.05-261102-0002", view)
    assert "Kín" not in str(failure.value)


def test_what_is_no_code_is_not_asked_for(ours: Database, mapping: Path) -> None:
    nowhere = LiveView("postgresql://reader@127.0.0.1:1/none", mapping)
    for typed in ("", "1.004222", "'; DROP TABLE x", "\0"):
        assert nowhere.find(typed) is None


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "mssql"])
def test_a_database_that_is_away_is_told_and_then_left_alone(mapping: Path, kind: str) -> None:
    view = LiveView(f"{kind}://reader:s3cret@127.0.0.1:1/none", mapping)
    with pytest.raises(ViewAway, match="MOTCUA_DOSSIERS_VIEW_URL") as first:
        view.find(CODE)
    assert "s3cret" not in str(first.value) and CODE not in str(first.value)
    with pytest.raises(ViewAway, match="a moment ago"):
        view.find(CODE)


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_one_that_hangs_is_cut_off(mapping: Path, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        view = LiveView(f"{kind}://reader:s3cret@127.0.0.1:{port}/none", mapping, timeout=0.3)
        with pytest.raises(ViewAway, match=r"no answer within 0\.3 s"):
            view.find(CODE)
        view.close()


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_slow_query_is_cut_off_by_the_server(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    engine = own_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE ho_so (code text, ngay_nhan text)"))
    path = tmp_path / "view.yml"
    path.write_text("table: ho_so\ncolumns: {code: code, received_at: ngay_nhan}\n", encoding="utf-8")
    view = LiveView(url, path, timeout=0.5)
    words, activity = {
        "postgresql": ("LOCK TABLE ho_so", "pg_stat_activity WHERE state = 'active' AND query"),
        "mariadb": ("LOCK TABLES ho_so WRITE", "information_schema.processlist WHERE info"),
    }[kind]
    waiting = text(f"SELECT count(*) FROM {activity} LIKE '%ngay_nhan%'")
    with engine.begin() as holder:
        holder.execute(text(words))
        with pytest.raises(ViewAway):
            view.find(CODE)
        for _ in range(600):
            with engine.connect() as connection:
                # This very statement is one of them.
                if connection.scalar(waiting) == 1:
                    break
            time.sleep(0.1)
        else:
            pytest.fail("the query still waits over there")
    view.close()
    engine.dispose()


def test_several_ask_at_once(ours: Database, view: LiveView) -> None:
    found: list[object] = []

    def ask() -> None:
        found.append(look(ours, CODE, view))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([status for status in found if status is not None]) == 12


def test_the_file_is_not_touched(ours: Database, tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (code text, n text)"))
        connection.execute(text(f"INSERT INTO t VALUES ('{CODE}', '02/11/2026')"))
    engine.dispose()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "v.yml").write_text("table: t\ncolumns: {code: code, received_at: n}\n", encoding="utf-8")
    view = LiveView(f"sqlite:///{path}", tmp_path / "v.yml", now=lambda: NOW, timeout=60)
    found = look(ours, CODE, view)
    # Without a column for it, what is seen live is as of now.
    assert found is not None and (found.updated_at, found.stale, found.status) == (NOW, False, 2)
    view.close()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert sorted(p.name for p in tmp_path.glob("theirs*")) == ["theirs.db"]
    with pytest.raises(ViewAway):
        LiveView(f"sqlite:///{tmp_path}/nothing.db", tmp_path / "v.yml").find(CODE)
    assert not (tmp_path / "nothing.db").exists()


def test_sql_server_is_asked_in_its_own_words(mapping: Path) -> None:
    """No SQL Server runs here: what would be sent, and what its driver is told of time limits."""
    view = LiveView("mssql://reader:s3cret@127.0.0.1:1/none", mapping)
    query = view._query.params(wanted=CODE)
    words = query.compile(dialect=view._engine.dialect, compile_kwargs={"render_postcompile": True})
    asked = " ".join(str(words).split())
    assert asked.startswith("SELECT TOP 1 [Ho So].[SoHoSo], [Ho So].[MaTTHC], [Ho So].[Tên thủ tục],")
    assert asked.endswith("FROM [Ho So] WHERE [Ho So].[SoHoSo] = CAST(%(wanted)s AS VARCHAR(64))")
    given: dict[str, object] = {}
    event.listen(view._engine, "do_connect", lambda *args: given.update(args[3]))
    with pytest.raises(ViewAway):
        view.find(CODE)
    assert (given["login_timeout"], given["timeout"], given["charset"]) == (3, 3, "UTF-8")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nothing", "not a database address"),
        ("mysql://a:s3cret@b:port/c", "not a database address"),
        ("oracle://a:s3cret@b/c", "not supported"),
        ("postgresql+pigeon://a:s3cret@b/c", "pigeon"),
    ],
)
def test_addresses_that_cannot_be_used(mapping: Path, url: str, words: str) -> None:
    with pytest.raises(ViewAway, match=words) as failure:
        LiveView(url, mapping)
    assert "s3cret" not in str(failure.value)


@pytest.mark.parametrize(
    ("url", "driver", "package"),
    [
        ("mysql://a:s3cret@b/c", "pymysql", "pymysql"),
        ("mariadb://a:s3cret@b/c", "pymysql", "pymysql"),
        ("mssql://a:s3cret@b/c", "pymssql", "pymssql"),
        ("mssql+pyodbc://a:s3cret@b/c", "pyodbc", "pyodbc"),
        ("mysql+mysqldb://a:s3cret@b/c", "MySQLdb", "mysqlclient"),
    ],
)
def test_a_missing_driver_is_named_with_its_package(
    mapping: Path, monkeypatch: pytest.MonkeyPatch, url: str, driver: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(ViewAway, match=f"{driver} is missing; .* pip install .* {package}$") as failure:
        LiveView(url, mapping)
    assert "s3cret" not in str(failure.value)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("columns: {code: a, received_at: b}", "table"),
        ("table: [x]\ncolumns: {code: a, received_at: b}", "table"),
        ("table: t\ncolumns: {code: a}", "columns: received_at"),
        ("table: t\ncolumns: {received_at: a}", "columns: code"),
        ("table: t\ncolumns: {code: a, received_at: b, colour: c}", "columns: colour"),
        ("table: t\ncolumns: {code: [a], received_at: b}", "columns: code"),
        ("table: t\ncolumns: {code: a, received_at: b}\nstatuses: {x: 11}", "statuses: x"),
        ("table: t\ncolumns: {code: a, received_at: b}\njoin: x", "join"),
        ("- a", "mapping"),
    ],
)
def test_faulty_mappings_name_what_is_wrong(tmp_path: Path, content: str, named: str) -> None:
    path = tmp_path / "view.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError) as failure:
        LiveView(f"sqlite:///{tmp_path}/x.db", path)
    assert str(failure.value).startswith(f"{path}: {named}: ")


def test_the_statement_asks_for_one_dossier_only(view: LiveView) -> None:
    statements: list[str] = []
    event.listen(view._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    view.find(CODE)
    [asked] = [statement for statement in statements if "SoHoSo" in statement]
    assert "WHERE" in asked and "LIMIT" in asked
