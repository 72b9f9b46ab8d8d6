from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures_catalog.recognise import (
    bare_numbers,
    gone_bodies,
    is_instruction,
    legal_numbers,
    number_fault,
    separated,
)

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    "number",
    [
        "123/2015/NĐ-CP", "60/2014/QH13", "66.7/2025/NQ-CP", "5230/QĐ-BCA-C06", "117/2026/TT-BTC",
        "29/2026/QĐ-TTg", "06/2020/NQ-HĐND", "01/VBHN-BTP", "05/2015/TTLT-BTP-BCA-BYT", "03/2026/QH16",
        "1833/QĐ-BTP", "335/2016/UBTVQH13", "166/QĐ-BHXH", "11/2018/NQLT-CP-UBTƯMTTQVN",
    ],
)  # fmt: skip
def test_full_numbers_are_possible(number):
    assert number_fault(number, DAY) is None


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("123/2015", "full number"),
        ("Nghị định 123", "full number"),
        ("123/2015/NĐ-C", "full number"),
        ("123/2015/NĐ", "full number"),
        ("118/NĐ-CP", "full number"),
        ("123/2051/NĐ-CP", "year"),
        ("123/1215/NĐ-CP", "year"),
        ("60/2014/QH15", "National Assembly"),
        ("60/2020/QH13", "National Assembly"),
        ("Luật Hộ tịch 60/2014/QH13", "full number"),
    ],
)
def test_impossible_numbers_are_told_why(number, words):
    assert words in (number_fault(number, DAY) or "")


def test_numbers_are_found_where_words_are_glued_to_them():
    text = (
        "Thông tư hướng dẫn85/2019/TT-BTCNghị định số 104/2022/NĐ-CPLuật 60/2014/QH1360/2014/QH13"
        "Đính chính ngày 12/6/20252418/QĐ-BNNMTNghị định 118/2025/NĐ-CQuy định khác năm 202443/2024/QH15"
    )
    text = separated(text)
    assert [number for _, _, number in legal_numbers(text)] == [
        "85/2019/TT-BTC", "104/2022/NĐ-CP", "60/2014/QH13", "60/2014/QH13", "2418/QĐ-BNNMT", "43/2024/QH15",
    ]  # fmt: skip


@given(st.text(alphabet="0123456789/NĐCPQHT-. năm", max_size=60))
def test_every_number_found_stands_in_the_text(text):
    whole = separated(text)
    for start, end, number in legal_numbers(whole):
        assert whole[start:end] == number


def test_a_number_without_its_issuer_is_bare():
    assert bare_numbers("Theo Nghị định số 118/2025 và Thông tư 85/2019/TT-BTC, ngày 01/7/2025") == [
        "118/2025"
    ]
    assert bare_numbers("Từ tháng 7/2025, chậm nhất 15/8/2026") == []


@pytest.mark.parametrize(
    "text",
    [
        "Công an huyện", "UBND cấp huyện", "Ủy ban nhân dân quận nơi cư trú", "Bảo hiểm xã hội cấp huyện",
        "Phòng Tư pháp", "Nộp tại Bảo hiểm xã hội huyện", "Ủy ban nhân dân xã, phường, thị trấn",
        "Sở Giao thông vận tải",
    ],
)  # fmt: skip
def test_bodies_that_are_gone_are_recognised(text):
    assert gone_bodies(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ủy ban nhân dân cấp xã", "Công an cấp tỉnh", "Chi nhánh Văn phòng đăng ký đất đai", "Sở Tư pháp",
        "Trò chuyện với cán bộ phường", "Từ 01/7/2025 không còn cấp huyện, nộp tại xã",
        "Phòng Quản lý xuất nhập cảnh",
        "giấy do Ủy ban nhân dân huyện cũ cấp",
    ],
)  # fmt: skip
def test_bodies_that_exist_or_are_told_as_gone_are_fine(text):
    assert gone_bodies(text) == []


@pytest.mark.parametrize(
    "name",
    [
        "Trường hợp ủy quyền thì nộp văn bản ủy quyền", "- Lưu ý: không phải nộp",
        "* Đối với người nước ngoài", "Nếu không có giấy chứng sinh", "Một trong các giấy tờ sau:",
        "Các giấy tờ sau đây", "Giấy tờ " + "rất dài " * 40,
    ],
)  # fmt: skip
def test_instructions_are_told_from_papers(name):
    assert is_instruction(name)


@pytest.mark.parametrize(
    "name",
    [
        "Giấy chứng sinh", "Một trong các loại giấy tờ về quyền sử dụng đất",
        "Văn bản ủy quyền có chứng thực",
        "Bản sao Giấy chứng nhận kết hôn", "Đơn đề nghị cấp giấy phép xây dựng",
    ],
)  # fmt: skip
def test_papers_are_papers(name):
    assert not is_instruction(name)
