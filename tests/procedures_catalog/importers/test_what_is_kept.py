"""What an import leaves as it is: entries written by hand, what a source does not speak for, the day."""

from __future__ import annotations

import os
import time
from datetime import date

import yaml

from procedures_catalog import Catalog
from tests.procedures_catalog.importers.samples import (
    TODAY,
    list_export,
    page_file,
    run,
    snapshot,
    statuses,
)


class TestByHand:
    """What somebody wrote is never changed; the difference is reported."""

    def test_an_entry_of_ours_is_left_as_it_is(self, sources, into, entries, write_entry):
        path = write_entry(
            "nuoi-ong", code="1.900001", name="Nuôi ong", notes=["Ghi tay"], completeness="full"
        )
        before = path.read_bytes()
        (item,) = run(page_file(sources), into=into, beside=entries).items
        assert (item.status, item.id) == ("kept", "nuoi-ong")
        assert ("name", "Nuôi ong", "Thủ tục đăng ký nuôi ong lấy mật") in [
            (d.field, d.before, d.after) for d in item.differences
        ]
        assert "notes" not in [d.field for d in item.differences]
        assert path.read_bytes() == before
        assert snapshot(into) == {}

    def test_an_entry_of_the_centre_without_the_mark_is_left_as_it_is(self, sources, into, write_entry):
        path = write_entry("nuoi-ong", folder=into / "tay", code="1.900001")
        before = path.read_bytes()
        assert statuses(run(page_file(sources), into=into)) == ["kept"]
        assert path.read_bytes() == before

    def test_an_imported_entry_that_somebody_mended_is_left_as_it_is(self, sources, into):
        run(page_file(sources), into=into)
        (path,) = into.rglob("*.yml")
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
        path.write_text(yaml.safe_dump({**plain, "agency": "Ủy ban nhân dân phường"}), encoding="utf-8")
        before = path.read_bytes()
        (item,) = run(page_file(sources), into=into).items
        assert item.status == "kept"
        assert [(d.field, d.before) for d in item.differences] == [("agency", "Ủy ban nhân dân phường")]
        assert path.read_bytes() == before

    def test_an_id_of_ours_is_not_taken(self, sources, into, entries, write_entry):
        write_entry("dang-ky-nuoi-ong-lay-mat", code="1.900777")
        (item,) = run(page_file(sources), into=into, beside=entries).items
        assert (item.status, item.id) == ("new", "dang-ky-nuoi-ong-lay-mat-1-900001")
        assert Catalog.load(entries, into).problems == []

    def test_a_faulty_file_in_its_place_is_named_and_left(self, sources, into):
        path = into / "chan-nuoi" / "dang-ky-nuoi-ong-lay-mat.yml"
        path.parent.mkdir(parents=True)
        path.write_text("name: [", encoding="utf-8")
        (item,) = run(page_file(sources), into=into).items
        assert item.status == "rejected"
        assert str(path) in (item.reason or "")
        assert path.read_text(encoding="utf-8") == "name: ["


class TestSeveralSources:
    """A list knows less than a page and takes nothing away."""

    def test_a_list_after_a_page_changes_only_its_columns(self, sources, into):
        run(page_file(sources), into=into)
        row = ("1.900001", "Đăng ký nuôi ong", "Bộ", "Chủ tịch Ủy ban nhân dân xã", "Chăn nuôi")
        (item,) = run(list_export(sources / "list.xlsx", rows=[row]), into=into).items
        assert item.status == "changed"
        assert [d.field for d in item.differences] == ["name", "agency"]
        entry = Catalog.load(into).get("1.900001")
        assert entry.documents and entry.fees and entry.sources[0].url

    def test_a_list_without_an_agency_takes_none_away(self, sources, into):
        run(page_file(sources), into=into)
        row = ("1.900001", "Thủ tục đăng ký nuôi ong lấy mật", "Bộ", "", "Chăn nuôi")
        assert statuses(run(list_export(sources / "list.xlsx", rows=[row]), into=into)) == ["unchanged"]
        entry = Catalog.load(into).get("1.900001")
        assert (entry.agency, entry.level) == ("Ủy ban nhân dân cấp xã", "commune")

    def test_a_page_after_a_list_adds_what_it_knows(self, sources, into):
        row = ("1.900001", "Thủ tục đăng ký nuôi ong lấy mật", "Bộ", "Ủy ban nhân dân cấp xã", "Chăn nuôi")
        run(list_export(sources / "list.xlsx", rows=[row]), into=into)
        (item,) = run(page_file(sources), into=into).items
        assert item.status == "changed"
        assert Catalog.load(into).get("1.900001").documents

    def test_in_one_run_the_page_comes_first_and_the_lists_row_is_a_repetition(self, sources, into):
        page_file(sources)
        row = ("1.900001", "Tên khác", "Bộ", "", "Chăn nuôi")
        report = run(list_export(sources / "list.xlsx", rows=[row]), sources, into=into)
        assert statuses(report) == ["new", "repeated"]
        assert "1.900001.json" in (report.items[1].reason or "")
        assert report.files == 2


class TestDates:
    """Facts are as of the day their file was last changed."""

    def test_the_day_of_the_file_is_the_day_of_check(self, sources, into):
        path = page_file(sources)
        os.utime(path, (time.time(), time.mktime((2026, 6, 10, 12, 0, 0, 0, 0, -1))))
        run(path, into=into)
        assert Catalog.load(into).get("1.900001").checked_on == date(2026, 6, 10)

    def test_no_day_lies_after_today(self, sources, into):
        path = page_file(sources)
        os.utime(path, (time.time(), time.time() + 10**9))
        run(path, into=into)
        assert Catalog.load(into).get("1.900001").checked_on == TODAY

    def test_the_day_can_be_given(self, sources, into):
        run(page_file(sources), into=into, checked_on=date(2026, 9, 1))
        assert Catalog.load(into).get("1.900001").checked_on == date(2026, 9, 1)

    def test_the_same_facts_of_a_later_day_are_unchanged_and_newly_checked(self, sources, into):
        run(page_file(sources), into=into, checked_on=date(2026, 9, 1))
        assert statuses(run(page_file(sources), into=into, checked_on=date(2026, 10, 1))) == ["unchanged"]
        assert Catalog.load(into).get("1.900001").checked_on == date(2026, 10, 1)
        assert statuses(run(page_file(sources), into=into, checked_on=date(2026, 8, 1))) == ["unchanged"]
        assert Catalog.load(into).get("1.900001").checked_on == date(2026, 10, 1)
