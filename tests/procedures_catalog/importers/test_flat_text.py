from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from procedures_catalog.importers.flat_text import law_title, laws, papers, results, ways

HEAD = "Hình thức nộpThời gianPhí, lệ phíMô tả"
TABLE = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"


def rows(text: str) -> list[tuple[str, str, str, str]]:
    return [(way.channel, way.time, way.fee, way.about) for way in ways(text)]


def test_channel_time_fee_and_text_are_put_apart():
    text = (
        f"{HEAD}Trực tuyến3 Ngày làm việc7,000 Việt Nam Đồng(Nộp qua cổng thu 7.000 đồng/lần (cá nhân).)"
        "Nộp trên cổng."
        "Trực tiếp3 Ngày làm việc10,000 Việt Nam ĐồngNộp trực tiếp tại Công an cấp xã."
    )
    assert rows(text) == [
        (
            "online",
            "3 Ngày làm việc",
            "7,000 Việt Nam Đồng (Nộp qua cổng thu 7.000 đồng/lần (cá nhân).)",
            "Nộp trên cổng.",
        ),
        ("in_person", "3 Ngày làm việc", "10,000 Việt Nam Đồng", "Nộp trực tiếp tại Công an cấp xã."),
    ]


def test_a_time_without_its_unit_stays_a_bare_number_and_a_missing_one_empty():
    assert rows(
        f"{HEAD}Trực tuyến1Miễn phíDịch vụ bưu chínhKhông có thông tinMiễn phí"
        "Trực tiếp8 GiờKhông có thông tin"
    ) == [
        ("online", "1", "Miễn phí", ""),
        ("post", "", "Miễn phí", ""),
        ("in_person", "8 Giờ", "Không có thông tin", ""),
    ]


def test_an_amount_that_ran_into_a_time_is_only_believed_when_the_text_tells_it():
    assert (
        rows(f"{HEAD}Trực tiếp1100 VNĐ(Phí công bố: 100.000 đồng/lần)")[0][2]
        == "100 VNĐ (Phí công bố: 100.000 đồng/lần)"
    )
    assert rows(f"{HEAD}Trực tiếp125 VNĐ")[0][2] == ""
    assert rows(f"{HEAD}Trực tiếp3100,000 VNĐ")[0][2] == "100,000 VNĐ"


def test_a_parenthesis_that_never_closes_takes_the_rest():
    assert rows(f"{HEAD}Trực tiếp5 NgàyMiễn phí(Theo quy định (của tỉnh") == [
        ("in_person", "5 Ngày", "Miễn phí (Theo quy định (của tỉnh)", "")
    ]


def test_papers_are_put_apart_with_their_numbers():
    (group,) = papers(
        f"--{TABLE}- Tờ khai theo Mẫu số 181 bản chính,1 bản saoGiấy chứng sinh;1 bản chínhẢnh 3x42 bản sao"
    )
    assert group.heading == ""
    assert [(p.name, p.originals, p.copies) for p in group.papers] == [
        ("Tờ khai theo Mẫu số 18", 1, 1),
        ("Giấy chứng sinh", 1, 0),
        ("Ảnh 3x4", 0, 2),
    ]


def test_each_table_keeps_the_words_above_it():
    first, second = papers(
        f"* Giấy tờ phải nộp:{TABLE}Đơn1 bản chính* Giấy tờ phải xuất trình:{TABLE}Thẻ căn cước1 bản chính"
    )
    assert (first.heading, second.heading) == ("Giấy tờ phải nộp", "Giấy tờ phải xuất trình")


def test_the_forms_file_is_no_part_of_the_name():
    text = (
        f"--{TABLE}Phiếu đề nghị (mẫu TK02 kèm Nghị định số 69/2024/NĐ-CP).TK02-Phieu (2).docx1 bản chính"
        "Đơn theo Phụ lục I Thông tư 17/2025/TT-BNNMTPhụ lục I Đơn.doc1 bản chính"
    )
    (group,) = papers(text)
    assert [paper.name for paper in group.papers] == [
        "Phiếu đề nghị (mẫu TK02 kèm Nghị định số 69/2024/NĐ-CP)",
        "Đơn theo Phụ lục I Thông tư 17/2025/TT-BNNMT",
    ]
    assert all(paper.form for paper in group.papers)


