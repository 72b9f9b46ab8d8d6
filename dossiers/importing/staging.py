"""Rows of a file in temporary tables of the database, before anything of it is kept.

Temporary tables lie outside the database proper: filling them locks nobody out, and what is in them
is gone with the connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from dossiers.importing.rows import Record, Rejected
from dossiers.models import LocalTime

BATCH = 10_000

_metadata = MetaData()


def _temporary(name: str, *columns: Column) -> Table:
    return Table(name, _metadata, *columns, prefixes=["TEMPORARY"])


def _staged(name: str) -> Column:
    if name.endswith("_at") or name == "status_since":
        return Column(name, LocalTime)
    if name == "row":
        return Column(name, Integer, primary_key=True, autoincrement=False)
    if name == "kind":
        return Column(name, Integer, nullable=False)
    if name in ("status", "channel", "return_channel", "applicant_kind", "paid"):
        return Column(name, SmallInteger)
    return Column(name, Text)


# One row of the file each.
staged = _temporary("import_rows", *map(_staged, Record._fields))
# Which kind of the database a file's kind is; it depends on what the dossier had (0: a new dossier).
staged_kinds = _temporary(
    "import_kinds",
    Column("kind", Integer, nullable=False),
    Column("had", Integer, nullable=False),
    Column("kind_id", Integer, nullable=False),
)
# The dossiers that the file changes.
changes = _temporary("import_changes", Column("dossier_id", Integer, primary_key=True, autoincrement=False))


def create_tables(connection: Connection) -> None:
    """The temporary tables, on a connection that is used for nothing else."""
    if connection.dialect.name == "postgresql":
        # A million rows are sorted and joined; the server's defaults are for small questions.
        connection.exec_driver_sql("SET temp_buffers = '128MB'")
        connection.exec_driver_sql("SET work_mem = '128MB'")
        connection.exec_driver_sql("SET maintenance_work_mem = '128MB'")
    else:
        connection.exec_driver_sql("PRAGMA cache_size = -131072")
    for table in (staged, staged_kinds, changes):
        connection.execute(CreateTable(table))


def fill(connection: Connection, records: Iterable[Record]) -> Iterator[int]:
    """Stages the records; yields how many after each batch."""
    count = 0
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{name}"' for name in Record._fields)
        with (
            connection.connection.cursor() as cursor,
            cursor.copy(f"COPY import_rows ({names}) FROM STDIN") as copy,
        ):
            for record in records:
                copy.write_row(record)
                count += 1
                if count % BATCH == 0:
                    yield count
    else:
        marks = ", ".join("?" * len(Record._fields))
        rows = iter(records)
        while batch := list(islice(rows, BATCH)):
            connection.exec_driver_sql(f"INSERT INTO import_rows VALUES ({marks})", batch)
            count += len(batch)
            yield count
    connection.execute(CreateIndex(Index("import_rows_code", staged.c.code)))
    if connection.dialect.name == "postgresql":
        # Nobody else gathers statistics on temporary tables, and without them the plans are bad.
        connection.exec_driver_sql("ANALYZE import_rows")


def reject_repeated(connection: Connection) -> Iterator[Rejected]:
    """Takes out codes that stand in the file more than once: all their rows, unless all say the same.

    Of equal rows the first stays.
    """
    repeated = select(staged.c.code).group_by(staged.c.code).having(func.count() > 1)
    query = select(staged).where(staged.c.code.in_(repeated)).order_by(staged.c.code, staged.c.row)
    out: list[dict[str, int]] = []
    records = (Record(*row) for row in connection.execute(query))
    for code, group in groupby(records, key=attrgetter("code")):
        first, *others = group
        equal = all(other._replace(row=first.row) == first for other in others)
        reason = f"the same as row {first.row}"
        if not equal:
            rows = ", ".join(str(record.row) for record in [first, *others][:10])
            reason = f"the code stands in rows {rows}, which differ"
        for record in others if equal else [first, *others]:
            out.append({"out": record.row})
            yield Rejected(record.row, code, reason)
    if out:
        connection.execute(delete(staged).where(staged.c.row == bindparam("out")), out)
