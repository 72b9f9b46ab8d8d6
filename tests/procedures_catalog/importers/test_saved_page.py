"""A page saved from the browser, and the portal's Word file of it, read by their labels."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.entry import Draft
from procedures_catalog.importers.reading import read_file
from procedures_catalog.model import LegalBasis, Procedure
from tests.procedures_catalog.importers.samples import DAY, SAVED_PAGE, drafts, word_file, written

WILD_HTML = [
    "<p>", "</p>", "<table>", "</table>", "<tr>", "<td>", "</td>", "<b>", "<br>", "<!--", "Mã thủ tục:",
    "Tên thủ tục", "1.900005", "Thành phần hồ sơ:", "Số lượng", "Tên giấy tờ", "Cách thức thực hiện",
    "Hình thức nộp", "Trực tiếp", "Lĩnh vực: Hộ tịch", "&#xD800;", "\x00",
]  # fmt: skip


@pytest.fixture(params=["html", "docx"])
def entry(request, tmp_path) -> Procedure:
    if request.param == "docx":
        return drafts(word_file(tmp_path / "page.docx"))[0].procedure
    return drafts(written(tmp_path / "page.html", SAVED_PAGE))[0].procedure


def test_it_is_read_by_its_labels(entry):
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
    assert entry.legal_basis == [LegalBasis(number="26/2018/QH14", title="Luật Thể dục, thể thao sửa đổi")]
    assert entry.eligibility == ["Có chứng chỉ huấn luyện"]
    assert "ma_thu_tuc=9" in (entry.sources[0].url or "")


def test_labels_and_values_laid_out_in_a_table_are_read_too(tmp_path):
    page = (
        "<table><tr><td>Mã thủ tục</td><td>1.900006</td></tr>"
        "<tr><td>Tên thủ tục</td><td>Mở chợ đêm</td></tr>"
        "<tr><td>Lĩnh vực</td><td>Thương mại</td></tr></table>"
    )
    entry = drafts(written(tmp_path / "page.htm", page))[0].procedure
    assert (entry.code, entry.name, entry.field) == ("1.900006", "Mở chợ đêm", "Thương mại")


@given(st.lists(st.sampled_from(WILD_HTML), max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wild_pages_are_read_or_refused_in_words(tmp_path, parts):
    path = written(tmp_path / "page.html", "<html>" + "".join(parts))
    for _, found in read_file(path, DAY):
        assert isinstance(found, Draft | ImportFault)
