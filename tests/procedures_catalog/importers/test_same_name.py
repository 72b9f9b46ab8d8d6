"""Codes come late and get lost: a procedure that has none on one side is known by its name alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from procedures_catalog.importers import Item, import_files
from tests.procedures_catalog.importers.samples import portal_page, written

TODAY = date(2026, 11, 21)
NAME = "Thủ tục đăng ký nuôi ong lấy mật"


def taken_in(tmp_path: Path, *beside: Path, **changes) -> Item:
    page = written(tmp_path / "page.json", portal_page(**changes))
    (item,) = import_files([page], tmp_path / "into", today=TODAY, beside=beside).items
    return item


def test_our_entry_that_waits_for_its_code_is_the_one(tmp_path, entries, write_entry):
    write_entry("nuoi-ong", name=NAME)
    item = taken_in(tmp_path, entries)
    assert (item.status, item.id) == ("kept", "nuoi-ong")
    assert ("code", None, "1.900001") in [(d.field, d.before, d.after) for d in item.differences]


def test_an_imported_entry_gets_its_code_later_and_keeps_it(tmp_path):
    first = taken_in(tmp_path, ma_thu_tuc="")
    later = taken_in(tmp_path)
    assert (later.status, later.id) == ("changed", first.id)
    assert [(d.field, d.after) for d in later.differences if d.field == "code"] == [("code", "1.900001")]
    again = taken_in(tmp_path, ma_thu_tuc="")
    assert (again.id, [d.field for d in again.differences if d.field == "code"]) == (first.id, [])


def test_two_codes_are_two_procedures_whatever_they_are_called(tmp_path):
    assert [taken_in(tmp_path, ma_thu_tuc=f"1.90000{n}").status for n in (1, 2)] == ["new", "new"]
    # Which of the two is meant nobody can say: it is one of its own.
    assert taken_in(tmp_path, ma_thu_tuc="").status == "new"
