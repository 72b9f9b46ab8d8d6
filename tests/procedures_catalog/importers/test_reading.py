"""Each kind of file that an import reads, and what it says of one that it cannot."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers import reading
from procedures_catalog.importers.entry import Draft
from procedures_catalog.importers.portal_page import page_draft
from procedures_catalog.importers.reading import read_file
from procedures_catalog.importers.records import record_draft
from procedures_catalog.model import Channel, Document, Duration, LegalBasis, Procedure
from tests.procedures_catalog.importers.samples import (
    LIST_ROWS,
    SAVED_PAGE,
    TABLE,
    list_export,
    portal_page,
    record,
    word_file,
)

DAY = date(2026, 11, 20)


WILD_HTML = [
    "<p>", "</p>", "<table>", "</table>", "<tr>", "<td>", "</td>", "<b>", "<br>", "<!--", "Mã thủ tục:",
    "Tên thủ tục", "1.900005", "Thành phần hồ sơ:", "Số lượng", "Tên giấy tờ", "Cách thức thực hiện",
    "Hình thức nộp", "Trực tiếp", "Lĩnh vực: Hộ tịch", "&#xD800;", "\x00",
]  # fmt: skip


def drafts(path: Path) -> list[Draft]:
    found = [draft for _, draft in read_file(path, DAY)]
    assert not [fault for fault in found if isinstance(fault, ImportFault)], found
    return found  # type: ignore[return-value]


def reason(path: Path) -> str:
    ((_, fault),) = read_file(path, DAY)
    assert isinstance(fault, ImportFault)
    return str(fault)


def written(path: Path, data: object) -> Path:
    path.write_text(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


class TestPortalPage:
    """The labels in snake case, tables without borders."""

    @pytest.fixture
    def draft(self, tmp_path) -> Draft:
        return drafts(written(tmp_path / "1.900001.json", portal_page()))[0]

    def test_the_entry_has_what_the_page_says(self, draft):
        entry = draft.procedure
        assert (entry.code, entry.name, entry.field) == (
            "1.900001",
            "Thủ tục đăng ký nuôi ong lấy mật",
            "Chăn nuôi",
        )
        assert (entry.level, entry.completeness, entry.checked_on) == ("commune", "listed", DAY)
        assert entry.channels == [
            Channel(channel="online", url="https://dichvucong.gov.vn/thu-tuc-hanh-chinh/0001"),
            Channel(channel="in_person"),
        ]
        assert entry.processing_time == [
            Duration(unit="working_days", amount=3, channels=["online"]),
            Duration(unit="working_days", amount=5, channels=["in_person"]),
        ]
        assert [(fee.state, fee.amount, fee.unit, fee.channels) for fee in entry.fees] == [
            ("amount", 20000, "tổ", [])
        ]
        assert entry.result == ["Giấy chứng nhận nuôi ong"]
        assert entry.legal_basis == [
            LegalBasis(number="32/2018/QH14", title="Luật Chăn nuôi"),
            LegalBasis(number="13/2020/NĐ-CP"),
        ]
        assert entry.sources[0].url == "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/0001"
        assert "12/QĐ-BNNMT" in (entry.sources[0].note or "")

    def test_papers_are_kept_and_instructions_left_out(self, draft):
        assert [(d.name, d.originals, d.present, d.note) for d in draft.procedure.documents] == [
            ("Đơn đăng ký nuôi ong", 1, False, None),
            ("Văn bản ủy quyền có chứng thực", 1, False, "Trường hợp ủy quyền"),
            ("Thẻ căn cước", 1, True, None),
        ]
        assert [(form.name, form.number) for form in draft.procedure.forms] == [
            ("Đơn đăng ký nuôi ong", "Mẫu số 01")
        ]
        assert any("1 rows among the papers are instructions" in remark for remark in draft.remarks)

    def test_bodies_that_are_gone_are_named_and_left_out(self, draft):
        assert draft.procedure.agency == "Ủy ban nhân dân cấp xã"
        assert draft.procedure.eligibility == ["Có vườn riêng", "Cách nhà dân 50 m"]
        assert sum("no longer exists" in remark for remark in draft.remarks) == 2

    def test_a_page_cut_at_the_wrong_label_is_mended_from_its_raw_text(self):
        raw = (
            f"… hồ sơ (Thành phần hồ sơ) …Thành phần hồ sơ--{TABLE}Đơn xin1 bản chính"
            "Căn cứ pháp lýTên văn bản pháp lý…"
        )
        draft = page_draft(portal_page(thanh_phan_ho_so="); nộp cho cơ quan", raw_text=raw), DAY)
        assert draft.procedure.documents == [Document(name="Đơn xin", originals=1)]

    def test_alternatives_that_share_a_paper_become_a_question(self):
        papers = (
            f"Đối với cá nhân:{TABLE}Đơn xin phép1 bản chínhThẻ hội viên1 bản chính"
            f"Đối với tổ chức:{TABLE}Đơn xin phép1 bản chínhĐiều lệ1 bản chính"
        )
        entry = page_draft(portal_page(thanh_phan_ho_so=papers), DAY).procedure
        assert [choice.label for choice in entry.cases[0].choices] == ["Cá nhân", "Tổ chức"]
        assert [(d.name, d.when) for d in entry.documents] == [
            ("Đơn xin phép", {"truong-hop": ["ca-nhan", "to-chuc"]}),
            ("Thẻ hội viên", {"truong-hop": "ca-nhan"}),
            ("Điều lệ", {"truong-hop": "to-chuc"}),
        ]

    def test_what_comes_on_top_in_some_cases_makes_no_question(self):
        papers = (
            f"--{TABLE}Đơn1 bản chínhTrường hợp ủy quyền cho người khác:{TABLE}Văn bản ủy quyền1 bản chính"
        )
        entry = page_draft(portal_page(thanh_phan_ho_so=papers), DAY).procedure
        assert entry.cases == []
        assert [(d.name, d.note) for d in entry.documents] == [
            ("Đơn", None),
            ("Văn bản ủy quyền", "Trường hợp ủy quyền cho người khác"),
        ]

    def test_dozens_of_papers_under_many_headings_are_no_checklist(self):
        papers = "".join(
            f"Đối với loại {n}:{TABLE}" + "".join(f"Giấy {n}{c}1 bản chính" for c in "abcdefg")
            for n in "ABCDEFG"
        )
        entry = page_draft(portal_page(thanh_phan_ho_so=papers), DAY).procedure
        assert entry.documents == []
        assert "7 trường hợp" in entry.notes[0]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"ten_thu_tuc": " "}, "no procedure"),
            ({"ten_thu_tuc": "Đăng ký " * 400}, "3199 characters"),
            ({"linh_vuc": ""}, "no field"),
            ({"ma_thu_tuc": "1193"}, "not a national code"),
            ({"ma_thu_tuc": 1.001193}, "'ma_thu_tuc' is missing or not text"),
        ],
    )
    def test_a_page_without_what_an_entry_needs_says_what(self, changes, words):
        with pytest.raises(ImportFault, match=words):
            page_draft(portal_page(**changes), DAY)

    def test_a_provinces_code_is_the_national_one(self):
        assert page_draft(portal_page(ma_thu_tuc="1.900001.000.00.00.H26"), DAY).procedure.code == "1.900001"

    @pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "trang này", 5])
    def test_what_is_no_web_address_is_no_link(self, address):
        """Citizens would be given it to click on."""
        assert page_draft(portal_page(detail_url=address), DAY).procedure.sources[0].url is None
        entry = record_draft(record(online_url=address), DAY).procedure
        assert {row.url for row in [*entry.sources, *entry.channels]} == {None}

    def test_a_page_without_a_code_is_an_entry_without_one(self):
        assert page_draft(portal_page(ma_thu_tuc=""), DAY).procedure.code is None


class TestRecord:
    """One JSON object a procedure."""

    def test_the_entry_has_what_the_record_says(self):
        entry = record_draft(record(), DAY).procedure
        assert (entry.code, entry.name, entry.level) == ("1.900002", "Cấp giấy phép thả diều", "commune")
        assert [(fee.amount, fee.unit, fee.channels) for fee in entry.fees if fee.amount] == [
            (15000, None, ["in_person"])
        ]
        assert {(d.amount, *d.channels) for d in entry.processing_time} == {(5, "in_person"), (3, "online")}
        assert [choice.label for choice in entry.cases[0].choices] == ["Cá nhân", "Tổ chức"]
        assert [(d.name, d.optional, d.originals, d.copies) for d in entry.documents] == [
            ("Đơn xin phép", False, 1, 0),
            ("Ảnh con diều", True, 0, 2),
            ("Giấy bảo lãnh", False, 1, 1),
        ]
        assert entry.steps == ["Nộp đơn: Nộp đơn ở Ủy ban nhân dân cấp xã", "Nhận giấy phép"]
        assert [(law.number, law.title) for law in entry.legal_basis] == [
            ("10/2023/NĐ-CP", "Trò chơi dân gian")
        ]
        assert entry.eligibility == ["Diều nhẹ hơn 1 kg"]
        assert entry.result == ["Giấy phép thả diều"]

    def test_a_record_with_no_ways_to_file_names_none(self):
        entry = record_draft(record(methods=[], has_online_submission=False), DAY).procedure
        assert entry.channels == []
        assert [(limit.amount, limit.channels) for limit in entry.processing_time] == [(5, [])]
        assert [(fee.amount, fee.channels) for fee in entry.fees] == [(15000, [])]

    @pytest.mark.parametrize("quantity", [-3, "-3", "", None, "khoảng 3"])
    def test_a_time_that_is_no_number_is_left_out(self, quantity):
        method = {"submission_method": "Trực tuyến", "processing_time_unit": "day"}
        entry = record_draft(
            record(methods=[{**method, "processing_time_qty": quantity}], processing_time_text=""), DAY
        ).procedure
        assert entry.processing_time == []

    def test_a_zero_fee_is_a_default_and_not_free(self):
        entry = record_draft(record(fees=[{"amount": 0}, {"amount": "0"}]), DAY).procedure
        assert {fee.state for fee in entry.fees} == {"not_published"}

    def test_a_code_may_stand_in_another_place_or_be_missing(self):
        assert record_draft(record(proc_id="uuid-1", code="1.900002"), DAY).procedure.code == "1.900002"
        assert record_draft(record(proc_id="uuid-1"), DAY).procedure.code is None

    @pytest.mark.parametrize(
        ("changes", "words"),
        [({"name": 3}, "'name'"), ({"domain": None}, "'domain'"), ({"fees": "15000"}, "'fees'")],
    )
    def test_a_part_of_the_wrong_shape_is_named(self, changes, words):
        with pytest.raises(ImportFault, match=words):
            record_draft(record(**changes), DAY)

    @given(
        st.dictionaries(
            st.sampled_from(sorted(record())),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(
                            [
                                "name",
                                "case_name",
                                "ordinal",
                                "case_ordinal",
                                "original_qty",
                                "amount",
                                "doc_code",
                            ]
                        ),
                        inner,
                        max_size=4,
                    )
                ),
                max_leaves=6,
            ),
        )
    )
    def test_wild_records_are_entries_or_refused_in_words(self, changes):
        try:
            assert isinstance(record_draft({**record(), **changes}, DAY).procedure, Procedure)
        except ImportFault as fault:
            assert str(fault)


class TestListExport:
    """The portal's workbook: code, name, agency, field."""

    def test_each_row_is_an_entry_and_speaks_for_its_columns_only(self, tmp_path):
        first, second = drafts(list_export(tmp_path / "list.xlsx"))
        assert (first.procedure.code, first.procedure.name) == ("1.900003", "Thủ tục cấp thẻ hướng dẫn viên")
        assert (first.procedure.level, first.procedure.agency) == ("province", "Sở Du lịch")
        assert any("Phòng Tư pháp" in remark for remark in first.remarks)
        assert (second.procedure.name, second.procedure.level) == ("Đăng ký mở chợ phiên", "commune")
        assert "documents" not in first.covers
        assert first.procedure.fees == []

    def test_a_code_that_the_sheet_took_for_a_number_gets_its_zeros_back(self, tmp_path):
        rows = [(1.90001, "Thủ tục A", "", "", "Du lịch")]
        assert drafts(list_export(tmp_path / "list.xlsx", rows=rows))[0].procedure.code == "1.900010"

    def test_titles_may_stand_in_any_order_below_any_heading(self, tmp_path):
        titles = ("STT", "Lĩnh vực", "Tên thủ tục hành chính", "Mã TTHC", "Cơ quan thực hiện")
        rows = [(1, "Du lịch", "Thủ tục A", "1.900010", "Sở Du lịch"), (None,) * 5]
        (draft,) = drafts(list_export(tmp_path / "list.xlsx", titles, rows, above=7))
        assert (draft.procedure.code, draft.procedure.field) == ("1.900010", "Du lịch")

    def test_a_faulty_row_is_named_and_the_others_are_read(self, tmp_path):
        rows = [*LIST_ROWS, ("x", "Thủ tục hỏng", "", "", "Du lịch"), ("1.900011", "", "", "", "Du lịch")]
        found = list(read_file(list_export(tmp_path / "list.xlsx", rows=rows), DAY))
        assert [where for where, draft in found if isinstance(draft, ImportFault)] == [
            "Danh sách TTHC, row 5",
            "Danh sách TTHC, row 6",
        ]
        assert sum(isinstance(draft, Draft) for _, draft in found) == 2