def test_numbers_inside_a_sentence_end_no_row():
    (group,) = papers(f"--{TABLE}Hồ sơ gồm 01 bản chính, 02 bản sao của dự án1 bản chính")
    assert [(p.name, p.originals) for p in group.papers] == [
        ("Hồ sơ gồm 01 bản chính, 02 bản sao của dự án", 1)
    ]


def test_a_text_without_a_table_has_no_papers():
    assert papers("nộp hồ sơ cho cơ quan bảo hiểm, gồm 1 bản chính") == []


def test_laws_come_once_with_their_titles():
    text = (
        "Tên văn bản pháp lýMã văn bảnLuật Hộ tịch số 60/2014/QH1360/2014/QH13"
        "Nghị định số 168/2025/NĐ-CP ngày 30 tháng 6 năm 2025 của Chính phủ về đăng ký doanh nghiệp"
        "168/2025/NĐ-CP"
        "Một cửa118/2025/NĐ-CThông tư 02/2020/TT-BTP02/2020/TT-BTP"
    )
    assert laws(text) == [
        ("60/2014/QH13", "Luật Hộ tịch"),
        ("168/2025/NĐ-CP", "Đăng ký doanh nghiệp"),
        ("02/2020/TT-BTP", ""),
    ]


def test_a_law_named_inside_the_title_of_another_gets_no_title_of_it():
    text = (
        "Nghị định 76/2020/NĐ-CP76/2020/NĐ-CP"
        "Nghị định số 67/2024/NĐ-CP ngày 25/6/2024 của Chính phủ sửa đổi, bổ sung một số điều của "
        "Nghị định số 76/2020/NĐ-CP ngày 01/7/2020 của Chính phủ quy định việc cấp giấy thông hành và "
        "Nghị định số 77/2020/NĐ-CP ngày 01/7/2020 của Chính phủ quy định việc quản lý dữ liệu "
        "xuất nhập cảnh67/2024/NĐ-CPLuật Hộ tịch60/2014/QH13"
    )
    assert laws(text) == [
        ("76/2020/NĐ-CP", ""),
        ("67/2024/NĐ-CP", ""),
        ("77/2020/NĐ-CP", ""),
        ("60/2014/QH13", "Luật Hộ tịch"),
    ]


def test_a_title_loses_date_and_issuer():
    assert (
        law_title("ngày 14/11/2016 của Bộ Tài chính quy định mức thu phí bản sao")
        == "Quy định mức thu phí bản sao"
    )


def test_results_stand_before_their_codes_and_the_footer_is_cut_off():
    footer = "Từ khóaKhông có thông tinMô tảKhông có thông tinChọn cơ quan thực hiệnTỉnh/ Thành phốNộp hồ sơ"
    assert results(f"Giấy khai sinhMã: KQ.G15.000031Trích lục.Mã: KQ.G01.00263{footer}") == [
        "Giấy khai sinh",
        "Trích lục",
    ]
    assert results(f"Không có thông tin{footer}") == []


WILD = st.lists(
    st.sampled_from(
        [HEAD, TABLE, "Trực tuyến", "Trực tiếp", "3", " Ngày", "Miễn phí", "(", ")", "1 bản chính",
         ",1 bản sao", "100,000", " VNĐ", ".docx", "Mã: KQ.G15.000031", "123/2015/NĐ-CP", "Đơn", "\n",
         "Từ khóa", "ngày 1/1/2025"]
    )
    | st.text(max_size=8),
    max_size=30,
).map("".join)  # fmt: skip


@given(WILD)
def test_wild_text_is_read_without_fault_and_nothing_is_made_up(text):
    for way in ways(text):
        assert all(character in text for character in way.fee if character.isdigit())
    for group in papers(text):
        for paper in group.papers:
            assert paper.originals <= 99 and paper.copies <= 99
    for number, _ in laws(text):
        assert number in text
