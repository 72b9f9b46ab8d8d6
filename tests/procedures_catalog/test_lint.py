from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from procedures_catalog.lint import lint

DAY = date(2026, 11, 22)
CASE = {"id": "ai", "question": "Ai?", "choices": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]}

# Everything that a full entry says, but its time limit.
FULL = {
    "completeness": "full",
    "also_called": [f"tên gọi số {n}" for n in range(6)],
    "asked_as": [f"câu hỏi số {n}" for n in range(8)],
    "agency": "Ủy ban nhân dân cấp xã",
    "submit_at": ["Trung tâm Phục vụ hành chính công cấp xã"],
    "channels": [{"channel": "in_person"}],
    "fees": [{"state": "not_published"}],
    "legal_basis": [{"number": "60/2014/QH13"}],
    "result": ["Giấy"],
    "steps": ["Nộp đơn"],
}


@pytest.fixture
def found(entries, tmp_path):
    """(level, rule, field) of every finding in ``entries``."""

    def check(**options):
        events = options.pop("life_events", tmp_path / "life_events.yml")
        result = lint(entries, today=DAY, life_events=events, **options)
        return [(f.level, f.rule, f.field) for f in result.findings]

    return check


def test_a_good_entry_has_no_fault(write_entry, found):
    write_entry("lam-giay", agency="Ủy ban nhân dân cấp xã", legal_basis=[{"number": "60/2014/QH13"}])
    assert found() == []


@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"siblings": ["khong-co"]}, ("error", "reference", "siblings[0]")),
        ({"siblings": ["lam-giay"]}, ("error", "reference", "siblings[0]")),
        ({"life_events": ["khong-co"]}, ("error", "reference", "life_events[0]")),
        ({"replaced_by": "khong-co", "valid_until": "2026-08-17"}, ("error", "reference", "replaced_by")),
        ({"replaced_by": "lam-giay", "valid_until": "2026-08-17"}, ("error", "reference", "replaced_by")),
        ({"valid_until": "2026-08-17"}, ("warning", "reference", "replaced_by")),
        (
            {"documents": [{"name": "Trường hợp ủy quyền thì nộp giấy", "originals": 1}]},
            ("error", "paper", "documents[0].name"),
        ),
        ({"documents": [{"name": "Đơn"}]}, ("error", "paper", "documents[0]")),
        ({"agency": "Ủy ban nhân dân cấp huyện"}, ("error", "gone", "agency")),
        ({"submit_at": ["Công an quận"]}, ("error", "gone", "submit_at[0]")),
        (
            {"documents": [{"name": "Đơn", "originals": 1, "note": "Lấy mẫu tại UBND quận"}]},
            ("warning", "gone", "documents[0].note"),
        ),
        (
            {"fees": [{"state": "set_elsewhere", "note": "Nộp tại UBND cấp huyện"}]},
            ("warning", "gone", "fees[0].note"),
        ),
        ({"steps": ["Nộp tại Phòng Tư pháp"]}, ("error", "gone", "steps[0]")),
        (
            {"channels": [{"channel": "in_person", "note": "Tại UBND huyện"}]},
            ("error", "gone", "channels[0].note"),
        ),
        ({"notes": ["Hỏi Ủy ban nhân dân huyện"]}, ("warning", "gone", "notes[0]")),
        ({"fees": [{"state": "free"}]}, ("error", "fee", "fees[0].basis")),
        ({"fees": [{"state": "free", "basis": "Thông tư 85/2019"}]}, ("error", "fee", "fees[0].basis")),
        ({"fees": [{"state": "amount", "amount": 0}]}, ("error", "fee", "fees[0].amount")),
        ({"fees": [{"state": "set_elsewhere"}]}, ("warning", "fee", "fees[0].note")),
        (
            {"fees": [{"state": "amount", "amount": 5, "layer": "temporary"}]},
            ("error", "fee", "fees[0].valid_until"),
        ),
        (
            {"fees": [{"state": "amount", "amount": 5, "valid_until": "2025-12-31"}]},
            ("warning", "fee", "fees[0]"),
        ),
        ({"legal_basis": [{"number": "123/2015"}]}, ("error", "legal-number", "legal_basis[0].number")),
        ({"legal_basis": [{"number": "60/2020/QH13"}]}, ("error", "legal-number", "legal_basis[0].number")),
        (
            {"legal_basis": [{"number": "60/2014/QH13", "in_force_until": "2026-01-01"}]},
            ("warning", "legal-number", "legal_basis[0]"),
        ),
        ({"notes": ["Theo Nghị định 118/2025"]}, ("error", "bare-number", "notes[0]")),
        ({"cases": [CASE]}, ("warning", "case", "cases[0]")),
        ({"checked_on": "2026-11-23"}, ("error", "completeness", "checked_on")),
        (
            {"sources": [{"title": "Trang", "url": "dichvucong.gov.vn"}]},
            ("error", "address", "sources[0].url"),
        ),
        ({"also_called": ["làm giấy tờ", "lam giay to"]}, ("warning", "wordings", "also_called")),
        ({"completeness": "full"}, ("error", "wordings", "asked_as")),
        ({"completeness": "full"}, ("error", "wordings", "also_called")),
        ({"completeness": "full"}, ("warning", "completeness", "fees")),
        (FULL, ("warning", "completeness", "processing_time")),
        ({"lệ_phí": 3}, ("error", "schema", "entry")),
    ],
)
def test_a_fault_is_found_where_it_is(write_entry, found, fields, finding):
    write_entry("lam-giay", **fields)
    assert finding in found()