class TestSavedPage:
    """A page saved from the browser, and the portal's Word file of it."""

    @pytest.fixture(params=["html", "docx"])
    def entry(self, request, tmp_path) -> Procedure:
        if request.param == "docx":
            return drafts(word_file(tmp_path / "page.docx"))[0].procedure
        return drafts(written(tmp_path / "page.html", SAVED_PAGE))[0].procedure

    def test_it_is_read_by_its_labels(self, entry):
        assert (entry.code, entry.name) == ("1.900005", "Đăng ký dạy võ tại công viên")
        assert (entry.field, entry.level) == ("Thể dục thể thao", "province")
        assert entry.agency == "Sở Văn hóa, Thể thao và Du lịch"
        assert [(d.amount, d.unit, d.channels) for d in entry.processing_time] == [(7, "working_days", [])]
        assert [(fee.amount, fee.unit) for fee in entry.fees] == [(50000, "lớp")]
        assert [(d.name, d.originals, d.copies) for d in entry.documents] == [
            ("Đơn đăng ký", 1, 0),
            ("Hợp đồng thuê sân", 0, 1),
        ]
        assert entry.result == ["Giấy chứng nhận dạy võ"]
        assert entry.legal_basis == [
            LegalBasis(number="26/2018/QH14", title="Luật Thể dục, thể thao sửa đổi")
        ]
        assert entry.eligibility == ["Có chứng chỉ huấn luyện"]
        assert "ma_thu_tuc=9" in (entry.sources[0].url or "")

    def test_labels_and_values_laid_out_in_a_table_are_read_too(self, tmp_path):
        page = (
            "<table><tr><td>Mã thủ tục</td><td>1.900006</td></tr>"
            "<tr><td>Tên thủ tục</td><td>Mở chợ đêm</td></tr>"
            "<tr><td>Lĩnh vực</td><td>Thương mại</td></tr></table>"
        )
        entry = drafts(written(tmp_path / "page.htm", page))[0].procedure
        assert (entry.code, entry.name, entry.field) == ("1.900006", "Mở chợ đêm", "Thương mại")


