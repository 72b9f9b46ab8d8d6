"""The tracking database: ten million dossiers with fifty million events, in SQLite and in PostgreSQL."""

from __future__ import annotations

import csv
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path

from sqlalchemy import select

from bench.support.dossiers import EVENTS, HEADINGS, NOW, fill, write_export
from bench.support.report import Report
from dossiers import Database, WorkCalendar, open_database
from dossiers.importing import import_file
from dossiers.lookup import lookup
from dossiers.models import Dossier
from dossiers.report import make_report
from tests.postgres import Unavailable, postgresql

SIZE = 10_000_000
# An export has a tenth as many rows.
EXPORTED = 10
LOOKUPS = 5_000
QUARTERS = {
    "last quarter": (date(2026, 7, 1), date(2026, 9, 30)),
    "quarter of two years ago": (date(2024, 7, 1), date(2024, 9, 30)),
    "first quarter": (date(2022, 1, 1), date(2022, 3, 31)),
}
# Dossier, applicant, events, indices, and what an import writes beside them.
BYTES_EACH = 2_000
LOOKUP_MS, REPORT_SECONDS, IMPORT_ROWS_A_SECOND = 5.0, 10.0, 1_000_000 / 90


def run(report: Report, size: int = SIZE) -> None:
    if (free := shutil.disk_usage(tempfile.gettempdir()).free) < size * BYTES_EACH:
        report.limit(f"{size * BYTES_EACH / 1e9:.0f} GB of disk", f"{free / 1e9:.0f} GB free", False)
        return
    for name, opened in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        try:
            with opened() as (database, folder):
                _measure(report, name, database, folder, size)
        except Unavailable as reason:
            report.limit(f"{name} is measured", str(reason), False)


@contextmanager
def _sqlite() -> Iterator[tuple[Database, Path]]:
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        database = open_database(f"sqlite:///{name}/motcua.db")
        try:
            yield database, Path(name)
        finally:
            database.close()


@contextmanager
def _postgresql() -> Iterator[tuple[Database, Path]]:
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name, postgresql() as server:
        database = open_database(f"{server}/postgres")
        try:
            yield database, Path(name)
        finally:
            database.close()


def _measure(report: Report, name: str, database: Database, folder: Path, size: int) -> None:
    def row(what: str, found: str) -> None:
        report.say(f"{name}: {what}: {found}")
        report.row(what, **{name: found})

    seconds = _timed(lambda: fill(database, size))
    held = _bytes(database)
    row(f"making {size:,} with {EVENTS} events each", f"{seconds:.0f} s")
    row("database", f"{held / 1e9:.2f} GB, {held / size:.0f} bytes a dossier")

    each = _lookups(database, size)
    p95 = each[len(each) * 95 // 100]
    row("look-up by code, median", f"{each[len(each) // 2]:.2f} ms")
    row("look-up by code, 95th", f"{p95:.2f} ms")
    report.limit(f"{name}: look-up by code, 95th, under {LOOKUP_MS:.0f} ms", f"{p95:.2f} ms", p95 < LOOKUP_MS)

    for which, quarter in QUARTERS.items():
        counted, seconds = _report(database, *quarter)
        row(f"report of the {which}", f"{seconds:.2f} s ({counted:,} dossiers)")
        what = f"{name}: report of the {which} under {REPORT_SECONDS:.0f} s"
        report.limit(what, f"{seconds:.2f} s", seconds < REPORT_SECONDS)

    _import(report, row, name, database, folder, size)


def _lookups(database: Database, size: int) -> list[float]:
    """Milliseconds of each, in order of size; nine in ten codes are known."""
    dice, calendar = random.Random(1), WorkCalendar()
    with database.read() as session:
        wanted = [dice.randint(1, size) for _ in range(LOOKUPS)]
        codes = list(session.scalars(select(Dossier.code).where(Dossier.id.in_(wanted))))
    codes = [code if dice.random() < 0.9 else f"{code[:4]}98{code[6:]}" for code in codes]
    dice.shuffle(codes)
    each = []
    for code in codes:
        began = time.perf_counter()
        with database.read() as session:
            lookup(session, code, NOW, calendar)
        each.append((time.perf_counter() - began) * 1000)
    return sorted(each)


def _report(database: Database, start: date, end: date) -> tuple[int, float]:
    began = time.perf_counter()
    with database.read() as session:
        made = make_report(session, start, end, NOW, WorkCalendar()).as_dict()
    return made["received"], time.perf_counter() - began


def _import(
    report: Report, row: Callable[[str, str], None], name: str, database: Database, folder: Path, size: int
) -> None:
    path, rows = folder / "export.csv", size // EXPORTED
    new, changed = write_export(database, path, rows, size)
    took = path.stat().st_size
    before = _bytes(database)
    bare = _timed(lambda: _bare(database, path))
    bare_bytes = _bytes(database) - before
    _drop_bare(database)

    before = _bytes(database)
    began = time.perf_counter()
    done = import_file(database, path, now=NOW)
    seconds = time.perf_counter() - began
    grown = max(0, _bytes(database) - before)
    assert (done.new, done.changed, done.rejected) == (new, changed, 0), done.summary()
    again = _timed(lambda: import_file(database, path, now=NOW))

    row(f"export of {rows:,} rows", f"{took / 1e6:.0f} MB")
    row("its import", f"{seconds:.1f} s, {rows / seconds:,.0f} rows/s, {grown / 1e6:.0f} MB written")
    bare_way = "executemany" if name == "SQLite" else "COPY"
    row(f"bare {bare_way} of its rows", f"{bare:.1f} s, {rows / bare:,.0f} rows/s, {bare_bytes / 1e6:.0f} MB")
    row("the same export again", f"{again:.1f} s, {rows / again:,.0f} rows/s")
    limit = rows / IMPORT_ROWS_A_SECOND
    what = f"{name}: import of {rows:,} rows under {limit:.0f} s"
    report.limit(what, f"{seconds:.1f} s", seconds < limit)


def _bare(database: Database, path: Path) -> None:
    """The cells as they stand, into a table without index or check."""
    names = [f"c{number}" for number in range(len(HEADINGS))]
    with database.engine.begin() as connection, path.open(encoding="utf-8", newline="") as file:
        connection.exec_driver_sql(f"CREATE TABLE bare ({', '.join(f'{name} TEXT' for name in names)})")
        rows = csv.reader(file)
        next(rows)
        if connection.dialect.name == "postgresql":
            with connection.connection.cursor() as cursor, cursor.copy("COPY bare FROM STDIN") as copy:
                for cells in rows:
                    copy.write_row(cells)
        else:
            statement = f"INSERT INTO bare VALUES ({', '.join('?' * len(names))})"
            while batch := [tuple(cells) for cells in islice(rows, 10_000)]:
                connection.exec_driver_sql(statement, batch)


def _drop_bare(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE bare")


def _bytes(database: Database) -> int:
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            return connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
        pages, free, each = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * each


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