@pytest.mark.parametrize(
    "fields",
    [
        {"notes": ["Từ 01/7/2025 không còn cấp huyện"]},
        {"fees": [{"state": "free", "basis": "60/2014/QH13"}]},
        {"fees": [{"state": "free", "basis": "Trang thủ tục ghi rõ là miễn"}]},
        {"fees": [{"state": "set_elsewhere", "note": "Do tỉnh quy định"}]},
        {"legal_basis": [{"number": "66.7/2025/NQ-CP"}]},
        {**FULL, "sources": [{"title": "Trang", "note": "Thời hạn chưa đọc được nên không ghi"}]},
        {"also_called": ["giấy do công an huyện cấp trước đây"]},
        {"documents": [{"name": "Một trong các loại giấy tờ về đất", "copies": 1}]},
        {"cases": [CASE], "documents": [{"name": "Đơn", "originals": 1, "when": {"ai": "a"}}]},
    ],
)
def test_what_is_right_is_no_finding(write_entry, found, fields):
    write_entry("lam-giay", **fields)
    assert found() == []


def test_an_abolished_entry_that_leads_on_needs_no_everyday_names(write_entry, found):
    write_entry("cu", completeness="full", valid_until="2026-08-17", replaced_by="moi")
    write_entry("moi")
    assert [row for row in found() if row[1] == "wordings"] == []


def test_a_replaced_entry_needs_its_last_day(write_entry, found):
    write_entry("cu", replaced_by="moi")
    write_entry("moi")
    assert ("error", "reference", "valid_until") in found()


class TestWordings:
    """One wording that means two entries."""

    def test_is_an_error_unless_they_are_kin(self, write_entry, found):
        write_entry("mot", also_called=["Làm giấy tờ xe"])
        write_entry("hai", asked_as=["lam giay to xe"])
        assert ("error", "same-wording", "also_called") in found()
        write_entry("hai", asked_as=["lam giay to xe"], siblings=["mot"])
        assert found() == []

    def test_is_fine_between_an_entry_and_what_took_its_place(self, write_entry, found):
        write_entry("cu", name="Cấp thẻ", valid_until="2026-08-17", replaced_by="moi")
        write_entry("moi", also_called=["cấp thẻ"])
        assert found() == []

    def test_is_a_warning_between_official_names(self, write_entry, found):
        write_entry("o-tinh", name="Chuyển hình thức giao đất")
        write_entry("o-xa", name="Chuyển hình thức giao đất.")
        assert found() == [("warning", "same-wording", "name")]

    def test_is_a_warning_with_a_life_event(self, write_entry, found, tmp_path):
        events = tmp_path / "events.yml"
        events.write_text(
            "vay-von: {name: Vay, intro: A, steps: [{procedure: the-chap}], also_called: [cắm sổ đỏ]}",
            encoding="utf-8",
        )
        write_entry("the-chap", also_called=["Cắm sổ đỏ"])
        assert found(life_events=events) == [("warning", "same-wording", "also_called")]


