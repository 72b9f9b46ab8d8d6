from __future__ import annotations

import logging
import time
from datetime import date

import pytest

from procedures_catalog import Catalog, CatalogStore, DuplicateEntry, UnknownProcedure

DAY = date(2026, 11, 21)


def test_an_entry_is_found_by_id_and_by_code(write_entry, entries):
    write_entry("lam-giay", code="1.000001")
    catalog = Catalog.load(entries)
    assert catalog.get("lam-giay") is catalog.get("1.000001")
    assert catalog.find("1.999999") is None
    with pytest.raises(UnknownProcedure, match=r"1\.999999"):
        catalog.get("1.999999")


def test_of_two_with_one_code_the_one_in_force_longer_is_meant(write_entry, entries):
    write_entry("cu", code="1.000001", valid_until="2026-08-17")
    write_entry("moi", code="1.000001")
    assert Catalog.load(entries).get("1.000001").id == "moi"


def test_an_abolished_entry_leads_to_what_took_its_place(write_entry, entries):
    write_entry("cu", valid_until="2025-06-30", replaced_by="giua")
    write_entry("giua", valid_until="2026-08-17", replaced_by="moi")
    write_entry("moi")
    catalog = Catalog.load(entries)
    assert catalog.current(catalog.get("cu"), DAY).id == "moi"
    assert catalog.current(catalog.get("cu"), date(2026, 1, 1)).id == "giua"
    assert catalog.current(catalog.get("cu"), date(2025, 6, 30)).id == "cu"


def test_before_its_first_day_the_only_one_before_it_is_meant(write_entry, entries):
    write_entry("cu", valid_until="2026-08-17", replaced_by="moi")
    write_entry("moi", valid_from="2026-08-18")
    catalog = Catalog.load(entries)
    assert catalog.current(catalog.get("moi"), date(2026, 8, 17)).id == "cu"
    assert catalog.current(catalog.get("moi"), date(2026, 8, 18)).id == "moi"
    write_entry("cu-nua", valid_until="2026-08-17", replaced_by="moi")
    catalog = Catalog.load(entries)
    assert catalog.current(catalog.get("moi"), date(2026, 8, 17)).id == "moi"


def test_a_code_may_cover_several_matters(write_entry, entries):
    write_entry("mot", code="1.000001")
    write_entry("hai", code="1.000001")
    write_entry("cu", code="1.000001", valid_until="2026-01-01", replaced_by="mot")
    write_entry("ba", code="1.000002", valid_until="2026-01-01", replaced_by="mot")
    catalog = Catalog.load(entries)
    assert {p.id for p in catalog.with_code("1.000001", DAY)} == {"mot", "hai"}
    assert [p.id for p in catalog.with_code("1.000002", DAY)] == ["ba"]
    assert catalog.with_code("1.000003", DAY) == []


def test_replacements_that_lead_in_a_circle_or_nowhere_end(write_entry, entries):
    write_entry("mot", valid_until="2025-01-01", replaced_by="hai")
    write_entry("hai", valid_until="2025-01-01", replaced_by="mot")
    write_entry("ba", valid_until="2025-01-01", replaced_by="khong-co")
    catalog = Catalog.load(entries)
    assert catalog.current(catalog.get("mot"), DAY).id == "hai"
    assert catalog.current(catalog.get("ba"), DAY).id == "ba"


def test_two_files_with_one_id_are_a_problem_and_the_first_answers(write_entry, entries, tmp_path):
    write_entry("lam-giay", name="Của nhà")
    write_entry("lam-giay", folder=tmp_path / "centre", name="Của trung tâm")
    catalog = Catalog.load(entries, tmp_path / "centre")
    assert catalog.get("lam-giay").name == "Của nhà"
    assert [type(problem) for problem in catalog.problems] == [DuplicateEntry]


def test_an_imported_entry_gives_way_to_one_written_by_hand(write_entry, entries, tmp_path):
    write_entry("lam-giay", code="1.000001")
    write_entry("lam-giay-to", folder=tmp_path / "centre", code="1.000001", imported="0123456789abcdef")
    write_entry("giay-khac", folder=tmp_path / "centre", code="1.000002", imported="0123456789abcdef")
    catalog = Catalog.load(entries, tmp_path / "centre")
    assert {procedure.id for procedure in catalog} == {"lam-giay", "giay-khac"}
    assert catalog.problems == []


def test_all_shows_only_what_is_in_force_when_a_day_is_given(write_entry, entries):
    write_entry("cu", valid_until="2026-08-17")
    write_entry("moi", valid_from="2026-08-18")
    catalog = Catalog.load(entries)
    assert [p.id for p in catalog.all(DAY)] == ["moi"]
    assert [p.id for p in catalog.all(date(2026, 8, 17))] == ["cu"]
    assert len(catalog.all()) == len(catalog) == 2


def test_a_field_is_recognised_however_it_is_typed(write_entry, entries):
    write_entry("mot", field="Hộ tịch")
    write_entry("hai", field="Đất đai")
    catalog = Catalog.load(entries)
    assert catalog.field_in("thu tuc dat dai") == "Đất đai"
    assert catalog.field_in("xin chào") is None


