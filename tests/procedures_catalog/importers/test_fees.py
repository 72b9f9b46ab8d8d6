from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures_catalog.importers.fees import fees_of
from procedures_catalog.importers.page import Way

DAY = date(2026, 11, 20)


def judged(fee: str, about: str = "", day: date = DAY):
    rows, remarks = fees_of([Way("in_person", "", fee, about)], "1.000001", day)
    return rows, remarks


def one(fee: str, about: str = ""):
    (row,), _ = judged(fee, about)
    return row


@pytest.mark.parametrize(
    "fee", ["Miễn phí", "Không có thông tin", "", "Miễn phí (Không quy định.)", "Miễn phí (Không)"]
)
def test_the_portals_default_is_no_fact(fee):
    assert one(fee).state == "not_published"


@pytest.mark.parametrize(
    "text",
    [
        "Mức lệ phí cụ thể do Hội đồng nhân dân tỉnh, thành phố trực thuộc Trung ương quyết định.",
        "Theo quy định của Hội đồng nhân dân cấp tỉnh",
        "Theo mức thu lệ phí do HĐND cấp tỉnh quy định",
    ],
)
def test_what_the_province_sets_is_set_elsewhere_whatever_the_cell_begins_with(text):
    for head in ("Miễn phí", "150,000 Việt Nam Đồng"):
        row = one(f"{head} ({text})")
        assert (row.state, row.amount) == ("set_elsewhere", None)
        assert row.note


def test_exemptions_are_kept_beside_a_fee_set_elsewhere():
    row = one(
        "Miễn phí (Mức thu do Hội đồng nhân dân cấp tỉnh quyết định. Miễn lệ phí cho người thuộc gia đình"
        " có công với cách mạng; người thuộc hộ nghèo; người khuyết tật.)"
    )
    assert row.exemptions == [
        "người thuộc gia đình có công với cách mạng", "người thuộc hộ nghèo", "người khuyết tật",
    ]  # fmt: skip


def test_a_text_that_says_free_is_free_with_its_basis():
    assert one("Miễn phí (Miễn lệ phí. Phí cấp bản sao theo Thông tư số 281/2016/TT-BTC.)").state == "free"
    row = one("Miễn phí (Miễn lệ phí (Thông tư số 47/2019/TT-BTC).)")
    assert (row.state, row.basis) == ("free", "47/2019/TT-BTC")


def test_free_for_some_is_not_free():
    row = one("Miễn phí (Miễn lệ phí cho người thuộc hộ nghèo.)")
    assert (row.state, row.exemptions) == ("not_published", ["người thuộc hộ nghèo"])


def test_a_number_and_a_text_that_agree_are_an_amount():
    row = one("135 VNĐ (Lệ phí cấp giấy phép lái xe: 135.000 đồng/lần.)")
    assert (row.state, row.amount, row.unit, row.name) == (
        "amount",
        135000,
        "lần",
        "Lệ phí cấp giấy phép lái xe",
    )
    assert one("8,000 VNĐ").amount == 8000
    assert (
        one("30,000 Việt Nam Đồng (/giao dịch)").amount,
        one("30,000 Việt Nam Đồng (/giao dịch)").unit,
    ) == (
        30000,
        "giao dịch",
    )


@pytest.mark.parametrize(
    "fee",
    [
        "50,000 Việt Nam Đồng (25.000.000đ/giấy thông hành)",
        "40 Việt Nam Đồng (4.000 đ/giấy thông hành)",
        "5,000 Việt Nam Đồng (Nộp trực tuyến thu 7.000 đồng/lần đăng ký.)",
        "50,000 VNĐ (0.000đ/giấy thông hành)",
        "100,000 VNĐ (Không được quy định tại biểu phí)",
        "125 VNĐ",
        "99999999999999999999999 VNĐ",
    ],
)
def test_a_number_and_a_text_that_disagree_are_no_amount(fee):
    row = one(fee)
    assert (row.state, row.amount) == ("not_published", None)


def test_a_disagreement_is_remarked_on():
    _, remarks = judged("5,000 Việt Nam Đồng (thu 7.000 đồng/lần)")
    assert len(remarks) == 1 and "5000" in remarks[0]


def test_half_of_a_fee_that_another_text_sets_is_set_elsewhere():
    row = one("50,000 VNĐ (Bằng 50% mức thu quy định tại Thông tư số 47/2019/TT-BTC)")
    assert (row.state, row.note) == ("set_elsewhere", "Mức thu theo 47/2019/TT-BTC")


