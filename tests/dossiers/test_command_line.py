"""``motcua dossiers`` as the staff calls it, on a real database."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from bot.cli import app


class Staff:
    """Calls ``motcua dossiers`` the way the installed command does."""

    def call(self, *words: str, status: int = 0) -> str:
        """Standard output, or standard error when the call is expected to fail."""
        done = CliRunner().invoke(app, ["dossiers", *words], catch_exceptions=False)
        assert done.exit_code == status, done.stderr
        return done.stderr if status else done.stdout

    def json(self, *words: str):
        return json.loads(self.call(*words, "--json"))


@pytest.fixture
def staff(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTCUA_DATABASE_URL", database_url)
    return Staff()


def test_seed_list_and_show(staff: Staff) -> None:
    assert "200 sample dossiers" in staff.call("seed")
    assert "nothing was added" in staff.call("seed")
    every = staff.json("list")
    assert len(every) == 200
    waiting = staff.json("list", "--status", "5", "--limit", "3")
    assert [d["status"] for d in waiting] == [5, 5, 5]
    late = staff.json("list", "--late")
    assert {d["code"] for d in late} == {d["code"] for d in every if d["open"] and d["late"]}
    assert [d["due_at"] for d in late] == sorted(d["due_at"] for d in late)

    chosen = waiting[0]
    shown = staff.json("show", chosen["code"].lower().replace("-", " "))
    assert shown["applicant"]["phone"].startswith("0000")
    assert shown["events"][-1]["status"] == 5
    assert {key: shown[key] for key in chosen} == chosen
    assert chosen["applicant"]["name"] in staff.call("show", chosen["code"])
    assert chosen["applicant"]["name"] in staff.call("list", "--status", "5")


def test_what_cannot_be_done_and_what_is_wrong(
    staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no dossier has the code" in staff.call("show", "H99.10.01.05-261102-0001", status=1)
    assert staff.json("list") == []
    assert "--status" in staff.call("list", "--status", "11", status=2)
    assert "--limit" in staff.call("list", "--limit", "0", status=2)
    assert "CODE" in staff.call("show", status=2)
    monkeypatch.setenv("MOTCUA_DATABASE_URL", f"sqlite:///{tmp_path}")
    complaint = staff.call("list", status=1)
    assert "MOTCUA_DATABASE_URL" in complaint
    assert complaint.count("\n") == 1


def test_the_database_may_be_named_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOTCUA_DATABASE_URL", raising=False)
    (tmp_path / ".env").write_text(f"MOTCUA_DATABASE_URL=sqlite:///{tmp_path}/from-file.db\n")
    Staff().call("list")
    assert (tmp_path / "from-file.db").exists()


EXPORT = """\
Mã hồ sơ,Tên thủ tục,Chủ hồ sơ,Hình thức nộp,Ngày tiếp nhận,Ngày hẹn trả,Ngày kết thúc xử lý,Trạng thái
H99.10.01.05-261102-0001,Thường trú,Trần Thị Mẫu,Trực tuyến,02/07/2026,10/07/2026,09/07/2026,Đã xử lý xong
H99.10.01.05-261102-0002,Tạm trú,Lê Văn Mẫu,Trực tiếp,02/07/2026,11/07/2026,,Đang xử lý
H99.10.01.05-261102-0003,Tạm trú,Lê Văn Mẫu,Trực tiếp,02/07/2026,10/07/2026,,Lạ lắm
"""


def test_import_then_report(staff: Staff, tmp_path: Path) -> None:
    path = tmp_path / "xuất tháng 7.csv"
    path.write_text(EXPORT, encoding="utf-8-sig")
    tried = CliRunner().invoke(app, ["dossiers", "import", str(path), "--dry-run"])
    assert "2 new, 0 changed, 0 unchanged, 1 rejected of 3 rows" in tried.stdout
    assert "row 4" in tried.stderr
    assert "Lạ lắm" in tried.stderr
    assert staff.json("list") == []

    mapping = tmp_path / "mapping.yml"
    mapping.write_text("statuses:\n  Lạ lắm: 5\n", encoding="utf-8")
    assert "3 new" in staff.call("import", str(path), "--mapping", str(mapping))
    assert "3 unchanged, 0 rejected" in staff.call("import", str(path), "--mapping", str(mapping))

    # Due on a Saturday.
    assert staff.json("show", "H99.10.01.05-261102-0002")["due_moved_to"] == "2026-07-13"
    report = staff.json("report", "--from", "2026-07-01", "--to", "30/09/2026")
    assert (report["received"], report["resolved"], report["early"], report["online"]) == (3, 1, 1, 1)
    assert (report["on_time_rate"], report["online_rate"]) == (100.0, 33.33)
    table = staff.call("report", "--from", "2026-07-01", "--to", "2026-09-30")
    assert "Tiếp nhận" in table
    assert "33,33" in table


def test_imports_and_reports_that_cannot_be_done(staff: Staff, tmp_path: Path) -> None:
    assert "none.csv" in staff.call("import", "none.csv", status=1)
    empty = tmp_path / "empty.csv"
    empty.touch()
    assert "the file is empty" in staff.call("import", str(empty), status=1)
    hopeless = tmp_path / "hopeless.csv"
    hopeless.write_text("Mã hồ sơ,Ngày tiếp nhận\nabc,1\n", encoding="utf-8")
    assert "no row could be imported" in staff.call("import", str(hopeless), status=1)
    for day in ("2026-13-01", "0001-01-01", "9999-12-31"):
        assert "is no day" in staff.call("report", "--from", day, status=2)
    assert "--from" in staff.call("report", "--from", "2026-12-01", "--to", "2026-11-01", status=2)


def test_a_report_of_nothing(staff: Staff) -> None:
    assert staff.json("report")["received"] == 0
    assert "Tiếp nhận" in staff.call("report")


def test_a_report_as_a_file_of_each_kind(staff: Staff, tmp_path: Path) -> None:
    staff.call("seed")
    as_json = staff.json("report")
    assert json.loads(staff.call("report", "--format", "json")) == as_json
    assert json.loads(_written(staff, tmp_path / "r.json").decode()) == as_json
    assert _written(staff, tmp_path / "r.csv").startswith(b"\xef\xbb\xbf")
    book = openpyxl.load_workbook(io.BytesIO(_written(staff, tmp_path / "r.xlsx")))
    assert book.worksheets[0]["B3"].value == as_json["received"]
    text = _written(staff, tmp_path / "r.txt", "--format", "text").decode()
    assert "Tiếp nhận" in text and as_json["late_causes"][0]["cause"] in text
    assert _written(staff, tmp_path / "r", "--format", "csv") == _written(staff, tmp_path / "r.csv")
    waiting = staff.call("report").partition("theo số ngày")[2]
    assert "61" not in waiting.partition("Nguyên nhân")[0] and "Trên 60 ngày" in waiting


def _written(staff: Staff, path: Path, *more: str) -> bytes:
    staff.call("report", "--output", str(path), *more)
    return path.read_bytes()


def test_reports_that_cannot_be_written(staff: Staff, tmp_path: Path) -> None:
    assert "contradict" in staff.call("report", "--json", "--format", "csv", status=2)
    assert "--format" in staff.call("report", "--format", "docx", status=2)
    assert "nowhere" in staff.call("report", "--output", str(tmp_path / "nowhere" / "r.csv"), status=1)
