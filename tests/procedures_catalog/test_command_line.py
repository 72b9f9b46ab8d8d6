"""``motcua catalog …`` as a person calls it, in a folder of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from procedures_catalog import Catalog
from tests.procedures_catalog.importers.samples import list_export, portal_page

CENTRE = Path(__file__).parents[2] / "centre.yml"


@pytest.fixture
def motcua(tmp_path, monkeypatch):
    """Runs the command line in a new folder with a centre of its own, on 22 November 2026."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTCUA_TODAY", "2026-11-22")
    monkeypatch.delenv("MOTCUA_CENTRE_FILE", raising=False)
    (tmp_path / "centre.yml").write_bytes(CENTRE.read_bytes())

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(app, ["catalog", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture
def page(tmp_path) -> Path:
    path = tmp_path / "page.json"
    path.write_text(json.dumps(portal_page(), ensure_ascii=False), encoding="utf-8")
    return path


def test_an_import_shows_at_once_in_list_show_and_lint(motcua, page, tmp_path):
    result = motcua("import", str(page))
    assert result.exit_code == 0
    assert "1 new" in result.stdout
    assert (tmp_path / "centre" / "entries" / "chan-nuoi" / "dang-ky-nuoi-ong-lay-mat.yml").exists()
    listed = json.loads(motcua("list", "--json").stdout)
    assert [row["code"] for row in listed].count("1.900001") == 1
    assert (
        json.loads(motcua("show", "1.900001", "--json").stdout)["name"] == "Thủ tục đăng ký nuôi ong lấy mật"
    )
    assert motcua("lint").exit_code == 0


def test_an_imported_entry_is_found_by_search(motcua, page):
    motcua("import", str(page))
    hits = json.loads(motcua("search", "nuoi ong lay mat", "--json").stdout)
    assert hits[0]["code"] == "1.900001"
    by_code = json.loads(motcua("search", "thủ tục", "1.900001", "--json").stdout)
    assert [(hit["code"], hit["score"]) for hit in by_code] == [("1.900001", 1.0)]
    assert json.loads(motcua("search", "xyzqwkj", "--json").stdout) == []


def test_after_an_import_nobody_has_to_build_the_index(motcua, page, tmp_path, monkeypatch):
    monkeypatch.setenv("MOTCUA_VAR", str(tmp_path))
    motcua("import", str(page))
    monkeypatch.setattr("procedures_catalog.kept_index.build_index", lambda *_: pytest.fail("built again"))
    hits = Catalog.of_centre(tmp_path / "centre.yml").search("nuoi ong lay mat")
    assert hits[0].procedure.code == "1.900001"


def test_the_report_names_each_entry_field_by_field(motcua, page):
    motcua("import", str(page))
    page.write_text(json.dumps(portal_page(cap_thuc_hien="Cấp tỉnh"), ensure_ascii=False), encoding="utf-8")
    result = motcua("import", str(page))
    assert "level: commune → province" in result.stdout
    assert "1 changed" in result.stdout


def test_an_entry_of_ours_is_kept_and_the_difference_told(motcua, page):
    page.write_text(json.dumps(portal_page(ma_thu_tuc="1.001193"), ensure_ascii=False), encoding="utf-8")
    result = motcua("import", str(page))
    assert result.exit_code == 0
    assert "Written by hand" in result.stdout
    assert "dang-ky-khai-sinh" in result.stdout
    assert "name: Thủ tục đăng ký khai sinh → Thủ tục đăng ký nuôi ong lấy mật" in result.stdout


def test_rejected_files_are_named_and_end_with_status_1(motcua, page, tmp_path):
    (tmp_path / "cut.json").write_text("{", encoding="utf-8")
    result = motcua("import", str(page), str(tmp_path / "cut.json"))
    assert result.exit_code == 1
    assert "cut.json: it is not JSON" in result.stdout
    assert "1 new" in result.stdout
    assert "1 could not be imported" in result.stderr


def test_the_report_for_programs_holds_everything(motcua, page, tmp_path):
    list_export(tmp_path / "list.xlsx")
    report = json.loads(motcua("import", str(page), str(tmp_path / "list.xlsx"), "--json").stdout)
    assert report["counts"]["new"] == 3
    assert {item["status"] for item in report["items"]} == {"new"}


def test_a_dry_run_writes_nothing_and_into_writes_elsewhere(motcua, page, tmp_path):
    assert "Nothing was written" in motcua("import", str(page), "--dry-run").stdout
    assert not (tmp_path / "centre").exists()
    assert motcua("import", str(page), "--into", str(tmp_path / "other")).exit_code == 0
    assert len(list((tmp_path / "other").rglob("*.yml"))) == 1
    assert not (tmp_path / "centre").exists()


def test_the_day_of_check_can_be_given(motcua, page):
    motcua("import", str(page), "--checked-on", "2026-01-31")
    assert json.loads(motcua("show", "1.900001", "--json").stdout)["checked_on"] == "2026-01-31"
    result = motcua("stale", "--days", "100")
    assert result.exit_code == 1
    assert "dang-ky-nuoi-ong-lay-mat" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["import"], 2),
        (["import", "khong-co.json"], 1),
        (["import", "page.json", "--checked-on", "31/1/2026"], 2),
        (["stale", "--days", "-1"], 2),
        (["stale", "--today", "hôm nay"], 2),
        (["show", "khong-co"], 1),
    ],
)
def test_wrong_use_and_what_cannot_be_done_have_their_status(motcua, page, arguments, status):
    result = motcua(*arguments)
    assert result.exit_code == status
    assert "Traceback" not in result.output