def test_an_amount_that_has_run_out_is_no_amount():
    fee = (
        "160,000 Việt Nam Đồng (160.000đ/hộ chiếu (áp dụng đến hết ngày 31/12/2023"
        " theo Thông tư số 44/2023/TT-BTC).)"
    )
    row = one(fee)
    assert row.state == "not_published"
    (before,), _ = judged(fee, day=date(2023, 12, 31))
    assert (before.amount, before.layer, before.valid_until) == (160000, "temporary", date(2023, 12, 31))


def test_a_lasting_and_a_temporary_amount_are_two_lines():
    rows, _ = judged(
        "50,000 VNĐ (- 50.000đ/tem (Thông tư số 25/2021/TT-BTC). - 25.000đ/tem (áp dụng đến hết ngày"
        " 31/12/2026 theo Thông tư số 64/2025/TT-BTC))"
    )
    assert [(r.amount, r.layer, r.valid_until, r.basis) for r in rows] == [
        (50000, "national", None, "25/2021/TT-BTC"),
        (25000, "temporary", date(2026, 12, 31), "64/2025/TT-BTC"),
    ]


def test_what_an_amount_depends_on_is_kept_as_its_note():
    row = one("10,000 Việt Nam Đồng (Đăng ký tạm trú theo danh sách: thu 10.000 đồng/người/lần đăng ký)")
    assert row.amount == 10000 and row.unit == "người/lần đăng ký"
    assert "theo danh sách" in (row.note or "")
    row = one("2,000 Việt Nam Đồng (/trang)", "2.000 đồng/trang; từ trang thứ 3 thu 1.000 đồng/trang.")
    assert row.amount == 2000 and "1.000 đồng/trang" in (row.note or "")


def test_several_amounts_are_told_in_the_texts_words():
    row = one("Miễn phí (Sát hạch lý thuyết: 60.000 đồng/lần. Sát hạch thực hành: 350.000 đồng/lần.)")
    assert row.state == "set_elsewhere"
    assert "350.000" in (row.note or "")


def test_dollars_are_no_dong():
    row = one("10 USD (/bản)")
    assert (row.state, row.amount) == ("not_published", None)
    assert "10" in (row.note or "")


def test_a_text_that_points_to_a_circular_is_set_elsewhere():
    row = one("Miễn phí (Thực hiện theo Thông tư số 244/2016/TT-BTC ngày 11/11/2016 của Bộ Tài chính)")
    assert (row.state, row.note) == ("set_elsewhere", "Mức thu theo 244/2016/TT-BTC")


def test_a_copys_fee_is_not_the_procedures():
    assert (
        one("Miễn phí (Phí cấp bản sao Trích lục theo Thông tư số 281/2016/TT-BTC.)").state == "not_published"
    )


def test_equal_lines_of_all_channels_are_one_and_others_name_theirs():
    ways = [Way("online", "", "5,000 VNĐ"), Way("post", "", "8,000 VNĐ"), Way("in_person", "", "8,000 VNĐ")]
    rows, _ = fees_of(ways, "1.000001", DAY)
    assert [(row.amount, row.channels) for row in rows] == [(5000, ["online"]), (8000, ["post", "in_person"])]
    rows, _ = fees_of([Way(way.channel, "", "8,000 VNĐ") for way in ways], "1.000001", DAY)
    assert [(row.amount, row.channels) for row in rows] == [(8000, [])]


WORDS = st.lists(
    st.sampled_from(
        ["Miễn phí", "(", ")", "10.000 đồng", "/lần", "5,000 VNĐ", "10 USD", "đến hết ngày 31/12/2026", "%",
         "Hội đồng nhân dân", "quyết định", "Thông tư số 85/2019/TT-BTC", "Miễn lệ phí cho", ". ", "; ",
         "hộ nghèo", "- ", "31/02/2026"]
    )
    | st.text(max_size=6),
    max_size=14,
).map(" ".join)  # fmt: skip


@given(WORDS, WORDS)
def test_wild_cells_never_fault_and_never_make_an_amount_up(fee, about):
    rows, _ = judged(fee, about)
    assert rows
    for row in rows:
        if row.state == "amount":
            digits = str(row.amount).rstrip("0")
            assert digits and digits in (fee + about).replace(".", "").replace(",", "")
        if row.state == "free":
            assert row.basis
