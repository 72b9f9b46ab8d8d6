"""Small invented sources in the shapes that the portal uses."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers import Report, import_files
from procedures_catalog.importers.entry import Draft
from procedures_catalog.importers.reading import read_file

DAY = date(2026, 11, 20)
TODAY = date(2026, 11, 21)

TABLE = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
FOOTER = "Từ khóaKhông có thông tinMô tảKhông có thông tinChọn cơ quan thực hiệnTỉnh/ Thành phốNộp hồ sơ"


def drafts(path: Path) -> list[Draft]:
    """The entries of a file that has no faults."""
    found = [draft for _, draft in read_file(path, DAY)]
    assert not [fault for fault in found if isinstance(fault, ImportFault)], found
    return found  # type: ignore[return-value]


def reason(path: Path) -> str:
    """Why a file is refused as a whole."""
    ((_, fault),) = read_file(path, DAY)
    assert isinstance(fault, ImportFault)
    return str(fault)


def written(path: Path, data: object) -> Path:
    path.write_text(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


def portal_page(**changes: Any) -> dict[str, Any]:
    """A portal page as JSON."""
    return {
        "ma_thu_tuc": "1.900001",
        "detail_url": "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/0001",
        "ten_thu_tuc": "Thủ tục đăng ký nuôi ong lấy mật",
        "so_quyet_dinh": "12/QĐ-BNNMT",
        "cap_thuc_hien": "Cấp xã",
        "linh_vuc": "Chăn nuôi",
        "co_quan_co_tham_quyen": "",
        "dia_chi_tiep_nhan": "",
        "trinh_tu_thuc_hien": "Bước 1. Nộp hồ sơ",
        "cach_thuc_thuc_hien": (
            "Hình thức nộpThời gianPhí, lệ phíMô tảTrực tuyến3 Ngày làm việc20,000 Việt Nam Đồng(/tổ)"
            "Trực tiếp5 Ngày làm việc20,000 Việt Nam Đồng(/tổ)"
        ),
        "thanh_phan_ho_so": (
            f"* Giấy tờ phải nộp:{TABLE}Đơn đăng ký nuôi ong (Mẫu số 01).don.docx1 bản chính"
            "Trường hợp ủy quyền thì nộp văn bản ủy quyền có chứng thực1 bản chính"
            "Trường hợp đã có dữ liệu thì không phải nộp0 bản chính"
            f"* Giấy tờ phải xuất trình:{TABLE}Thẻ căn cước1 bản chính"
            f"* Lưu ý:{TABLE}Không yêu cầu thêm giấy tờ1 bản chính"
        ),
        "can_cu_phap_ly": (
            "Tên văn bản pháp lýMã văn bảnLuật Chăn nuôi32/2018/QH14Nghị định 13/2020/NĐ-CP13/2020/NĐ-CP"
        ),
        "co_quan_thuc_hien": "Ủy ban Nhân dân\xa0xã,\xa0phường,\xa0thị trấn., Công an huyện",
        "yeu_cau_dieu_kien": "- Có vườn riêng\n- Cách nhà dân 50 m\n- Nộp tại Phòng Tư pháp",
        "ket_qua_xu_ly": f"Giấy chứng nhận nuôi ongMã: KQ.G10.000001{FOOTER}",
        "raw_text": "",
        **changes,
    }


def _paper(case: int, name: str, required: bool, originals: int, copies: int) -> dict[str, Any]:
    numbers = {"original_qty": originals, "copy_qty": copies}
    return {"case_ordinal": case, "name": name, "code": f"P{case}", "required": required, **numbers}


def _method(name: str, days: int) -> dict[str, Any]:
    time = {"processing_time_qty": days, "processing_time_unit": "Ngày làm việc"}
    return {"submission_method": name, "description": "", **time}


def record(**changes: Any) -> dict[str, Any]:
    """A structured record of the portal."""
    return {
        "proc_id": "1.900002",
        "name": "Cấp giấy phép thả diều",
        "domain": "Văn hóa",
        "executing_agency": "Ủy ban nhân dân cấp xã",
        "agency_levels": ["Cấp xã"],
        "processing_time_text": "5 ngày làm việc",
        "online_url": "https://dichvucong.gov.vn/dv/2",
        "has_online_submission": True,
        "fees": [{"amount": 15000, "description": "đồng/lần", "submission_method": "Trực tiếp"}],
        "checklist": [
            _paper(1, "Đơn xin phép", True, 1, 0),
            _paper(1, "Ảnh con diều", False, 0, 2),
            _paper(2, "Đơn xin phép", True, 1, 0),
            _paper(2, "Giấy bảo lãnh", True, 1, 1),
        ],
        "cases": [
            {"ordinal": 1, "case_name": "Trường hợp cá nhân"},
            {"ordinal": 2, "case_name": "Trường hợp tổ chức"},
        ],
        "steps": [
            {"ordinal": 2, "name": "Nhận giấy phép", "description": ""},
            {"ordinal": 1, "name": "Nộp đơn", "description": "Nộp đơn ở Ủy ban nhân dân cấp xã"},
            {"ordinal": 3, "name": "Nộp bản sao", "description": "Gửi Công an huyện"},
        ],
        "methods": [
            _method("Trực tiếp", 5),
            _method("Trực tuyến", 3),
        ],
        "legal_basis": [
            {"doc_code": "10/2023/NĐ-CP", "doc_name": "Nghị định số 10/2023/NĐ-CP về trò chơi dân gian"},
            {"doc_code": "số 7", "doc_name": "Công văn"},
        ],
        "subjects": ["Công dân Việt Nam"],
        "online_services": [{"service_code": "DVC1"}],
        "requirements": "Diều nhẹ hơn 1 kg",
        "results": ["Giấy phép thả diều"],
        **changes,
    }  # fmt: skip


def page_file(folder: Path, **changes) -> Path:
    page = portal_page(**changes)
    path = folder / f"{page['ma_thu_tuc'] or 'page'}.json"
    path.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
    return path


def run(*paths: Path, into: Path, beside: Path | None = None, **options) -> Report:
    return import_files(paths, into, today=TODAY, beside=[beside] if beside else [], **options)


def statuses(report: Report) -> list[str]:
    return [item.status for item in report.items]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.yml")}


LIST_TITLES = ("Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực")
LIST_ROWS = (
    ("1.900003", "Thủ tục cấp thẻ hướng dẫn viên", "Bộ A", "Sở Du lịch\nPhòng Tư pháp", "Du lịch"),
    ("2.900004", "Đăng ký mở chợ phiên ", "Bộ B", "Ủy ban nhân dân cấp xã", "Thương mại"),
)


def list_export(path: Path, titles=LIST_TITLES, rows=LIST_ROWS, above: int = 1) -> Path:
    """A list export as the portal's workbook: a heading over all columns, titles, rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Danh sách TTHC"
    for _ in range(above):
        sheet.append(["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nDANH SÁCH THỦ TỤC HÀNH CHÍNH"])
    sheet.append(list(titles))
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


