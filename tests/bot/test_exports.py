"""The watched folder, with real files and a real database."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine

from bot.errors import SettingsError
from bot.exports import Folder, prepare
from bot.settings import ROOT
from dossiers import Database, open_database
from dossiers.models import Dossier

HEADINGS = "Mã hồ sơ,Chủ hồ sơ,Ngày tiếp nhận,Ngày hẹn trả,Trạng thái\n"


def row(number: int, status: str = "Đang xử lý") -> str:
    code = f"H99.10.01.05-{261101 + number // 10_000}-{number % 10_000:04d}"
    return f"{code},Lê Văn Kín,02/11/2026,13/11/2026,{status}\n"


def export(*numbers: int, status: str = "Đang xử lý") -> str:
    return HEADINGS + "".join(row(number, status) for number in numbers)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path}/motcua.db")
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path, database: Database) -> Folder:
    path = tmp_path / "exports"
    path.mkdir()
    return Folder(prepare(path), database, quiet=10, patience=100)


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count(Dossier.id))) or 0


def names(path: Path) -> list[str]:
    """What lies in a folder, without the moment in front."""
    return sorted(entry.name[16:] if entry.name[:1].isdigit() else entry.name for entry in path.iterdir())


def test_a_quiet_file_is_imported_and_put_away_with_its_report(folder: Folder, database: Database) -> None:
    (folder.path / "đêm 20.csv").write_text(export(1, 2) + row(3, "Lạ lắm"), encoding="utf-8-sig")
    assert folder.look(0) == 0
    assert folder.look(9) == 0
    assert folder.look(11) == 1
    assert count(database) == 2
    assert names(folder.path) == ["done", "failed"]
    assert names(folder.path / "done") == ["đêm 20.csv", "đêm 20.csv.report.txt"]
    report = next((folder.path / "done").glob("*.report.txt")).read_text("utf-8")
    assert "2 new, 0 changed, 0 unchanged, 1 rejected of 3 rows" in report
    assert "row 4" in report and "Lạ lắm" in report


def test_the_same_export_again_changes_nothing(folder: Folder, database: Database) -> None:
    for start in (0, 100):
        (folder.path / "a.csv").write_text(export(1, 2), encoding="utf-8")
        folder.look(start)
        assert folder.look(start + 20) == 1
    reports = sorted((folder.path / "done").glob("*.report.txt"))
    assert len(reports) == 2
    assert sorted("2 unchanged" in report.read_text("utf-8") for report in reports) == [False, True]


def test_a_file_that_grows_is_left_alone(folder: Folder, database: Database) -> None:
    path = folder.path / "slow.csv"
    text = export(*range(1, 30))
    path.write_text(text[:300], encoding="utf-8")
    for moment, end in ((0, 300), (8, 500), (16, 700)):
        path.write_text(text[:end], encoding="utf-8")
        assert folder.look(moment) == 0
    path.write_text(text, encoding="utf-8")
    assert (folder.look(24), folder.look(33), count(database)) == (0, 0, 0)
    assert folder.look(35) == 1
    assert count(database) == 29


def test_a_file_that_breaks_off_is_given_time_before_it_has_failed(
    folder: Folder, database: Database
) -> None:
    path = folder.path / "half.csv"
    path.write_text(export(1, 2)[:-30], encoding="utf-8")
    assert [folder.look(moment) for moment in (0, 11, 50, 99)] == [0, 0, 0, 0]
    assert path.exists()
    path.write_text(export(1, 2), encoding="utf-8")
    assert [folder.look(moment) for moment in (101, 112)] == [0, 1]
    assert count(database) == 2

    path.write_text("this is no export at all", encoding="utf-8")
    assert [folder.look(moment) for moment in (200, 211, 301)] == [0, 0, 1]
    assert names(folder.path / "failed") == ["half.csv", "half.csv.report.txt"]
    assert "no row of headings" in next((folder.path / "failed").glob("*.report.txt")).read_text("utf-8")


def test_a_file_without_one_good_row_has_failed(folder: Folder, database: Database) -> None:
    (folder.path / "bad.csv").write_text(HEADINGS + "abc,x,1,2,3\n", encoding="utf-8")
    folder.look(0)
    assert folder.look(11) == 1
    assert names(folder.path / "failed") == ["bad.csv", "bad.csv.report.txt"]


def test_excel_goes_the_same_way(folder: Folder, database: Database) -> None:
    book = openpyxl.Workbook()
    for line in export(1, 2, 3).splitlines():
        book.active.append(line.split(","))
    book.save(folder.path / "Báo cáo.XLSX")
    folder.look(0)
    assert folder.look(11) == 1
    assert count(database) == 3


def test_only_exports_are_touched(folder: Folder, database: Database, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(export(1), encoding="utf-8")
    (folder.path / "link.csv").symlink_to(outside)
    (folder.path / "sub.csv").mkdir()
    for name in (".hidden.csv", "~$book.xlsx", "note.docx", "a.csv.part", "a.csv.tmp"):
        (folder.path / name).write_text(export(2), encoding="utf-8")
    before = names(folder.path)
    assert [folder.look(moment) for moment in (0, 11, 500)] == [0, 0, 0]
    assert names(folder.path) == before
    assert count(database) == 0


def test_files_are_taken_in_the_order_in_which_they_came(folder: Folder, database: Database) -> None:
    for age, (name, status) in enumerate([("b.csv", "Đang xử lý"), ("a.csv", "Đã xử lý xong")]):
        (folder.path / name).write_text(export(1, status=status), encoding="utf-8")
        os.utime(folder.path / name, (1_000 + age, 1_000 + age))
    folder.look(0)
    assert folder.look(11) == 2
    with database.read() as session:
        assert session.scalar(select(Dossier.status)) == 9


def test_a_database_that_is_away_leaves_the_file_where_it_is(
    folder: Folder, database: Database, tmp_path: Path
) -> None:
    path = folder.path / "a.csv"
    path.write_text(export(1), encoding="utf-8")
    away = tmp_path / "away.db"
    database.engine.dispose()
    (tmp_path / "motcua.db").rename(away)
    (tmp_path / "motcua.db").mkdir()
    folder.look(0)
    assert folder.look(11) == 0
    assert path.exists()
    (tmp_path / "motcua.db").rmdir()
    away.rename(tmp_path / "motcua.db")
    assert folder.look(20) == 0  # not yet
    assert folder.look(45) == 1
    assert count(database) == 1


def test_a_mapping_names_what_is_not_known(folder: Folder, database: Database, tmp_path: Path) -> None:
    folder.mapping = tmp_path / "mapping.yml"
    folder.mapping.write_text("statuses:\n  Lạ lắm: 5\n", encoding="utf-8")
    (folder.path / "a.csv").write_text(export(1, status="Lạ lắm"), encoding="utf-8")
    folder.look(0)
    assert folder.look(11) == 1
    with database.read() as session:
        assert session.scalar(select(Dossier.status)) == 5


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"MOTCUA_DOSSIERS_FOLDER: .* is not a folder"):
        prepare(tmp_path / "nowhere")


def start(tmp_path: Path, **more: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    own = {
        "MOTCUA_DATABASE_URL": f"sqlite:///{tmp_path}/motcua.db",
        "MOTCUA_DOSSIERS_FOLDER": str(tmp_path / "in"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "bot.exports"],
        cwd=tmp_path,
        env={**clean, **own, "PYTHONPATH": str(ROOT), **more},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_process_imports_what_has_become_quiet(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "night.csv").write_text(export(1, 2), encoding="utf-8")
    process = start(tmp_path)
    said = ""
    try:
        assert process.stderr is not None
        # Its last word on a file comes when all is done; the time limit of tests is the only one.
        while "rows" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
    finally:
        process.kill()
        process.communicate()
    assert "2 new" in said and "Lê Văn Kín" not in said
    assert names(tmp_path / "in" / "done") == ["night.csv", "night.csv.report.txt"]


def _take_and_die(url: str, path: Path, step: int) -> None:
    """Looks at the folder once, and is killed right before a statement or a change of files."""
    database = open_database(url)
    folder = Folder(prepare(path), database, quiet=0)
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_file(what: str, given: tuple) -> None:
        if what == "os.rename" or (what == "open" and given[1] in ("w", "wb")):
            count()

    for name in ("before_cursor_execute", "commit"):
        event.listen(Engine, name, count)
    sys.addaudithook(on_file)
    os._exit(0 if folder.look(0) == 1 else 1)


def test_killed_before_any_step_it_ends_the_same(tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.mkdir()
    url = f"sqlite:///{tmp_path}/motcua.db"
    open_database(url).close()
    fork = multiprocessing.get_context("fork")
    seen = set()
    for step in range(1, 100):
        (path / "night.csv").write_text(export(*range(step * 100, step * 100 + 20)), encoding="utf-8")
        child = fork.Process(target=_take_and_die, args=(url, path, step))
        child.start()
        child.join(60)
        database = open_database(url)
        there = count(database) - (step - 1) * 20
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        assert there in (0, 20), f"half done before step {step}"
        waiting = (path / "night.csv").exists()
        seen.add((there, waiting))
        assert Folder(path, database, quiet=0).look(0) == int(waiting)
        assert count(database) == step * 20
        database.close()
    database.close()
    # It died before the import was kept, and between that and the file's being moved away.
    assert step > 15 and {(0, True), (20, True)} <= seen
    assert not (path / "night.csv").exists()
    moved = [entry for entry in (path / "done").iterdir() if entry.name.endswith("night.csv")]
    assert len(moved) == step
    assert all(entry.with_name(entry.name + ".report.txt").exists() for entry in moved)
    assert list((path / "failed").iterdir()) == []


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"MOTCUA_DOSSIERS_FOLDER": ""}, "MOTCUA_DOSSIERS_FOLDER"),
        ({"MOTCUA_DOSSIERS_FOLDER": "/nowhere/at/all"}, "MOTCUA_DOSSIERS_FOLDER"),
        ({"MOTCUA_DOSSIERS_MAPPING": "/nowhere.yml"}, "/nowhere.yml"),
    ],
)
def test_wrong_settings_end_it_with_one_line(tmp_path: Path, more: dict[str, str], named: str) -> None:
    process = start(tmp_path, **more)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 78
    assert named in said and said.count("\n") == 1
