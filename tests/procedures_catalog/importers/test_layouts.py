"""Saved pages and Word files in other layouts, wordings and encodings: read alike, or named as unread."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import docx
import pytest

from procedures_catalog.importers.entry import Draft
from procedures_catalog.model import Procedure
from tests.procedures_catalog.importers.samples import SAVED_PAGE, add_table, drafts, written

HEAD = """<p>Mã thủ tục: 1.900005</p><p>Tên thủ tục: Đăng ký dạy võ</p><p>Lĩnh vực: Thể thao</p>
<p>Cơ quan thực hiện: Sở Thể thao</p>"""
WAY_TITLES = "<tr><th>Hình thức nộp</th><th>Thời hạn giải quyết</th><th>Phí, lệ phí</th><th>Mô tả</th></tr>"
WAY = "<tr><td>Trực tiếp</td><td>7 Ngày làm việc</td><td>50.000 Đồng</td><td></td></tr>"
PAPER_TITLES = "<tr><th>Tên giấy tờ</th><th>Mẫu đơn, tờ khai</th><th>Số lượng</th></tr>"
PAPERS = """<tr><td>Đơn đăng ký</td><td>don.doc</td><td>1 bản chính</td></tr>
<tr><td>Ảnh</td><td></td><td>2 bản sao</td></tr>"""


def page(head: str = HEAD, ways: str = WAY_TITLES + WAY, papers: str = PAPER_TITLES + PAPERS) -> str:
    return f"""<html><body>{head}<h3>Cách thức thực hiện</h3><table>{ways}</table>
