"""What an import does to the database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import csv
import multiprocessing
import os
import random
import signal
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from dossiers import Database, WorkCalendar, open_database
from dossiers.importing import import_file
from dossiers.models import Base
from dossiers.staff import find_dossier, staff_record
from tests.dossiers.conftest import make_dossier

NOW = datetime(2026, 11, 20, 20, 0)
CODE = "H99.10.01.05-261102-0001"
HEADINGS = [
    "Mã hồ sơ", "Mã TTHC", "Tên thủ tục", "Lĩnh vực", "Chủ hồ sơ", "Số điện thoại", "Hình thức nộp",
    "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý", "Ngày trả", "Hình thức trả",
    "Cơ quan thực hiện", "Phòng ban", "Trạng thái", "Lý do trễ hạn", "Ngày hẹn lại",
]  # fmt: skip


def write(path: Path, *rows: dict[str, str], headings: list[str] = HEADINGS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def a_row(code: str = CODE, **changes: str) -> dict[str, str]:
    row = {
        "Mã hồ sơ": code,
        "Mã TTHC": "1.004222",
        "Tên thủ tục": "Đăng ký thường trú",
        "Lĩnh vực": "Cư trú",
        "Chủ hồ sơ": "Trần Thị Mẫu",
        "Số điện thoại": "0000123456",
        "Hình thức nộp": "Trực tuyến",
        "Ngày tiếp nhận": "02/11/2026 08:00",
        "Ngày hẹn trả": "13/11/2026 17:00",
        "Cơ quan thực hiện": "Công an phường Hoa Sen",
        "Phòng ban": "Đội Quản lý hành chính",
        "Trạng thái": "Đang xử lý",
    }
    return row | {name.replace("_", " "): value for name, value in changes.items()}


def everything(database: Database) -> dict[str, list[tuple]]:
    """All that is stored of dossiers, table by table."""
    names = ("dossier_kinds", "dossiers", "applicants", "dossier_events")
    with database.engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in ((name, Base.metadata.tables[name]) for name in names)
        }


def record(database: Database, code: str = CODE) -> dict:
    with database.read() as session:
        dossier = find_dossier(session, code)
        assert dossier is not None
        return staff_record(dossier, NOW, WorkCalendar(), with_events=True)


def reasons(rejections: Iterable) -> dict[int, str]:
    return {rejection.row: rejection.reason for rejection in rejections}


def test_a_new_dossier_with_all_that_is_known(database: Database, tmp_path: Path) -> None:
    report = import_file(database, write(tmp_path / "a.csv", a_row()), now=NOW)
    assert (report.rows, report.new, report.changed, report.unchanged, report.rejected) == (1, 1, 0, 0, 0)
    found = record(database)
    assert (found["procedure_code"], found["field"], found["department"]) == (
        "1.004222",
        "Cư trú",
        "Đội Quản lý hành chính",
    )
    assert (found["received_at"], found["due_at"]) == ("2026-11-02T08:00:00", "2026-11-13T17:00:00")
    assert (found["channel"], found["status"], found["updated_at"]) == (2, 4, NOW.isoformat())
    assert found["applicant"]["phone"] == "0000123456"
    assert [(e["status"], e["at"]) for e in found["events"]] == [
        (2, "2026-11-02T08:00:00"),
        (4, NOW.isoformat()),
    ]


def test_the_same_file_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    rows = [
        a_row(f"H99.10.01.05-261102-{n:04d}", Trạng_thái=status, Ngày_kết_thúc_xử_lý=end, Ngày_trả=back)
        for n, (status, end, back) in enumerate(
            [
                ("Mới đăng ký", "", ""),
                ("Được tiếp nhận", "", ""),
                ("Không được tiếp nhận", "", ""),
                ("Yêu cầu bổ sung giấy tờ", "", ""),
                ("Đã xử lý xong", "10/11/2026", ""),
                ("Đã trả kết quả", "10/11/2026", "11/11/2026"),
                ("Đã trả kết quả", "", ""),
                ("", "", "11/11/2026"),
                ("", "", ""),
            ]
        )
    ]
    path = write(tmp_path / "a.csv", *rows)
    assert import_file(database, path, now=NOW).new == len(rows)
    before = everything(database)
    again = import_file(database, path, now=NOW + timedelta(days=1))
    assert (again.new, again.changed, again.unchanged) == (0, 0, len(rows))
    assert everything(database) == before


def test_a_changed_row_changes_its_dossier_and_tells_its_history(database: Database, tmp_path: Path) -> None:
    import_file(database, write(tmp_path / "a.csv", a_row(), a_row(CODE[:-1] + "2")), now=NOW)
    later = NOW + timedelta(days=1)
    changed = a_row(
        Trạng_thái="Đã trả kết quả",
        Ngày_kết_thúc_xử_lý="16/11/2026 09:00",
        Ngày_trả="17/11/2026 10:00",
        Số_điện_thoại="0000654321",
        Phòng_ban="Phòng khác",
        Hình_thức_trả="BCCI",
    )
    report = import_file(database, write(tmp_path / "b.csv", changed, a_row(CODE[:-1] + "2")), now=later)
    assert (report.new, report.changed, report.unchanged) == (0, 1, 1)
    found = record(database)
    assert (found["status"], found["closed_at"]) == (10, "2026-11-16T09:00:00")
    assert (found["department"], found["return_channel"]) == ("Phòng khác", 3)
    assert found["applicant"]["phone"] == "0000654321"
    assert found["updated_at"] == later.isoformat()
    assert [(e["status"], e["at"]) for e in found["events"]] == [
        (2, "2026-11-02T08:00:00"),
        (9, "2026-11-16T09:00:00"),
        (10, "2026-11-17T10:00:00"),
        (4, NOW.isoformat()),
    ]
    assert record(database, CODE[:-1] + "2")["updated_at"] == NOW.isoformat()


def test_a_change_of_the_person_alone_is_a_change(database: Database, tmp_path: Path) -> None:
    import_file(database, write(tmp_path / "a.csv", a_row()), now=NOW)
    report = import_file(database, write(tmp_path / "b.csv", a_row(Chủ_hồ_sơ="Lê Văn Mẫu")), now=NOW)
    assert (report.changed, record(database)["applicant"]["name"]) == (1, "Lê Văn Mẫu")


def test_a_column_that_the_file_lacks_is_left_as_it_was(database: Database, tmp_path: Path) -> None:
    import_file(database, write(tmp_path / "a.csv", a_row()), now=NOW)
    few = ["Mã hồ sơ", "Ngày tiếp nhận", "Phòng ban", "Trạng thái"]
    row = a_row(Trạng_thái="Chờ bổ sung", Phòng_ban="Phòng khác")
    report = import_file(database, write(tmp_path / "b.csv", row, headings=few), now=NOW + timedelta(hours=1))
    assert report.changed == 1
    found = record(database)
    assert (found["status"], found["paused_since"]) == (5, "2026-11-20T21:00:00")
    assert (found["procedure_name"], found["department"]) == ("Đăng ký thường trú", "Phòng khác")
    assert (found["due_at"], found["applicant"]["name"]) == ("2026-11-13T17:00:00", "Trần Thị Mẫu")


def test_the_records_own_time_is_taken_where_the_file_has_it(database: Database, tmp_path: Path) -> None:
    headings = [*HEADINGS, "Ngày cập nhật"]
    row = a_row(Ngày_cập_nhật="05/11/2026 10:00")
    import_file(database, write(tmp_path / "a.csv", row, headings=headings), now=NOW)
    found = record(database)
    assert (found["updated_at"], found["status_since"]) == ("2026-11-05T10:00:00", "2026-11-05T10:00:00")
    assert found["stale"]
    row["Ngày cập nhật"] = "06/11/2026 10:00"
    assert import_file(database, write(tmp_path / "b.csv", row, headings=headings), now=NOW).changed == 1
    found = record(database)
    assert (found["updated_at"], found["status_since"]) == ("2026-11-06T10:00:00", "2026-11-05T10:00:00")


def test_dossiers_that_were_there_before_stay(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        session.add(make_dossier("H99.10.01.05-261102-0777"))
    before = record(database, "H99.10.01.05-261102-0777")
    import_file(database, write(tmp_path / "a.csv", a_row()), now=NOW)
    assert record(database, "H99.10.01.05-261102-0777") == before


def test_a_dry_run_tells_the_same_and_writes_nothing(database: Database, tmp_path: Path) -> None:
    import_file(database, write(tmp_path / "a.csv", a_row(), a_row(CODE[:-1] + "2")), now=NOW)
    before = everything(database)
    path = write(
        tmp_path / "b.csv",
        a_row(Trạng_thái="Đã rút"),
        a_row(CODE[:-1] + "2"),
        a_row(CODE[:-1] + "3"),
        a_row("x"),
    )
    dry = import_file(database, path, dry_run=True, now=NOW)
    assert (dry.new, dry.changed, dry.unchanged, dry.rejected) == (1, 1, 1, 1)
    assert everything(database) == before
    wet = import_file(database, path, now=NOW)
    assert (wet.new, wet.changed, wet.unchanged, wet.rejections) == (1, 1, 1, dry.rejections)


def test_rows_that_cannot_be_right_are_named_and_the_rest_comes_in(
    database: Database, tmp_path: Path
) -> None:
    def code(number: int) -> str:
        return f"H99.10.01.05-261102-{number:04d}"

    report = import_file(
        database,
        write(
            tmp_path / "a.csv",
            a_row(code(2), Ngày_hẹn_trả="01/11/2026"),
            a_row(code(3), Ngày_kết_thúc_xử_lý="01/11/2026"),
            a_row(code(4), Ngày_kết_thúc_xử_lý="10/11/2026", Ngày_trả="09/11/2026"),
            a_row(code(5), Trạng_thái="Đang bay"),
            a_row(code(6), Ngày_tiếp_nhận="31/02/2026"),
            a_row(code(7), Ngày_tiếp_nhận=""),
            a_row("1.004222"),
            a_row(""),
            a_row(code(10)),
            a_row(code(11)),
            a_row(code(11), Chủ_hồ_sơ="Người khác"),
            a_row(code(13)),
            a_row(code(13)),
            a_row(code(15), Hình_thức_nộp="Bồ câu"),
        ),
        now=NOW,
    )
    assert reasons(report.rejections) == {
        2: "the due date (2026-11-01) lies before the reception (2026-11-02)",
        3: "the end (2026-11-01) lies before the reception (2026-11-02)",
        4: "the return of the result (2026-11-09) lies before the end (2026-11-10)",
        5: "'Đang bay' is an unknown status: add it to `statuses` in a mapping",
        6: "Ngày tiếp nhận: '31/02/2026' is no day of the calendar",
        7: "no reception date",
        8: "'1.004222' is not written like a dossier code",
        9: "no dossier code",
        11: "the code stands in rows 11, 12, which differ",
        12: "the code stands in rows 11, 12, which differ",
        14: "the same as row 13",
    }
    assert (report.rows, report.new, report.rejected) == (14, 3, 11)
    assert report.notes == {"Hình thức nộp: 'Bồ câu' is not understood, left empty": 1}
    assert record(database, code(15))["channel"] is None


def test_only_so_many_rejections_are_kept_word_by_word(database: Database, tmp_path: Path) -> None:
    report = import_file(database, write(tmp_path / "a.csv", *[a_row("x")] * 1500), now=NOW)
    assert (report.rejected, len(report.rejections)) == (1500, 1000)


def test_many_rows_in_several_batches(database: Database, tmp_path: Path) -> None:
    rows = [a_row(f"H99.10.{n // 10_000:02d}.05-261102-{n % 10_000:04d}") for n in range(20_500)]
    seen: list[int] = []
    path = write(tmp_path / "a.csv", *rows)
    assert import_file(database, path, now=NOW, progress=seen.append).new == 20_500
    assert seen == sorted(seen)
    assert len(seen) >= 2
    assert import_file(database, path, now=NOW).unchanged == 20_500


def _import_and_die(url: str, path: str, statement: int) -> None:
    """Imports, and is killed right before the given statement reaches the database."""
    counted = 0

    def die(*_: object) -> None:
        nonlocal counted
        counted += 1
        if counted == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    database = open_database(url)
    for name in ("before_cursor_execute", "commit"):
        event.listen(Engine, name, die)
    import_file(database, Path(path), now=NOW)
    os._exit(0)


def test_killed_at_any_moment_the_database_is_as_it_was(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    dice = random.Random(1)
    codes = [f"H99.10.01.05-261102-{n:04d}" for n in range(40)]
    import_file(database, write(tmp_path / "a.csv", *map(a_row, codes[:25])), now=NOW)
    before = everything(database)
    rows = [a_row(code, Trạng_thái=dice.choice(["Đang xử lý", "Chờ bổ sung", "Đã rút"])) for code in codes]
    path = write(tmp_path / "b.csv", *rows)
    fork = multiprocessing.get_context("fork")
    database.close()
    deaths = 0
    for statement in range(1, 100):
        child = fork.Process(target=_import_and_die, args=(database_url, str(path), statement))
        child.start()
        child.join(60)
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        deaths += 1
        assert everything(database) == before, f"killed at statement {statement}"
    assert deaths > 10
    ended = everything(database)
    assert import_file(database, path, now=NOW).unchanged == 40
    assert everything(database) == ended
    assert ended != before


def test_readers_go_on_while_an_import_runs(database: Database, tmp_path: Path) -> None:
    import_file(database, write(tmp_path / "a.csv", a_row()), now=NOW)
    rows = [a_row(f"H99.10.{n // 10_000:02d}.05-261103-{n % 10_000:04d}") for n in range(10_500)]
    read: list[str] = []
    import_file(
        database,
        write(tmp_path / "b.csv", *rows),
        now=NOW,
        progress=lambda count: read.append(record(database)["code"]),
    )
    assert set(read) == {CODE}


@pytest.mark.parametrize("status", ["Không được tiếp nhận", "Công dân yêu cầu rút hồ sơ"])
def test_what_ended_without_a_result_is_no_longer_open(
    database: Database, tmp_path: Path, status: str
) -> None:
    import_file(database, write(tmp_path / "a.csv", a_row(Trạng_thái=status)), now=NOW)
    found = record(database)
    assert (found["open"], found["finished_at"], found["closed_at"]) == (False, None, NOW.isoformat())