def test_the_overlay_shows_in_show_and_its_faults_in_lint(motcua, tmp_path):
    overlay = tmp_path / "centre" / "overlay.yml"
    overlay.parent.mkdir()
    overlay.write_text("dang-ky-khai-sinh: {add: {notes: [Nhận hồ sơ sáng thứ bảy]}}", encoding="utf-8")
    assert "Nhận hồ sơ sáng thứ bảy" in motcua("show", "dang-ky-khai-sinh").stdout
    assert motcua("lint").exit_code == 0
    overlay.write_text("dang-ky-khai-sinh: {add: {fees: [{state: amount}]}}", encoding="utf-8")
    result = motcua("lint")
    assert result.exit_code == 1
    assert "overlay.yml: dang-ky-khai-sinh.add.fees[0]" in result.stdout


def test_lint_for_programs_and_strict(motcua, tmp_path):
    path = tmp_path / "centre" / "entries" / "cu.yml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "id: cu\nname: Việc cũ\nfield: Khác\nlevel: commune\ncompleteness: listed\nchecked_on: 2026-11-20\n"
        "sources: [{title: A}]\nfees: [{state: set_elsewhere}]\n",
        encoding="utf-8",
    )
    result = motcua("lint", "--json")
    assert result.exit_code == 0
    findings = json.loads(result.stdout)["findings"]
    assert [f["field"] for f in findings if f["place"] == str(path)] == ["fees[0].note"]
    strict = motcua("lint", "--strict", "--json")
    assert strict.exit_code == 1 and "1 warnings" in strict.stderr and json.loads(strict.stdout)


def test_stale_tells_what_runs_out_and_what_ran_out(motcua):
    soon = motcua("stale", "--today", "2027-02-01", "--days", "540", "--fail-on", "unchecked")
    assert soon.exit_code == 0
    assert "117/2026/TT-BTC" in soon.stdout
    assert motcua("stale", "--today", "2027-03-01", "--days", "540").exit_code == 1
    late = motcua("stale", "--today", "2029-01-01", "--fail-on", "unchecked")
    assert late.exit_code == 1 and "overdue" in late.stderr
    rows = json.loads(motcua("stale", "--today", "2027-03-01", "--json").stdout)
    assert any(row["kind"] == "run_out" and row["overdue"] and row["day"] == "2027-02-28" for row in rows)


def test_a_day_that_is_none_is_told(motcua, monkeypatch):
    monkeypatch.setenv("MOTCUA_TODAY", "gestern")
    result = motcua("lint")
    assert result.exit_code == 1
    assert "MOTCUA_TODAY" in result.stderr
