"""Portal pages as JSON: the labels in snake case, tables without borders."""

from __future__ import annotations

import pytest

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.entry import Draft
from procedures_catalog.importers.portal_page import page_draft
from procedures_catalog.importers.records import record_draft
from procedures_catalog.model import Channel, Document, Duration, LegalBasis
from tests.procedures_catalog.importers.samples import DAY, TABLE, drafts, portal_page, record, written


@pytest.fixture
def draft(tmp_path) -> Draft:
    return drafts(written(tmp_path / "1.900001.json", portal_page()))[0]


def test_the_entry_has_what_the_page_says(draft):
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


def test_papers_are_kept_and_instructions_left_out(draft):
    assert [(d.name, d.originals, d.present, d.note) for d in draft.procedure.documents] == [
        ("Đơn đăng ký nuôi ong", 1, False, None),
        ("Văn bản ủy quyền có chứng thực", 1, False, "Trường hợp ủy quyền"),
        ("Thẻ căn cước", 1, True, None),
    ]
    assert [(form.name, form.number) for form in draft.procedure.forms] == [
        ("Đơn đăng ký nuôi ong", "Mẫu số 01")
    ]
    assert any("1 rows among the papers are instructions" in remark for remark in draft.remarks)


def test_bodies_that_are_gone_are_named_and_left_out(draft):
    assert draft.procedure.agency == "Ủy ban nhân dân cấp xã"
    assert draft.procedure.eligibility == ["Có vườn riêng", "Cách nhà dân 50 m"]
    assert sum("no longer exists" in remark for remark in draft.remarks) == 2


def test_nobody_is_sent_to_a_body_that_is_gone_by_what_is_said_of_a_paper():
    papers = f"--{TABLE}Giấy xác nhận; nộp thêm bản do Phòng Tư pháp cấp1 bản chính"
    found = page_draft(portal_page(thanh_phan_ho_so=papers), DAY)
    assert [(paper.name, paper.note) for paper in found.procedure.documents] == [("Giấy xác nhận", None)]
    assert "names a body that no longer exists: Phòng Tư pháp: left out" in found.remarks


def test_a_page_cut_at_the_wrong_label_is_mended_from_its_raw_text():
    raw = (
        f"… hồ sơ (Thành phần hồ sơ) …Thành phần hồ sơ--{TABLE}Đơn xin1 bản chính"
        "Căn cứ pháp lýTên văn bản pháp lý…"
    )
    draft = page_draft(portal_page(thanh_phan_ho_so="); nộp cho cơ quan", raw_text=raw), DAY)
    assert draft.procedure.documents == [Document(name="Đơn xin", originals=1)]


def test_alternatives_that_share_a_paper_become_a_question():
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


def test_what_comes_on_top_in_some_cases_makes_no_question():
    papers = f"--{TABLE}Đơn1 bản chínhTrường hợp ủy quyền cho người khác:{TABLE}Văn bản ủy quyền1 bản chính"
    entry = page_draft(portal_page(thanh_phan_ho_so=papers), DAY).procedure
    assert entry.cases == []
    assert [(d.name, d.note) for d in entry.documents] == [
        ("Đơn", None),
        ("Văn bản ủy quyền", "Trường hợp ủy quyền cho người khác"),
    ]


def test_dozens_of_papers_under_many_headings_are_no_checklist():
    papers = "".join(
        f"Đối với loại {n}:{TABLE}" + "".join(f"Giấy {n}{c}1 bản chính" for c in "abcdefg") for n in "ABCDEFG"
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
def test_a_page_without_what_an_entry_needs_says_what(changes, words):
    with pytest.raises(ImportFault, match=words):
        page_draft(portal_page(**changes), DAY)


def test_a_provinces_code_is_the_national_one():
    assert page_draft(portal_page(ma_thu_tuc="1.900001.000.00.00.H26"), DAY).procedure.code == "1.900001"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "trang này", 5])
def test_what_is_no_web_address_is_no_link(address):
    """Citizens would be given it to click on."""
    assert page_draft(portal_page(detail_url=address), DAY).procedure.sources[0].url is None
    entry = record_draft(record(online_url=address), DAY).procedure
    assert {row.url for row in [*entry.sources, *entry.channels]} == {None}


def test_a_page_without_a_code_is_an_entry_without_one():
    assert page_draft(portal_page(ma_thu_tuc=""), DAY).procedure.code is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cach_thuc_thuc_hien": "Nộp tại chỗ 3 ngày, 20.000 đồng"}, "«Cách thức thực hiện» cannot be read"),
        (
            {"cach_thuc_thuc_hien": "Trực tuyến3 NgàyMiễn phíTrực tiếp2 TuầnMiễn phí"},
            "«Cách thức thực hiện» cannot be read",
        ),
        ({"cach_thuc_thuc_hien": "Trực tuyến3Miễn phí"}, "the time limit '3' is unclear"),
        ({"thanh_phan_ho_so": "Đơn và thẻ căn cước"}, "«Thành phần hồ sơ» cannot be read"),
        ({"can_cu_phap_ly": "Luật Chăn nuôi"}, "«Căn cứ pháp lý» cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(changes, words):
    found = page_draft(portal_page(**changes), DAY)
    assert any(words in remark for remark in found.remarks), found.remarks


@pytest.mark.parametrize("nothing", ["", "Không có thông tin", "Hình thức nộpThời gianPhí, lệ phíMô tả"])
def test_a_page_that_says_nothing_hides_nothing(nothing):
    found = page_draft(portal_page(cach_thuc_thuc_hien=nothing), DAY)
    assert (found.procedure.channels, found.procedure.fees) == ([], [])
    assert not [remark for remark in found.remarks if "Cách thức" in remark]


@pytest.mark.parametrize(
    ("row", "papers"),
    [
        (
            "Trường hợp không có Giấy chứng sinh thì nộp văn bản của người làm chứng",
            [("Văn bản của người làm chứng", "Trường hợp không có Giấy chứng sinh")],
        ),
        (
            "Nếu chưa có giấy phép thì phải có đơn đề nghị",
            [("Đơn đề nghị", "Nếu chưa có giấy phép")],
        ),
        ("Giấy tờ nêu trên thì phải nộp bản sao", []),
        (
            "Công dân đã ly hôn ở nước ngoài phải nộp bản sao trích lục ghi chú ly hôn",
            [("Bản sao trích lục ghi chú ly hôn", "Công dân đã ly hôn ở nước ngoài")],
        ),
        ("Người ủy quyền và người được ủy quyền chịu trách nhiệm trước pháp luật", []),
        ("Giấy tờ sau đây", []),
        ("Ngoài giấy tờ nêu trên, bên nam, bên nữ nộp giấy tờ tương ứng", []),
    ],
)
def test_the_paper_that_is_missing_is_not_the_one_to_bring(row, papers):
    entry = page_draft(portal_page(thanh_phan_ho_so=f"--{TABLE}{row}1 bản chính"), DAY).procedure
    assert [(paper.name, paper.note) for paper in entry.documents] == papers