class TestStore:
    """The files change while the store is open."""

    @pytest.fixture
    def store(self, write_entry, entries, tmp_path):
        write_entry("lam-giay", name="Làm giấy tờ tùy thân")
        write_entry("mo-quan", name="Mở quán ăn nhỏ")
        events = tmp_path / "life_events.yml"
        return CatalogStore(entries, overlay=tmp_path / "overlay.yml", interval=0.0, life_events=events)

    @staticmethod
    def settle(store: CatalogStore) -> None:
        # Two writes within one tick of the file system's clock cannot be told apart by time alone.
        time.sleep(0.02)
        store._look_again = 0.0  # else it rests ten times as long as its last look took

    def test_new_changed_and_removed_files_show_at_once(self, store, write_entry, entries):
        assert len(store.current()) == 2
        write_entry("xay-nha", name="Xây nhà ở riêng lẻ")
        self.settle(store)
        assert store.current().get("xay-nha").name == "Xây nhà ở riêng lẻ"
        write_entry("xay-nha", name="Xây nhà trọ")
        self.settle(store)
        assert store.current().get("xay-nha").name == "Xây nhà trọ"
        (entries / "xay-nha.yml").unlink()
        self.settle(store)
        assert store.current().find("xay-nha") is None

    def test_an_added_entry_is_found_by_its_name_at_once(self, store, write_entry):
        write_entry("nuoi-ong", name="Đăng ký nuôi ong lấy mật")
        self.settle(store)
        assert store.current().search("nuoi ong lay mat")[0].procedure.id == "nuoi-ong"

    def test_a_file_that_became_faulty_keeps_answering_and_is_named_once(
        self, store, write_entry, entries, caplog
    ):
        good = (entries / "lam-giay.yml").read_text(encoding="utf-8")
        with caplog.at_level(logging.ERROR):
            (entries / "lam-giay.yml").write_text("name: [", encoding="utf-8")
            self.settle(store)
            catalog = store.current()
            assert catalog.get("lam-giay").name == "Làm giấy tờ tùy thân"
            assert len(catalog.problems) == 1
            write_entry("xay-nha")
            self.settle(store)
            assert store.current().find("xay-nha")
        assert len([r for r in caplog.records if "lam-giay.yml" in r.message]) == 1
        (entries / "lam-giay.yml").write_text(good, encoding="utf-8")
        self.settle(store)
        assert store.current().problems == []

    def test_a_file_that_was_never_good_keeps_nothing_else_from_answering(self, store, entries):
        (entries / "hong.yml").write_text("name: [", encoding="utf-8")
        self.settle(store)
        assert len(store.current()) == 2
        assert len(store.current().problems) == 1

    def test_the_overlay_is_followed_and_its_faulty_parts_stay_as_they_were(self, store, tmp_path):
        overlay = tmp_path / "overlay.yml"
        overlay.write_text("lam-giay: {add: {notes: [Mang theo bản sao]}}", encoding="utf-8")
        self.settle(store)
        assert store.current().get("lam-giay").notes == ["Mang theo bản sao"]
        overlay.write_text(
            "lam-giay: {add: {notes: 3}}\nmo-quan: {add: {notes: [Vào cửa số 2]}}", encoding="utf-8"
        )
        self.settle(store)
        catalog = store.current()
        assert catalog.get("lam-giay").notes == ["Mang theo bản sao"]
        assert catalog.get("mo-quan").notes == ["Vào cửa số 2"]
        assert [problem.field for problem in catalog.problems] == ["lam-giay.add.notes"]
        overlay.write_text("lam-giay: [", encoding="utf-8")
        self.settle(store)
        assert store.current().get("mo-quan").notes == ["Vào cửa số 2"]
        overlay.unlink()
        self.settle(store)
        assert store.current().get("mo-quan").notes == []

    def test_faulty_life_events_are_a_problem_and_no_more(self, store, tmp_path):
        (tmp_path / "life_events.yml").write_text("sinh-con: 3", encoding="utf-8")
        self.settle(store)
        catalog = store.current()
        assert len(catalog) == 2
        assert [problem.field for problem in catalog.problems] == ["file"]

    def test_a_large_import_is_awaited_to_its_end(self, store, write_entry):
        for number in range(60):
            write_entry(f"le-hoi-{number}", name=f"Đăng ký lễ hội số {number}")
        self.settle(store)
        assert store.current().find("le-hoi-0") is None
        write_entry("le-hoi-60", name="Đăng ký lễ hội số 60")
        self.settle(store)
        assert store.current().find("le-hoi-0") is None
        self.settle(store)
        assert store.current().find("le-hoi-60")
        assert len(store.current()) == 63

    def test_nothing_is_read_again_before_the_interval_is_over(self, write_entry, entries):
        store = CatalogStore(entries, interval=3600)
        write_entry("xay-nha")
        assert store.current().find("xay-nha") is None


def test_a_centre_has_our_entries_its_own_and_its_overlay(tmp_path, write_entry):
    centre = tmp_path / "centre.yml"
    write_entry("le-hoi-xa", folder=tmp_path / "centre" / "entries", name="Đăng ký tổ chức lễ hội làng")
    (tmp_path / "centre" / "overlay.yml").write_text(
        "dang-ky-khai-sinh: {add: {notes: [Nhận hồ sơ cả sáng thứ bảy]}}", encoding="utf-8"
    )
    catalog = Catalog.of_centre(centre)
    assert catalog.problems == []
    assert catalog.get("le-hoi-xa").name == "Đăng ký tổ chức lễ hội làng"
    assert catalog.get("1.001193").notes[-1] == "Nhận hồ sơ cả sáng thứ bảy"
