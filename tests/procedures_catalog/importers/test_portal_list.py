"""The portal's list export: code, name, agency, field."""

from __future__ import annotations

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.entry import Draft
from procedures_catalog.importers.reading import read_file
from tests.procedures_catalog.importers.samples import DAY, LIST_ROWS, drafts, list_export


def test_each_row_is_an_entry_and_speaks_for_its_columns_only(tmp_path):
    first, second = drafts(list_export(tmp_path / "list.xlsx"))
    assert (first.procedure.code, first.procedure.name) == ("1.900003", "Thủ tục cấp thẻ hướng dẫn viên")
    assert (first.procedure.level, first.procedure.agency) == ("province", "Sở Du lịch")
    assert any("Phòng Tư pháp" in remark for remark in first.remarks)
    assert (second.procedure.name, second.procedure.level) == ("Đăng ký mở chợ phiên", "commune")
    assert "documents" not in first.covers
    assert first.procedure.fees == []


def test_a_code_that_the_sheet_took_for_a_number_gets_its_zeros_back(tmp_path):
    rows = [(1.90001, "Thủ tục A", "", "", "Du lịch")]
    assert drafts(list_export(tmp_path / "list.xlsx", rows=rows))[0].procedure.code == "1.900010"


def test_titles_may_stand_in_any_order_below_any_heading(tmp_path):
    titles = ("STT", "Lĩnh vực", "Tên thủ tục hành chính", "Mã TTHC", "Cơ quan thực hiện")
    rows = [(1, "Du lịch", "Thủ tục A", "1.900010", "Sở Du lịch"), (None,) * 5]
    (draft,) = drafts(list_export(tmp_path / "list.xlsx", titles, rows, above=7))
    assert (draft.procedure.code, draft.procedure.field) == ("1.900010", "Du lịch")


def test_a_faulty_row_is_named_and_the_others_are_read(tmp_path):
    rows = [*LIST_ROWS, ("x", "Thủ tục hỏng", "", "", "Du lịch"), ("1.900011", "", "", "", "Du lịch")]
    found = list(read_file(list_export(tmp_path / "list.xlsx", rows=rows), DAY))
    assert [where for where, draft in found if isinstance(draft, ImportFault)] == [
        "Danh sách TTHC, row 5",
        "Danh sách TTHC, row 6",
    ]
    assert sum(isinstance(draft, Draft) for _, draft in found) == 2


def test_other_titles_and_headings_between_the_rows_are_understood(tmp_path):
    titles = ("TT", "Mã thủ tục hành chính", "Tên TTHC", "Cơ quan giải quyết", "Lĩnh vực thực hiện")
    rows = [
        ("I", "LĨNH VỰC DU LỊCH", None, None, None),
        (1, "1.900010", "Thủ tục A", "Sở Du lịch", "Du lịch"),
        ("Tổng số: 1", None, None, None, None),
    ]
    (draft,) = drafts(list_export(tmp_path / "list.xlsx", titles, rows))
    assert (draft.procedure.code, draft.procedure.agency) == ("1.900010", "Sở Du lịch")
