"""An import from start to end: what is written, what is left alone, what the report says."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from procedures_catalog import Catalog, CatalogStore
from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.target import fingerprint, held
from procedures_catalog.loading import read_entries, read_procedure
from tests.procedures_catalog.importers.samples import (
    SAVED_PAGE,
    list_export,
    page_file,
    portal_page,
    record,
    run,
    snapshot,
    statuses,
    word_file,
)


def test_all_kinds_of_files_below_a_folder_are_taken_in(sources, into):
    page_file(sources)
    (sources / "records.jsonl").write_text(json.dumps(record()), encoding="utf-8")
    (sources / "saved.html").write_text(SAVED_PAGE, encoding="utf-8")
    list_export(sources / "deep.xlsx").rename((sources / "a").mkdir() or sources / "a" / "list.xlsx")
    (sources / "readme.txt").write_text("x", encoding="utf-8")
    (sources / "~$list.xlsx").write_bytes(b"x")
    report = run(sources, into=into)
    assert report.files == 4
    assert report.counts == {"new": 5, "changed": 0, "unchanged": 0, "kept": 0, "repeated": 0, "rejected": 0}
    catalog = Catalog.load(into)
    assert catalog.problems == []
    assert {p.code for p in catalog} == {"1.900001", "1.900002", "1.900003", "2.900004", "1.900005"}
    assert all(p.completeness == "listed" and p.imported == fingerprint(p) for p in catalog)


def test_an_entry_lies_in_its_fields_folder_under_the_slug_of_its_name(sources, into):
    run(page_file(sources), into=into)
    assert [str(path.relative_to(into)) for path in into.rglob("*.yml")] == [
        "chan-nuoi/dang-ky-nuoi-ong-lay-mat.yml"
    ]


def test_an_imported_entry_answers_at_once(sources, into):
    store = CatalogStore(into, interval=0.0)
    run(page_file(sources), into=into)
    assert store.current().get("1.900001").name == "Thủ tục đăng ký nuôi ong lấy mật"


def test_the_same_again_changes_nothing(sources, into):
    page_file(sources)
    list_export(sources / "list.xlsx")
    run(sources, into=into)
    before = snapshot(into)
    assert statuses(run(sources, into=into)) == ["unchanged"] * 3
    assert snapshot(into) == before


def test_the_same_code_stays_the_same_file_even_under_another_name_and_field(sources, into):
    run(page_file(sources), into=into)
    (path,) = into.rglob("*.yml")
    report = run(page_file(sources, ten_thu_tuc="Đăng ký trại ong", linh_vuc="Nông nghiệp"), into=into)
    (item,) = report.items
    assert (item.status, item.id) == ("changed", "dang-ky-nuoi-ong-lay-mat")
    assert [(d.field, d.after) for d in item.differences] == [
        ("name", "Đăng ký trại ong"),
        ("field", "Nông nghiệp"),
    ]
    assert list(into.rglob("*.yml")) == [path]
    assert read_procedure(path).name == "Đăng ký trại ong"


def test_a_change_is_told_field_by_field(sources, into):
    run(page_file(sources), into=into)
    changed = portal_page()["cach_thuc_thuc_hien"].replace("20,000", "30,000")
    (item,) = run(page_file(sources, cach_thuc_thuc_hien=changed), into=into).items
    (difference,) = item.differences
    assert difference.field == "fees"
    assert (difference.before[0]["amount"], difference.after[0]["amount"]) == (20000, 30000)


def test_names_that_make_one_slug_get_their_codes(sources, into):
    (sources / "a.json").write_text(json.dumps(portal_page()), encoding="utf-8")
    (sources / "b.json").write_text(json.dumps(portal_page(ma_thu_tuc="1.900009")), encoding="utf-8")
    assert {item.id for item in run(sources, into=into).items} == {
        "dang-ky-nuoi-ong-lay-mat",
        "dang-ky-nuoi-ong-lay-mat-1-900009",
    }
    assert statuses(run(sources, into=into)) == ["unchanged"] * 2


def test_a_very_long_name_makes_an_id_all_the_same(sources, into):
    names = ["Thủ tục " + "rất dài " * 60, "Thủ tục " + "rất dài " * 59 + "khác"]
    for number, name in enumerate(names):
        page_file(sources, ma_thu_tuc=f"1.90010{number}", ten_thu_tuc=name)
    assert statuses(run(sources, into=into)) == ["new", "new"]
    assert Catalog.load(into).problems == []


def test_a_procedure_without_a_code_is_known_by_its_name(sources, into):
    run(page_file(sources, ma_thu_tuc=""), into=into)
    (item,) = run(page_file(sources, ma_thu_tuc="", cap_thuc_hien="Cấp tỉnh"), into=into).items
    assert (item.status, [d.field for d in item.differences]) == ("changed", ["level"])


def test_a_dry_run_reports_and_writes_nothing(sources, into):
    report = run(page_file(sources), into=into, dry_run=True)
    assert statuses(report) == ["new"]
    assert not into.exists()


def test_faulty_files_are_rejected_with_their_reasons_and_the_others_come_in(sources, into):
    page_file(sources)
    (sources / "cut.json").write_text("{", encoding="utf-8")
    (sources / "empty.xlsx").write_bytes(b"")
    report = run(sources, into=into)
    assert report.counts["new"] == 1 and report.counts["rejected"] == 2
    reasons = {Path(i.origin).name: i.reason for i in report.items if i.status == "rejected"}
    assert "not JSON" in reasons["cut.json"]
    assert "empty" in reasons["empty.xlsx"]


def test_what_a_browser_saves_beside_a_page_is_no_page(sources, into):
    (sources / "trang.html").write_text(SAVED_PAGE, encoding="utf-8")
    (sources / "trang_files").mkdir()
    (sources / "trang_files" / "khung.html").write_text("<p>Khung</p>", encoding="utf-8")
    assert statuses(run(sources, into=into)) == ["new"]


def test_a_folder_with_nothing_to_read_says_so(sources, into):
    (sources / "anh.png").write_bytes(b"x")
    with pytest.raises(ImportFault, match=r"no file below it can be imported; an import reads \.xlsx"):
        run(sources, into=into)


def test_a_path_that_is_not_there_stops_before_anything_is_written(sources, into):
    with pytest.raises(ImportFault, match="no such file"):
        run(page_file(sources), sources / "khong-co.json", into=into)
    assert not into.exists()


def test_progress_is_told_to_the_end(sources, into):
    page_file(sources)
    list_export(sources / "list.xlsx")
    lines = "\n".join(json.dumps(record(proc_id=f"1.91{n:04}", name=f"Thả diều {n}")) for n in range(120))
    (sources / "records.jsonl").write_text(lines, encoding="utf-8")
    told: list[tuple[int, int, int]] = []
    run(sources, into=into, progress=lambda *numbers: told.append(numbers))
    assert told[0] == (0, 3, 0)
    assert told[-1] == (3, 3, 123)
    assert (1, 3, 50) in told and (1, 3, 100) in told


def test_what_was_imported_needs_no_second_reading(sources, into, own_var):
    lines = "\n".join(json.dumps(record(proc_id=f"1.91{n:04}", name=f"Thả diều {n}")) for n in range(250))
    (sources / "records.jsonl").write_text(lines, encoding="utf-8")
    run(sources, into=into)
    (cache,) = (own_var / "catalog-cache").glob("*.bin")
    kept = cache.read_bytes()
    assert {p.id for p in Catalog.load(into)} == {path.stem for path in into.rglob("*.yml")}
    assert cache.read_bytes() == kept


def test_two_imports_into_one_folder_do_not_mix(sources, into):
    page_file(sources)
    with held(into), pytest.raises(ImportFault, match="another import"):
        run(sources, into=into)


def test_a_disk_that_takes_no_more_is_told_and_leaves_nothing_half_written(sources, into):
    page_file(sources)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
    try:
        (item,) = run(sources, into=into).items
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert item.status == "rejected" and "cannot be written" in (item.reason or "")
    assert [path.name for path in into.rglob("*") if path.is_file()] == [".import.lock"]
    assert statuses(run(sources, into=into)) == ["new"]


def test_a_folder_that_cannot_be_made_says_so(sources, tmp_path):
    (tmp_path / "datei").write_text("x", encoding="utf-8")
    with pytest.raises(ImportFault, match="cannot be written"):
        run(page_file(sources), into=tmp_path / "datei" / "entries")


def test_the_word_file_and_the_saved_page_make_one_entry(sources, into):
    word = word_file(sources / "page.docx")
    (sources / "page.html").write_text(SAVED_PAGE, encoding="utf-8")
    run(word, into=into)
    assert statuses(run(sources / "page.html", into=into)) == ["unchanged"]


def test_an_import_that_is_killed_leaves_whole_files_and_goes_on_where_it_stopped(sources, into, own_var):
    """Killed again and again, each time a little later; at the end all is as if nothing had happened."""
    many = 400
    lines = (
        json.dumps(
            record(proc_id=f"1.91{n:04}", name=f"Cấp giấy phép thả diều số {n}", domain=f"Lĩnh vực {n % 7}")
        )
        for n in range(many)
    )
    (sources / "records.jsonl").write_text("\n".join(lines), encoding="utf-8")
    code = (
        "import sys; from datetime import date; from pathlib import Path\n"
        "from procedures_catalog.importers import import_files\n"
        "print('ready', flush=True)\n"
        "day = date(2026, 11, 1)\n"
        "import_files([Path(sys.argv[1])], Path(sys.argv[2]), today=day, checked_on=day)"
    )
    command = [sys.executable, "-c", code, str(sources), str(into)]
    killed = 0
    for attempt in range(4):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            wanted = (attempt + 1) * many // 6
            while process.poll() is None and len(list(into.rglob("*.yml"))) < wanted:
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
        killed += process.returncode == -signal.SIGKILL
        files = read_entries(into)
        assert files and all(file.procedure and not file.fault for file in files.values())
    assert killed == 4
    report = run(sources, into=into, checked_on=date(2026, 11, 1))
    assert report.counts["rejected"] == 0
    assert report.counts["new"] + report.counts["unchanged"] == many
    assert 0 < report.counts["unchanged"] < many
    untouched = into.parent / "at-once"
    run(sources, into=untouched, checked_on=date(2026, 11, 1))
    assert snapshot(into) == snapshot(untouched)
    assert not list(into.rglob(".*.yml.*"))