def test_a_name_that_many_share_says_what_to_add(write_entry, found):
    for number in range(6):
        write_entry(f"nhan-con-{number}", name=f"Nhận con nuôi số {number}")
    write_entry("nhan-con", also_called=["nhan con", "nhận con ruột"])
    assert found() == [("warning", "leftover", "also_called")]
    write_entry("nhan-con", also_called=["nhan con"], siblings=["nhan-con-0"])
    assert found() == []


def test_two_entries_with_one_id_or_one_code(write_entry, found, entries):
    write_entry("mot", code="1.000001")
    write_entry("mot", folder=entries / "ve-sau", name="Khác")
    write_entry("hai", code="1.000001")
    assert {rule for _, rule, _ in found()} == {"duplicate-id", "duplicate-code"}


def test_one_code_for_several_matters_that_know_each_other(write_entry, found):
    write_entry("mot", code="1.000001", name="Cấp giấy", siblings=["hai"])
    write_entry("hai", code="1.000001", name="Đổi thẻ")
    assert [rule for _, rule, _ in found()] == ["duplicate-code"]
    write_entry("hai", code="1.000001", name="Đổi thẻ", siblings=["mot"])
    assert found() == []


def test_letters_in_parts_and_keys_told_twice(write_entry, found):
    path = write_entry("mot")
    text = path.read_text(encoding="utf-8") + "notes: [Một]\nnotes: [Hai]\n"
    path.write_text(unicodedata.normalize("NFD", text), encoding="utf-8")
    assert {(level, rule) for level, rule, _ in found()} == {("error", "nfc"), ("error", "twice")}


def test_steps_of_life_events_must_be_entries_in_force(write_entry, found, tmp_path):
    events = tmp_path / "events.yml"
    events.write_text(
        "sinh-con:\n  name: Sinh\n  intro: Đến Phòng Tư pháp\n"
        "  steps: [{procedure: khong-co}, {procedure: cu}, {procedure: moi}]\n",
        encoding="utf-8",
    )
    write_entry("cu", valid_until="2026-08-17", replaced_by="moi")
    write_entry("moi")
    assert found(life_events=events) == [
        ("error", "gone", "sinh-con"),
        ("error", "reference", "sinh-con.steps[0].procedure"),
        ("error", "reference", "sinh-con.steps[1].procedure"),
    ]


def test_the_overlay_is_checked_with_the_entries(write_entry, found, tmp_path):
    write_entry("lam-giay", fees=[{"state": "set_elsewhere", "name": "Lệ phí", "note": "Do tỉnh"}])
    overlay = tmp_path / "overlay.yml"
    overlay.write_text(
        "lam-giay:\n  add:\n    fees: [{state: amount, amount: 5000, name: Lệ phí khác}]\n"
        "    submit_at: [Công an huyện]\n"
        "khong-co: {add: {notes: [A]}}",
        encoding="utf-8",
    )
    assert set(found(overlay=overlay)) == {
        ("error", "overlay", "khong-co"),
        ("error", "gone", "lam-giay.submit_at[0]"),
        ("warning", "overlay", "lam-giay.fees[1].name"),
    }


def test_errors_come_first(write_entry, entries, tmp_path):
    write_entry("a", fees=[{"state": "set_elsewhere"}])
    write_entry("b", fees=[{"state": "free"}])
    levels = [f.level for f in lint(entries, today=DAY, life_events=tmp_path / "none.yml").findings]
    assert levels == ["error", "warning"]


def test_our_own_entries_pass():
    result = lint(today=DAY)
    assert [str(finding) for finding in result.of("error")] == []
    assert result.full >= 130


def test_what_is_wrong_only_since_the_overlay_is_the_overlays_fault(write_entry, entries, tmp_path):
    write_entry("lam-giay", agency="Ủy ban nhân dân cấp huyện")
    overlay = tmp_path / "overlay.yml"
    text = "lam-giay:\n  replace: {submit_at: [Công an quận]}\n  add: {notes: [Một], notes: [Hai]}\n"
    overlay.write_text(text, encoding="utf-8")
    result = lint(entries, today=DAY, life_events=tmp_path / "none.yml", overlay=overlay)
    assert {(f.place.rsplit("/")[-1], f.field, f.rule) for f in result.of("error")} >= {
        ("lam-giay.yml", "agency", "gone"),
        ("overlay.yml", "lam-giay.submit_at[0]", "gone"),
        ("overlay.yml", "line 3", "twice"),
    }