class TestBadFiles:
    """What cannot be read is told why."""

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("a.json", b"{", "not JSON"),
            ("a.json", b"", "empty"),
            ("a.json", b"3", "no JSON object"),
            ("a.json", b"{}", "neither"),
            ("a.json", b"[" * 100_000, "not JSON"),
            ("a.json", "{}".encode("utf-16"), "not JSON"),
            ("a.jsonl", b"\xff\xfe{}\n", "not JSON"),
            ("a.xlsx", b"PK\x03\x04 cut", "no .xlsx workbook"),
            ("a.docx", b"PK\x03\x04 cut", "no Word file"),
            ("a.html", b"just words", "not HTML"),
            ("a.html", b"<html><body><p>Tin tuc</p></body></html>", "no label"),
            ("a.xls", b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
            ("a.doc", b"\xd0\xcf\x11\xe0", "save it as .docx"),
            ("a.zip", b"PK", "unpack it"),
            ("a", b"x", "cannot be imported"),
        ],
    )
    def test_the_reason_is_clear(self, tmp_path, name, data, words):
        path = tmp_path / name
        path.write_bytes(data)
        assert words in reason(path)

    def test_wrong_columns_say_which_are_expected(self, tmp_path):
        path = list_export(tmp_path / "list.xlsx", titles=("A", "B", "C", "D", "E"))
        assert "«Mã số», «Tên», «Lĩnh vực»" in reason(path)

    def test_a_workbook_that_was_cut_off_says_so(self, tmp_path):
        path = list_export(tmp_path / "list.xlsx")
        path.write_bytes(path.read_bytes()[:-200])
        assert "cut off" in reason(path)

    def test_an_archive_that_is_no_workbook_says_so(self, tmp_path):
        path = tmp_path / "list.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", "x")
        assert "no .xlsx workbook" in reason(path)
        assert "no Word file" in reason(path.rename(tmp_path / "page.docx"))

    def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(self, tmp_path):
        path = tmp_path / "list.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"0" * (401 * 1024 * 1024))
        assert "unpacks to 401 MB" in reason(path)

    @pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.xlsx", "a.html", "a.docx"])
    def test_a_file_of_300_mb_is_told_its_size(self, tmp_path, name):
        path = tmp_path / name
        with path.open("wb") as file:
            file.truncate(300 * 1024 * 1024)
        assert "too large (300 MB" in reason(path)

    def test_a_line_without_end_is_no_json_lines(self, tmp_path, monkeypatch):
        monkeypatch.setattr(reading, "MOST_LINE", 1024 * 1024)
        path = tmp_path / "a.jsonl"
        path.write_bytes(b"x" * (3 * 1024 * 1024))
        assert "longer than" in reason(path)

    def test_faulty_lines_are_named_and_the_others_read(self, tmp_path):
        lines = ["\ufeff" + json.dumps(record()), "", "{", json.dumps(portal_page()), "[]"]
        found = list(read_file(written(tmp_path / "a.jsonl", "\n".join(lines)), DAY))
        assert [(where, isinstance(draft, Draft)) for where, draft in found] == [
            ("line 1", True),
            ("line 3", False),
            ("line 4", True),
            ("line 5", False),
        ]

    def test_a_list_of_objects_is_read_item_by_item(self, tmp_path):
        found = list(read_file(written(tmp_path / "a.json", [record(), portal_page(), 3]), DAY))
        assert [isinstance(draft, Draft) for _, draft in found] == [True, True, False]

    def test_a_folder_with_a_files_name_says_so(self, tmp_path):
        (tmp_path / "a.json").mkdir()
        assert "cannot be read" in reason(tmp_path / "a.json")

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
    @given(
        st.integers(0, 6000), st.binary(min_size=1, max_size=12), st.sampled_from(["list.xlsx", "page.docx"])
    )
    def test_a_damaged_archive_is_read_or_refused_in_words(self, tmp_path, at, damage, name):
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

    @given(st.lists(st.sampled_from(WILD_HTML), max_size=40))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_wild_pages_are_read_or_refused_in_words(self, tmp_path, parts):
        path = written(tmp_path / "page.html", "<html>" + "".join(parts))
        for _, found in read_file(path, DAY):
            assert isinstance(found, Draft | ImportFault)
