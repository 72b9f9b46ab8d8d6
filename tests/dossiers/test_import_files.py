"""Files as they come: encodings, separators, headings, Excel's habits, and broken ones."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from dossiers import Database
from dossiers.errors import DataFileError, ImportFileError
from dossiers.importing import ImportReport, import_file
from dossiers.models import Dossier

HEADINGS = ["STT", "Mã hồ sơ", "Tên thủ tục", "Chủ hồ sơ", "Ngày tiếp nhận", "Trạng thái"]
ROWS = [
    [
        "1",
        "000.00.14.H56-200203-0118",
        "Cấp Giấy xác nhận",
        "Nguyễn Thị Hằng",
        "14/05/2026 09:35",
        "Đang xử lý",
    ],
    ["2", "h15.50.05.13-261008-0975", "Đăng ký khai sinh", "Đỗ Ước", "15/05/2026", "Chờ bổ sung"],
]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """How files are read does not depend on the database."""
    return f"sqlite:///{tmp_path}/motcua.db"


def as_csv(*rows: list[str], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def write_xlsx(
    path: Path, rows: list[list[object]], merged: tuple[str, ...] = (), title: str = "Sheet"
) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)
    return path


def stored(database: Database) -> dict[str, Dossier]:
    with database.read() as session:
        query = select(Dossier).options(joinedload(Dossier.applicant))
        return {dossier.code: dossier for dossier in session.scalars(query)}


def check(database: Database, report: ImportReport) -> None:
    """Both rows came in, letters and all."""
    assert (report.new, report.rejected) == (2, 0), report.rejections
    found = stored(database)
    first, second = found["000.00.14.H56-200203-0118"], found["H15.50.05.13-261008-0975"]
    assert (first.procedure_name, first.applicant.name) == ("Cấp Giấy xác nhận", "Nguyễn Thị Hằng")
    assert (first.received_at, first.status) == (datetime(2026, 5, 14, 9, 35), 4)
    assert (second.procedure_name, second.applicant.name) == ("Đăng ký khai sinh", "Đỗ Ước")
    assert second.status == 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_unicode(database: Database, tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(as_csv(HEADINGS, *ROWS, delimiter=delimiter).encode(encoding))
    check(database, import_file(database, path))


def to_windows_1258(text: str) -> bytes:
    """As Windows writes Vietnamese: base letter, then the tone as a letter of its own."""
    import unicodedata

    out = bytearray()
    for sign in text:
        try:
            out += sign.encode("cp1258")
        except UnicodeEncodeError:
            base, tone = unicodedata.normalize("NFD", sign)[:-1], unicodedata.normalize("NFD", sign)[-1]
            if tone in "\u0302\u0306\u031b":  # the shape came last: ậ is a + dot + circumflex
                base, tone = base[0] + tone, base[1]
            out += unicodedata.normalize("NFC", base).encode("cp1258") + tone.encode("cp1258")
    return bytes(out)


def test_windows_1258(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(to_windows_1258(as_csv(HEADINGS, *ROWS)))
    check(database, import_file(database, path))


# "STT, Mã hồ sơ, Tên thủ tục, Chủ hồ sơ, Ngày tiếp nhận" as .VnTime shows it.
TCVN3 = ["STT", "M· hå s¬", "Tªn thñ tôc", "Chñ hå s¬", "Ngµy tiÕp nhËn"]


def test_tcvn3_fonts_are_told_plainly(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(as_csv(TCVN3, ["1", "H15.50.05.13-261008-0975"]).encode("latin-1"))
    with pytest.raises(ImportFileError, match="TCVN3"):
        import_file(database, path)
    with pytest.raises(ImportFileError, match="TCVN3"):
        import_file(database, write_xlsx(tmp_path / "a.xlsx", [TCVN3, ["1", "H15.50.05.13-261008-0975"]]))
    assert stored(database) == {}


@pytest.mark.parametrize(
    ("headings", "encoding"),
    [
        (HEADINGS, "utf-8"),
        (["stt", "ma ho so", "ten tthc", "chu ho so", "ngay nhan", "trang thai"], "latin-1"),
    ],
)
def test_tcvn3_below_other_headings(
    database: Database, tmp_path: Path, headings: list[str], encoding: str
) -> None:
    path = tmp_path / "a.csv"
    row = ["1", "H15.50.05.13-261008-0975", "§¨ng ký khai sinh", "NguyÔn ThÞ H»ng", "08/10/2026", "4"]
    path.write_bytes(as_csv(headings, row).encode(encoding))
    with pytest.raises(ImportFileError, match=r"row 2: .*TCVN3"):
        import_file(database, path)
    assert stored(database) == {}


def test_names_of_other_countries_are_no_tcvn3(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [
        [*row[:3], name, *row[4:]]
        for row, name in zip(ROWS, ["Jürgen Groß", "«François» Nuñez"], strict=True)
    ]
    path.write_text(as_csv(HEADINGS, *rows), encoding="utf-8")
    assert import_file(database, path).new == 2


@pytest.mark.parametrize(
    "headings",
    [
        ["stt", "ma ho so", "ten thu tuc", "chu ho so", "ngay tiep nhan", "trang thai"],
        ["STT", "MÃ HỒ SƠ", "TÊN TTHC", "TÊN TỔ CHỨC, CÁ NHÂN", "NGÀY NHẬN", "TÌNH TRẠNG"],
        ["STT", "Số biên nhận:", "Thủ tục", "Họ và  tên", "Thời gian tiếp nhận (ngày/giờ)", "Trạng thái *"],
    ],
)  # fmt: skip
def test_headings_of_many_kinds(database: Database, tmp_path: Path, headings: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(as_csv(headings, *ROWS), encoding="utf-8")
    check(database, import_file(database, path))


def test_title_rows_a_total_and_apostrophes(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [[row[0], "'" + row[1], *row[2:]] for row in ROWS]
    title = [["SỞ TƯ PHÁP", "", "", "", "", ""], ["Danh sách hồ sơ, quý II/2026"], []]
    total = [["Tổng cộng: 2 hồ sơ", "", "", "", "", ""], ["", "", "", "", "", ""]]
    path.write_text(as_csv(*title, HEADINGS, *rows, *total), encoding="utf-8-sig")
    check(database, import_file(database, path))


def test_excel_with_titles_merged_cells_dates_and_numbers(database: Database, tmp_path: Path) -> None:
    moment = datetime(2026, 5, 14, 9, 35)
    rows: list[list[object]] = [
        ["DANH SÁCH HỒ SƠ"],
        ["Từ ngày 01/05/2026"],
        ["STT", "Mã hồ sơ", "Lĩnh vực", "Người nộp", "Thời gian", None, "Trạng thái", "SĐT"],
        [None, None, None, None, "Ngày nhận", "Ngày hẹn trả", None, None],
        [1, "000.00.14.H56-200203-0118", "Hộ tịch", "Nguyễn A", moment, 46160, "Đang xử lý", 912345678],
        [2, "H15.50.05.13-261008-0975", None, "Nguyễn B", "15/05/2026", "20/05/2026", 10, "0912345679"],
        ["Tổng số", None, None, 2],
    ]  # fmt: skip
    merged = ("A1:H1", "A2:H2", "B3:B4", "C3:C4", "E3:F3", "C5:C6")
    report = import_file(database, write_xlsx(tmp_path / "a.xlsx", rows, merged))
    assert (report.new, report.rejected) == (2, 0), report.rejections
    found = stored(database)
    first, second = found["000.00.14.H56-200203-0118"], found["H15.50.05.13-261008-0975"]
    assert (first.received_at, first.due_at) == (datetime(2026, 5, 14, 9, 35), datetime(2026, 5, 18))
    assert (first.field, second.field) == ("Hộ tịch", "Hộ tịch")
    assert (first.applicant.phone, second.applicant.phone) == ("0912345678", "0912345679")
    assert second.status == 10


def test_a_heading_over_several_gives_way_to_what_is_below_it(database: Database, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["STT", "Mã hồ sơ", "Thủ tục", None, "Người nộp", None, "Ngày tiếp nhận", "Trạng thái"],
        [None, None, "Mã TTHC", "Tên thủ tục", "Họ và tên", "SĐT", "dd/mm/yyyy", None],
        [1, "H15.50.05.13-261008-0975", "1.001193", "Khai sinh", "Lý Mẫu", "0912345678", "08/10/2026", 7],
    ]
    report = import_file(database, write_xlsx(tmp_path / "a.xlsx", rows, ("C1:D1", "E1:F1")))
    assert report.columns["received_at"] == "Ngày tiếp nhận"
    # Refused and withdrawn dossiers seldom have a date of their own.
    assert list(report.notes) == ["no date says when it ended: a new one ends with this import"]
    [found] = stored(database).values()
    assert (found.procedure_code, found.procedure_name) == ("1.001193", "Khai sinh")
    assert (found.applicant.name, found.applicant.phone) == ("Lý Mẫu", "0912345678")


@pytest.mark.parametrize("column", [1, 3, 4, 5])
def test_a_formula_that_nobody_has_worked_out_is_told(
    database: Database, tmp_path: Path, column: int
) -> None:
    """In whatever column; in a total below the rows it harms nobody."""
    row: list[object] = [1, "H15.50.05.13-261008-0975", "a", "b", "14/05/2026", "Đang xử lý"]
    row[column] = '=CONCAT("14/05/", "2026")'
    rows = [HEADINGS, row, ["Tổng cộng", "=COUNTA(B2:B2)"]]
    for path in (
        write_xlsx(tmp_path / "a.xlsx", rows),
        broken(tmp_path / "a.csv", as_csv(*[list(map(str, cells)) for cells in rows]).encode()),
    ):
        [rejection] = import_file(database, path).rejections
        assert rejection.row == 2
        assert "formula" in rejection.reason
    assert stored(database) == {}


@pytest.mark.parametrize("more", [[""], ["ghi chú", "31/12/1999"]])
def test_columns_that_nobody_knows_are_left_alone(
    database: Database, tmp_path: Path, more: list[str]
) -> None:
    path = tmp_path / "a.csv"
    rows = [[*row, *more] for row in ROWS]
    path.write_text(as_csv([*HEADINGS, *(["Ghi chú"] * len(more))], *rows), encoding="utf-8")
    report = import_file(database, path)
    check(database, report)
    assert not report.notes
    assert {dossier.missing_papers for dossier in stored(database).values()} == {None}


def test_the_sheet_with_the_headings_is_taken(database: Database, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["Ghi chú"], ["xem trang sau"]])
    book = openpyxl.load_workbook(path)
    hidden = book.create_sheet("Nháp")
    hidden.append(HEADINGS)
    hidden.append(["1", "H99.10.01.05-261102-0001", "a", "b", "14/05/2026", "Đang xử lý"])
    hidden.sheet_state = "hidden"
    data = book.create_sheet("Hồ sơ")
    for row in [HEADINGS, *ROWS]:
        data.append(row)
    book.save(path)
    check(database, import_file(database, path))


def broken(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_half_written_files(database: Database, tmp_path: Path) -> None:
    whole = as_csv(HEADINGS, *ROWS).encode()
    with pytest.raises(ImportFileError, match="row 3 breaks off"):
        import_file(database, broken(tmp_path / "a.csv", whole[:-40]))
    quoted = as_csv(HEADINGS, *ROWS, ["3", "H15.50.05.13-261008-0976", "a\nb", "c", "d", "e"]).encode()
    with pytest.raises(ImportFileError, match="row 4 breaks off"):
        import_file(database, broken(tmp_path / "b.csv", quoted[: quoted.index(b"a\nb") + 2]))
    book = write_xlsx(tmp_path / "a.xlsx", [HEADINGS, *ROWS * 200]).read_bytes()
    with pytest.raises(ImportFileError, match="damaged or incomplete"):
        import_file(database, broken(tmp_path / "b.xlsx", book[: len(book) // 2]))
    assert stored(database) == {}


@pytest.mark.parametrize("kept", range(30, 100, 7))
def test_an_excel_file_cut_or_garbled_anywhere_is_told(database: Database, tmp_path: Path, kept: int) -> None:
    book = bytearray(write_xlsx(tmp_path / "a.xlsx", [HEADINGS, *ROWS * 50]).read_bytes())
    middle = len(book) * kept // 100
    book[middle : middle + 40] = b"\xff" * len(book[middle : middle + 40])
    path = broken(tmp_path / "b.xlsx", bytes(book))
    before = stored(database)
    try:
        import_file(database, path)
    except ImportFileError as error:
        assert str(path) in str(error)
        assert stored(database) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\x7fELF\x00\x00\x00\x00", "neither CSV nor .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
        (b"PK\x03\x04 no zip at all", "damaged or incomplete"),
        ("\ufeff <html><table><tr><td>Mã hồ sơ</td></tr></table>".encode(), "a web page"),
        (b"a" * 5_000_000, "line 1 does not end"),
        ("Tên,Tuổi\nAn,5\n".encode(), "the nearest has 'Tên', 'Tuổi'"),
        ("Mã hồ sơ,Tên\nH15.50.05.13-261008-0975,An\n".encode(), "received_at"),
    ],
)
def test_files_without_dossiers(database: Database, tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(ImportFileError) as failure:
        import_file(database, broken(tmp_path / "a.csv", content))
    assert words in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_file_that_is_not_there(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="cannot be read"):
        import_file(database, tmp_path / "none.csv")
    with pytest.raises(ImportFileError, match="cannot be read"):
        import_file(database, tmp_path)


def test_a_mapping_names_columns_and_words(database: Database, tmp_path: Path) -> None:
    path, mapping = tmp_path / "a.csv", tmp_path / "m.yml"
    path.write_text(
        "Số,Vào sổ,Tình hình,Cách nộp\nH15.50.05.13-261008-0975,14/05/2026,Xong rồi,Qua Zalo\n",
        encoding="utf-8",
    )
    mapping.write_text(
        "columns:\n  code: Số\n  received_at: [Vào sổ, Ngày vào]\n  status: Tình hình\n  channel: Cách nộp\n"
        "statuses:\n  Xong rồi: 9\nchannels:\n  Qua Zalo: 2\n",
        encoding="utf-8",
    )
    report = import_file(database, path, mapping)
    assert report.columns == {
        "code": "Số",
        "received_at": "Vào sổ",
        "status": "Tình hình",
        "channel": "Cách nộp",
    }
    [dossier] = stored(database).values()
    assert (dossier.status, dossier.channel) == (9, 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("columns:\n  colour: Màu\n", "columns: colour"),
        ("statuses:\n  Xong: 11\n", "statuses: Xong"),
        ("channels:\n  Zalo: hai\n", "channels: Zalo"),
        ("rows: 5\n", "rows"),
        ("columns: [a, b]\n", "columns"),
        ("- a\n", "mapping"),
        ("a: [\n", "YAML"),
        ("columns: {code: 2026-02-30}\n", "YAML"),
    ],
)
def test_a_wrong_mapping_is_named(database: Database, tmp_path: Path, content: str, words: str) -> None:
    path, mapping = tmp_path / "a.csv", tmp_path / "m.yml"
    path.write_text(as_csv(HEADINGS, *ROWS), encoding="utf-8")
    mapping.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError) as failure:
        import_file(database, path, mapping)
    assert words in str(failure.value)
    with database.read() as session:
        assert session.scalar(select(func.count(Dossier.id))) == 0