<h3>Thành phần hồ sơ</h3><table>{papers}</table><h3>Căn cứ pháp lý</h3><p>Luật số 26/2018/QH14</p>
<h3>Kết quả thực hiện</h3><p>Giấy chứng nhận</p></body></html>"""


def draft(tmp_path: Path, text: str) -> Draft:
    (found,) = drafts(written(tmp_path / "page.html", text))
    return found


def facts(entry: Procedure) -> tuple:
    return (
        (entry.code, entry.name, entry.field),
        [(limit.amount, *limit.channels) for limit in entry.processing_time],
        [(fee.amount, *fee.channels) for fee in entry.fees],
        [(paper.name, paper.originals, paper.copies) for paper in entry.documents],
        [law.number for law in entry.legal_basis],
    )


FACTS = (
    ("1.900005", "Đăng ký dạy võ", "Thể thao"),
    [(7,)],
    [(50000,)],
    [("Đơn đăng ký", 1, 0), ("Ảnh", 0, 2)],
    ["26/2018/QH14"],
)
TWO_TITLES = """<tr><th rowspan="2">Tên giấy tờ</th><th rowspan="2">Mẫu</th><th colspan="2">Số lượng</th></tr>
<tr><th>Bản chính</th><th>Bản sao</th></tr>"""


@pytest.mark.parametrize(
    "text",
    [
        page(),
        page().replace("\n", "\r\n"),
        page(ways=f'<tr><td colspan="4">Các cách nộp</td></tr>{WAY_TITLES}{WAY}'),
        page(
            papers=f"{TWO_TITLES}<tr><td>Đơn đăng ký</td><td></td><td>01</td><td>0</td></tr>"
            "<tr><td>Ảnh</td><td></td><td></td><td>2</td></tr>"
        ),
        page(HEAD.replace("Mã thủ", "1. Mã thủ").replace("Tên thủ", "2) Tên thủ")).replace(
            "<h3>Thành phần hồ sơ", "<h3>c) Thành phần hồ sơ (01 bộ):"
        ),
        page(HEAD.replace("Mã thủ tục", "Mã số TTHC").replace("Tên thủ tục", "Tên TTHC"))
        .replace("<h3>Thành phần hồ sơ", "<h3>Hồ sơ gồm có")
        .replace("Căn cứ pháp lý", "CĂN CỨ PHÁP LÝ CỦA TTHC"),
        # The page's own menu prints every label before the first value.
        page("<ul><li>Mã thủ tục</li><li>Thành phần hồ sơ</li><li>Cách thức thực hiện</li></ul>" + HEAD),
        # A summary before the parts themselves.
        page(f"{HEAD}<p>Cách thức thực hiện: Trực tiếp</p><p>Mức độ thực hiện: Toàn trình</p>"),
        # Labels that nobody knows between those that matter.
        page(HEAD.replace("<p>Tên", "<p>Ngày ban hành: 12/03/2025</p><p>Tên") + "<p>Mức độ: Toàn trình</p>"),
        page(
            "<table><tr><td>Mã thủ tục</td><td>1.900005</td><td>Lĩnh vực</td><td>Thể thao</td></tr><tr><td>"
            "Ngày</td><td>1/2</td><td></td><td></td></tr><tr><td>Tên thủ tục</td><td colspan='3'>Đăng ký "
            "dạy võ</td></tr></table>"
        ),
    ],
    ids=[
        "plain", "Windows", "title row", "titles in two rows", "numbered", "wordings", "menu", "summary",
        "unknown", "table",
    ],
)  # fmt: skip
def test_the_same_facts_are_read_in_another_layout(tmp_path, text):
    found = draft(tmp_path, text)
    assert facts(found.procedure) == FACTS
    assert found.remarks == []


def test_a_cell_that_spans_rows_holds_for_each_of_them(tmp_path):
    rows = """<tr><td>Trực tiếp</td><td rowspan="2">7 Ngày làm việc</td><td rowspan="2">50.000 Đồng</td>
    <td></td></tr><tr><td>Trực tuyến</td><td></td></tr>"""
    entry = draft(tmp_path, page(ways=WAY_TITLES + rows)).procedure
    assert facts(entry)[1:3] == FACTS[1:3]
    assert [row.channel for row in entry.channels] == ["in_person", "online"]


def test_what_tells_two_rows_of_one_channel_apart_is_kept(tmp_path):
    rows = """<tr><td rowspan="2">Trực tiếp</td><td>7 Ngày</td><td>50.000 Đồng</td><td>Lớp nhỏ</td></tr>
    <tr><td>9 Ngày</td><td>70.000 Đồng</td><td>Lớp lớn</td></tr>"""
    entry = draft(tmp_path, page(ways=WAY_TITLES + rows)).procedure
    assert [(limit.amount, limit.note) for limit in entry.processing_time] == [(7, "Lớp nhỏ"), (9, "Lớp lớn")]
    assert [(fee.amount, fee.note) for fee in entry.fees] == [(50000, "Lớp nhỏ"), (70000, "Lớp lớn")]


def test_a_cell_that_names_several_channels_holds_for_each(tmp_path):
    row = WAY.replace("Trực tiếp", "Trực tiếp, trực tuyến hoặc qua bưu chính công ích")
    entry = draft(tmp_path, page(ways=WAY_TITLES + row)).procedure
    assert [row.channel for row in entry.channels] == ["in_person", "online", "post"]
    assert facts(entry)[1:3] == FACTS[1:3]


def test_time_and_fee_below_labels_of_their_own_are_read(tmp_path):
    ways = """</table><p>Trực tiếp</p><p>Qua dịch vụ bưu chính</p><h3>Thời hạn giải quyết</h3>
    <p>Không quá 07 (bảy) ngày làm việc kể từ khi nhận đủ hồ sơ</p>
    <h3>Lệ phí (nếu có):</h3><p>50.000 đồng/lớp</p><table>"""
    entry = draft(tmp_path, page(ways=ways)).procedure
    assert facts(entry) == FACTS
    assert {row.channel for row in entry.channels} == {"in_person", "post"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (page(ways=WAY_TITLES + WAY.replace("Trực tiếp", "Tại chỗ")), "Tại chỗ | 7 Ngày làm việc | 50.000"),
        (page(ways=WAY), "Trực tiếp | 7 Ngày làm việc | 50.000"),
        (page(ways=WAY_TITLES + WAY.replace("7 Ngày làm việc", "15")), "time limit '15' is unclear"),
        (
            page(ways=WAY_TITLES + WAY.replace("7 Ngày làm việc", "1 Tháng")),
            "time limit '1 Tháng' is unclear",
        ),
        (page(papers=PAPERS), "Đơn đăng ký | don.doc | 1 bản chính"),
        (page(papers=PAPER_TITLES + PAPERS.replace("2 bản sao", "02 tấm")), "Số lượng: 02 tấm"),
        (page(papers="</table><p>Đơn đăng ký, 01 bản chính</p><table>"), "«Thành phần hồ sơ» cannot be read"),
        (page().replace("Luật số 26/2018/QH14", "Luật Thể thao"), "«Căn cứ pháp lý» cannot be read"),
        (
            page(HEAD + "<p>Tên thủ tục: Đăng ký dạy bơi</p>"),
            "'Đăng ký dạy bơi': only the first is read",
        ),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, text, words):
    found = draft(tmp_path, text)
    assert any(words in remark for remark in found.remarks), found.remarks


@pytest.mark.parametrize(
    "data",
    [
        unicodedata.normalize("NFD", SAVED_PAGE).encode(),
        SAVED_PAGE.encode("utf-16"),
        # The page says of itself what it is not, as saved ones do.
        SAVED_PAGE.replace("utf-8", "iso-8859-1").encode(),
        b"\xef\xbb\xbf" + SAVED_PAGE.encode(),
    ],
    ids=["NFD", "UTF-16", "wrong charset", "BOM"],
)
def test_encodings_make_no_difference(tmp_path, data):
    wanted = drafts(written(tmp_path / "page.html", SAVED_PAGE))
    (tmp_path / "page.html").write_bytes(data)
    assert drafts(tmp_path / "page.html") == wanted


class TestWordFile:
    """Merged cells, tables within tables, fields to fill in."""

    TITLES = ("Hình thức nộp", "Thời hạn giải quyết", "Phí, lệ phí", "Mô tả")
    LABELS = ("Mã thủ tục: 1.900005", "Tên thủ tục: Đăng ký dạy võ", "Lĩnh vực: Thể thao")

    def entry(self, tmp_path: Path, document) -> Procedure:
        document.save(str(tmp_path / "page.docx"))
        return drafts(tmp_path / "page.docx")[0].procedure

    @pytest.fixture
    def document(self):
        document = docx.Document()
        for line in self.LABELS:
            document.add_paragraph(line)
        return document

    def test_merged_cells_shift_no_column(self, tmp_path, document):
        document.add_paragraph("Cách thức thực hiện")
        rows = (("Trực tiếp", "7 Ngày làm việc", "50.000 Đồng", ""), ("Trực tuyến", "", "", ""))
        add_table(document, self.TITLES, *rows)
        for column in (1, 2):
            document.tables[0].cell(1, column).merge(document.tables[0].cell(2, column))
        document.add_paragraph("Thành phần hồ sơ")
        add_table(document, ("Tên giấy tờ", "Mẫu đơn", "Số lượng"), ("Đơn đăng ký", "", "1 bản chính"))
        document.tables[1].cell(1, 0).merge(document.tables[1].cell(1, 1))
        entry = self.entry(tmp_path, document)
        assert facts(entry)[:3] == FACTS[:3]
        assert [(paper.name, paper.originals) for paper in entry.documents] == [("Đơn đăng ký", 1)]

    def test_a_table_within_a_table_is_read(self, tmp_path):
        document = docx.Document()
        add_table(document, *(tuple(line.split(": ")) for line in self.LABELS), ("Cách thức thực hiện", ""))
        inner = document.tables[0].cell(3, 1).add_table(rows=0, cols=4)
        for row in (self.TITLES, ("Trực tiếp", "7 Ngày làm việc", "50.000 Đồng", "")):
            for cell, text in zip(inner.add_row().cells, row, strict=True):
                cell.text = text
        assert facts(self.entry(tmp_path, document))[:3] == FACTS[:3]

    def test_fields_to_fill_in_are_read(self, tmp_path, document):
        from docx.oxml import OxmlElement

        field, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
        field.append(content)
        first = document.paragraphs[0]._p
        first.addprevious(field)
        content.append(first)
        assert facts(self.entry(tmp_path, document))[0] == FACTS[0]
