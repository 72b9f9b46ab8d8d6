"""Dossiers in any number, made by the database itself, and an export with some of them.

Five years of them, evenly received, of three thousand kinds; 2 % late, few still open. The n-th dossier
is the same whenever it is made.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, insert, text

from dossiers.database import Database
from dossiers.models import Base, Kind

NOW = datetime(2026, 11, 20, 20, 0)
BEGIN, END = datetime(2021, 11, 1), datetime(2026, 11, 1)
KINDS, OFFICES, EVENTS = 3_000, 97, 5
AT_ONCE = 500_000
HEADINGS = [
    "Mã hồ sơ", "Mã thủ tục", "Tên thủ tục", "Lĩnh vực", "Cơ quan thực hiện", "Phòng ban", "Chủ hồ sơ",
    "Số điện thoại", "CCCD", "Địa chỉ", "Hình thức nộp", "Hình thức trả", "Ngày tiếp nhận", "Ngày hẹn trả",
    "Ngày kết thúc xử lý", "Ngày trả kết quả", "Trạng thái", "Lý do trễ hạn", "Ngày hẹn lại",
]  # fmt: skip
_CHANNELS = {1: "Trực tiếp", 2: "Trực tuyến", 3: "BCCI", None: ""}
_EPOCH = datetime(1970, 1, 1)


class _Words(NamedTuple):
    """What the two databases write differently."""

    numbers: str
    moment: str
    day: str
    pad: str


_WORDS = {
    "sqlite": _Words(
        "numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})",
        "datetime({0}, 'unixepoch')",
        "substr(strftime('%Y%m%d', {0}, 'unixepoch'), 3)",
        "printf('%0{1}d', {0})",
    ),
    "postgresql": _Words(
        "numbers(n) AS (SELECT generate_series({first}::bigint, {last}::bigint))",
        "(timestamp 'epoch' + ({0}) * interval '1 second')",
        "to_char(timestamp 'epoch' + ({0}) * interval '1 second', 'YYMMDD')",
        "lpad(({0})::text, {1}, '0')",
    ),
}


def fill(database: Database, size: int) -> None:
    """``size`` dossiers, each with its applicant and :data:`EVENTS` events, into an empty database."""
    dialect = database.engine.dialect.name
    indices = [index for table in Base.metadata.tables.values() for index in table.indexes]
    with database.engine.begin() as connection:
        connection.execute(insert(Kind), [_kind(number) for number in range(KINDS)])
        # Made at the end, as anybody would who has so much to load.
        for index in indices:
            index.drop(connection)
    for first in range(1, size + 1, AT_ONCE):
        with database.engine.connect() as connection:
            if dialect == "sqlite":
                connection.connection.executescript("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")
                connection.detach()
            with connection.begin():
                if dialect == "postgresql":
                    # No look-up of its dossier for each event.
                    connection.execute(text("SET LOCAL session_replication_role = replica"))
                last = min(size, first + AT_ONCE - 1)
                for statement in _statements(_WORDS[dialect], first, last, size):
                    connection.execute(text(statement))
    with database.engine.begin() as connection:
        for index in indices:
            index.create(connection)
    if dialect == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SELECT setval('dossiers_id_seq', (SELECT max(id) FROM dossiers))")
            # What autovacuum would have done by now.
            connection.exec_driver_sql("VACUUM ANALYZE")


def _statements(words: _Words, first: int, last: int, size: int) -> Iterator[str]:
    begin, span = _seconds(BEGIN), _seconds(END) - _seconds(BEGIN)
    numbers = words.numbers.format(first=first, last=last)
    moment, day, pad = words.moment.format, words.day.format, words.pad.format
    yield f"""
        INSERT INTO dossiers (id, code, kind_id, status, status_since, received_at, due_at, new_due_at,
            finished_at, returned_at, closed_at, updated_at, channel, return_channel, applicant_kind,
            late_reason)
        WITH RECURSIVE {numbers},
        begun AS (SELECT n, {begin} + n * {span} / {size} AS received, 10 + n % 11 AS days FROM numbers),
        due AS (
            SELECT n, received, received + days * 86400 AS due, n % 50 = 7 AS late,
                received + CASE WHEN n % 50 = 7 THEN (days + 1 + n % 9) * 86400
                    ELSE (n * 7919 % 1000) * days * 86 END AS finished
            FROM begun),
        ended AS (
            SELECT n, received, due, late, finished, finished + n % 3 * 86400 AS returned,
                n % 400 = 3 OR finished >= {_seconds(END)} AS open
            FROM due)
        SELECT n, 'H99.' || {pad(f"n % {OFFICES}", 2)} || '.05-' || {day("received")} || '-'
                || {pad(f"n / {OFFICES} % 10000", 4)},
            n * 31 % {KINDS} + 1, CASE WHEN open THEN 4 ELSE 10 END,
            CASE WHEN open THEN {moment("received + 3600")} ELSE {moment("returned")} END,
            {moment("received")}, {moment("due")},
            CASE WHEN late AND n % 100 = 7 THEN {moment("due + 864000")} END,
            CASE WHEN NOT open THEN {moment("finished")} END,
            CASE WHEN NOT open THEN {moment("returned")} END,
            CASE WHEN NOT open THEN {moment("finished")} END,
            CASE WHEN open THEN {moment("received + 3600")} ELSE {moment("returned")} END,
            CASE WHEN n % 100 < 48 THEN 2 WHEN n % 100 < 97 THEN 1 ELSE 3 END,
            CASE WHEN NOT open THEN CASE WHEN n % 9 = 0 THEN 3 ELSE 1 END END, 0,
            CASE WHEN late THEN 'Nguyên nhân thứ ' || (n / 50 % 15) END
        FROM ended"""
    yield f"""
        INSERT INTO applicants (dossier_id, name, phone, personal_number, address)
        WITH RECURSIVE {numbers}
        SELECT n, 'Người mẫu số ' || n, {pad("n % 1000000", 10)}, '0993' || {pad("n", 8)},
            'Số ' || n % 300 || ' đường Sen Hồng, phường Hoa Sen'
        FROM numbers"""
    yield f"""
        INSERT INTO dossier_events (dossier_id, at, status)
        WITH RECURSIVE {numbers}, step(status) AS (VALUES (1), (2), (4), (9), (10))
        SELECT n, CASE step.status WHEN 1 THEN received_at WHEN 2 THEN received_at WHEN 4 THEN received_at
                WHEN 9 THEN coalesce(finished_at, status_since) ELSE coalesce(returned_at, status_since) END,
            CASE WHEN closed_at IS NOT NULL OR step.status < 9 THEN step.status ELSE step.status - 4 END
        FROM numbers JOIN dossiers ON dossiers.id = n CROSS JOIN step ORDER BY n"""


def write_export(database: Database, path: Path, rows: int, size: int) -> tuple[int, int]:
    """An export of ``rows``: new ones, and one in ten each of dossiers that have changed and have not.

    Returns how many of them are new and changed.
    """
    known = min(rows // 5, size // 2)
    changed = known // 2
    with path.open("w", encoding="utf-8", newline="") as file, database.engine.connect() as connection:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(_known(connection, known, changed, size))
        writer.writerows(_new(rows - known, size))
    return rows - known, changed


def _known(connection: Connection, count: int, changed: int, size: int) -> Iterable[list[str]]:
    query = text(
        """SELECT code, procedure_code, procedure_name, field, agency, department, name, phone,
            personal_number, address, channel, return_channel, received_at, due_at, finished_at,
            returned_at, status, late_reason, new_due_at
        FROM dossiers JOIN dossier_kinds ON dossier_kinds.id = kind_id
        JOIN applicants ON dossier_id = dossiers.id WHERE dossiers.id > :after ORDER BY dossiers.id"""
    )
    for number, row in enumerate(connection.execute(query, {"after": size - count})):
        cells = ["" if cell is None else str(cell) for cell in row]
        cells[10], cells[11] = _CHANNELS[row.channel], _CHANNELS[row.return_channel]
        if number < changed:
            cells[7] = "0000999999"
        yield cells


def _new(count: int, size: int) -> Iterator[list[str]]:
    span = (NOW - END).total_seconds()
    for number in range(count):
        n = size + 1 + number
        received = END + timedelta(seconds=number * span // count)
        due = received + timedelta(days=10 + n % 11)
        finished = f"{min(NOW, received + timedelta(days=1)):%d/%m/%Y %H:%M}" if n % 2 else ""
        kind = _kind(n * 31 % KINDS)
        yield [
            f"H99.{n % OFFICES:02d}.05-{received:%y%m%d}-{n // OFFICES % 10000:04d}",
            *kind.values(),
            f"Người mẫu số {n}",
            f"{n % 1_000_000:010d}",
            f"0993{n:08d}",
            f"Số {n % 300} đường Sen Hồng, phường Hoa Sen",
            _CHANNELS[2 if n % 100 < 48 else 1],
            _CHANNELS[1],
            f"{received:%d/%m/%Y %H:%M}",
            f"{due:%d/%m/%Y}",
            finished,
            "",
            "Đã xử lý xong" if finished else "Đang xử lý",
            "",
            "",
        ]


def _kind(number: int) -> dict[str, str]:
    return {
        "procedure_code": f"1.{number % 300:06d}",
        "procedure_name": f"Thủ tục thứ {number % 300}",
        "field": f"Lĩnh vực {number % 30}",
        "agency": f"Ủy ban nhân dân phường {number // 30}",
        "department": f"Phòng chuyên môn {number % 12}",
    }


def _seconds(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds())