SAVED_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Chi tiết thủ tục</title>
<link rel="canonical" href="https://dichvucong.gov.vn/p/home/dvc-tthc-thu-tuc-hanh-chinh-chi-tiet.html?ma_thu_tuc=9"></head>
<body><nav><a href="/">Trang chủ</a><select><option>Lĩnh vực</option></select></nav>
<div class="row"><div class="col-4"><b>Mã thủ tục:</b></div><div class="col-8">1.900005</div></div>
<div class="row"><span>Tên thủ tục:</span> <span>Đăng ký dạy võ tại <br>công viên</span></div>
<div><label>Cấp thực hiện</label><p>Cấp Tỉnh</p></div>
<div><label>Lĩnh vực:</label><p>Thể dục thể thao</p></div>
<h3>Trình tự thực hiện:</h3><p>Nộp hồ sơ rồi chờ.</p>
<h3>Cách thức thực hiện:</h3>
<table><tr><th>Hình thức nộp</th><th>Thời hạn giải quyết</th><th>Phí, lệ phí</th><th>Mô tả</th></tr>
<tr><td>Trực tiếp</td><td>7 Ngày làm việc</td>
<td>Lệ phí : 50.000 Đồng (50.000 đồng/lớp)</td><td>Nộp tại Sở</td></tr>
<tr><td>Dịch vụ bưu chính</td><td>7 Ngày làm việc</td>
<td>Lệ phí : 50.000 Đồng (50.000 đồng/lớp)</td><td></td></tr></table>
<h3>Thành phần hồ sơ:</h3><p>Hồ sơ gồm:</p>
<table><tr><th>Tên giấy tờ</th><th>Mẫu đơn, tờ khai</th><th>Số lượng</th></tr>
<tr><td>1. Đơn đăng ký</td><td><a href="#">don.doc</a></td><td>Bản chính: 1 Bản sao: 0</td></tr>
<tr><td>Trường hợp thuê sân thì nộp hợp đồng thuê sân</td><td></td><td>Bản chính: 0 Bản sao: 1</td></tr>
<tr><td>Lưu ý: mang giấy tờ gốc</td><td></td><td>Bản chính: 1 Bản sao: 0</td></tr></table>
<h3>Đối tượng thực hiện:</h3><p>Công dân Việt Nam</p>
<h3>Cơ quan thực hiện:</h3><p>Sở Văn hóa, Thể thao và Du lịch</p>
<h3>Kết quả thực hiện:</h3><p>Giấy chứng nhận dạy võ</p>
<h3>Căn cứ pháp lý:</h3>
<table><tr><th>Số ký hiệu</th><th>Trích yếu</th><th>Ngày ban hành</th></tr>
<tr><td>26/2018/QH14</td><td>Luật Thể dục, thể thao sửa đổi</td><td>14-06-2018</td></tr></table>
<h3>Yêu cầu, điều kiện thực hiện:</h3><p>Có chứng chỉ huấn luyện</p>
<h3>Từ khóa:</h3><p>Không có thông tin</p>
<div>Chọn cơ quan thực hiện</div><div>Tỉnh/ Thành phố</div>
<script>var x = "Mã thủ tục";</script></body></html>"""


def word_file(path: Path) -> Path:
    """The portal's Word file of the procedure in :data:`SAVED_PAGE`."""
    import docx

    document = docx.Document()
    for label, value in (
        ("Mã thủ tục:", "1.900005"),
        ("Tên thủ tục:", "Đăng ký dạy võ tại công viên"),
        ("Cấp thực hiện:", "Cấp Tỉnh"),
        ("Lĩnh vực:", "Thể dục thể thao"),
        ("Trình tự thực hiện:", "Nộp hồ sơ rồi chờ."),
    ):
        document.add_paragraph(label)
        document.add_paragraph(value)
    document.add_paragraph("Cách thức thực hiện:")
    add_table(
        document,
        ("Hình thức nộp", "Thời hạn giải quyết", "Phí, lệ phí", "Mô tả"),
        ("Trực tiếp", "7 Ngày làm việc", "Lệ phí : 50.000 Đồng (50.000 đồng/lớp)", "Nộp tại Sở"),
        ("Dịch vụ bưu chính", "7 Ngày làm việc", "Lệ phí : 50.000 Đồng (50.000 đồng/lớp)", ""),
    )
    document.add_paragraph("Thành phần hồ sơ:")
    document.add_paragraph("Hồ sơ gồm:")
    add_table(
        document,
        ("Tên giấy tờ", "Mẫu đơn, tờ khai", "Số lượng"),
        ("1. Đơn đăng ký", "don.doc", "Bản chính: 1\nBản sao: 0"),
        ("Trường hợp thuê sân thì nộp hợp đồng thuê sân", "", "Bản chính: 0\nBản sao: 1"),
        ("Lưu ý: mang giấy tờ gốc", "", "Bản chính: 1\nBản sao: 0"),
    )
    document.add_paragraph("Cơ quan thực hiện: Sở Văn hóa, Thể thao và Du lịch")
    document.add_paragraph("Kết quả thực hiện:")
    document.add_paragraph("Giấy chứng nhận dạy võ")
    document.add_paragraph("Căn cứ pháp lý:")
    add_table(
        document,
        ("Số ký hiệu", "Trích yếu", "Ngày ban hành"),
        ("26/2018/QH14", "Luật Thể dục, thể thao sửa đổi", "14-06-2018"),
    )
    document.add_paragraph("Yêu cầu, điều kiện thực hiện:")
    document.add_paragraph("Có chứng chỉ huấn luyện")
    document.add_paragraph(
        "https://dichvucong.gov.vn/p/home/dvc-tthc-thu-tuc-hanh-chinh-chi-tiet.html?ma_thu_tuc=9"
    )
    document.save(str(path))
    return path


def add_table(document: Any, *rows: tuple[str, ...]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
