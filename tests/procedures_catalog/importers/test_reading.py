"""What an import says of a file that it cannot read."""

from __future__ import annotations

import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers import reading
from procedures_catalog.importers.entry import Draft
from procedures_catalog.importers.reading import read_file
from tests.procedures_catalog.importers.samples import (
    DAY,
    drafts,
    list_export,
    portal_page,
    reason,
    record,
    word_file,
    written,
)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.json", b"{", "not JSON"),
        ("a.json", b"", "empty"),
        ("a.json", b"3", "no JSON object"),
        ("a.json", b"{}", "neither"),
        ("a.json", b"[" * 100_000, "not JSON"),
        ("a.json", "{".encode("utf-16"), "not JSON"),
        ("a.json", b"\xff\xfe{\x00}", "not JSON in UTF-8"),
        ("a.json", '{"ten_thu_tuc": "Đăng"}'.encode("cp1258"), "not JSON in UTF-8"),
        ("a.jsonl", b"\xff\xfe{}\n", "not JSON in UTF-8"),
        ("a.xlsx", b"PK\x03\x04 cut", "no .xlsx workbook"),
        ("a.docx", b"PK\x03\x04 cut", "no Word file"),
        ("a.html", b"just words", "not HTML"),
        ("a.html", b"<html><body><p>Tin tuc</p></body></html>", "no label"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "save it as .docx"),
        ("a.zip", b"PK", "unpack it"),
        ("a.mhtml", b"From: <Saved by Blink>", "HTML only"),
        ("a", b"x", "cannot be imported"),
    ],
)
def test_the_reason_is_clear(tmp_path, name, data, words):
    path = tmp_path / name
    path.write_bytes(data)
    assert words in reason(path)


def test_wrong_columns_say_which_are_expected(tmp_path):
    path = list_export(tmp_path / "list.xlsx", titles=("A", "B", "C", "D", "E"))
    assert "«Mã số», «Tên», «Lĩnh vực»" in reason(path)


def test_a_workbook_that_was_cut_off_says_so(tmp_path):
    path = list_export(tmp_path / "list.xlsx")
    path.write_bytes(path.read_bytes()[:-200])
    assert "cut off" in reason(path)


def test_an_archive_that_is_no_workbook_says_so(tmp_path):
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    assert "no .xlsx workbook" in reason(path)
    assert "no Word file" in reason(path.rename(tmp_path / "page.docx"))


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path):
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (401 * 1024 * 1024))
    assert "unpacks to 401 MB" in reason(path)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.xlsx", "a.html", "a.docx"])
def test_a_file_of_300_mb_is_told_its_size(tmp_path, name):
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    assert "too large (300 MB" in reason(path)


def test_a_line_without_end_is_no_json_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_LINE", 1024 * 1024)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * (3 * 1024 * 1024))
    assert "longer than" in reason(path)


def test_faulty_lines_are_named_and_the_others_read(tmp_path):
    lines = ["\ufeff" + json.dumps(record()), "", "{", json.dumps(portal_page()), "[]"]
    found = list(read_file(written(tmp_path / "a.jsonl", "\n".join(lines)), DAY))
    assert [(where, isinstance(draft, Draft)) for where, draft in found] == [
        ("line 1", True),
        ("line 3", False),
        ("line 4", True),
        ("line 5", False),
    ]


def test_a_list_of_objects_is_read_item_by_item(tmp_path):
    found = list(read_file(written(tmp_path / "a.json", [record(), portal_page(), 3]), DAY))
    assert [isinstance(draft, Draft) for _, draft in found] == [True, True, False]


def test_a_folder_with_a_files_name_says_so(tmp_path):
    (tmp_path / "a.json").mkdir()
    assert "cannot be read" in reason(tmp_path / "a.json")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 6000), st.binary(min_size=1, max_size=12), st.sampled_from(["list.xlsx", "page.docx"]))
def test_a_damaged_archive_is_read_or_refused_in_words(tmp_path, at, damage, name):
    good = tmp_path / f"good-{name}"
    if not good.exists():
        (list_export if name.endswith("xlsx") else word_file)(good)
    data = bytearray(good.read_bytes())
    at = min(at, len(data) - len(damage))
    data[at : at + len(damage)] = damage
    path = tmp_path / name
    path.write_bytes(data)
    for _, found in read_file(path, DAY):
        assert isinstance(found, Draft | ImportFault)


def test_json_saved_as_utf_16_is_read_too(tmp_path):
    text = json.dumps(record(), ensure_ascii=False)
    for name, data in (("a.json", text), ("a.jsonl", f"{text}\r\n\r\n{text}\r\n")):
        (tmp_path / name).write_bytes(data.encode("utf-16"))
        assert drafts(tmp_path / name)[-1].procedure.name == "Cấp giấy phép thả diều"
