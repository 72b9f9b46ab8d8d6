from __future__ import annotations

import pytest

from vietnamese import fold, normalize
from vietnamese.resources import (
    compounds,
    followers,
    frequent_syllables,
    known_words,
    short_forms,
)
from vietnamese.slips import mend
from vietnamese.spelling import repair
from vietnamese.syllables import folded_syllables

CLEAN = """
Người có yêu cầu đăng ký khai sinh nộp hồ sơ tại Ủy ban nhân dân cấp xã nơi cư trú của người cha hoặc
người mẹ, mang theo giấy chứng sinh và giấy tờ tùy thân. Trường hợp ủy quyền thì phải có văn bản ủy quyền
được chứng thực. Cán bộ kiểm tra, hướng dẫn bổ sung nếu hồ sơ chưa hợp lệ; trả kết quả trong ngày hoặc
ngày làm việc tiếp theo. Lệ phí do Hội đồng nhân dân cấp tỉnh quy định, miễn cho hộ nghèo, người khuyết
tật, người có công với cách mạng. Quyền sử dụng đất, thửa đất, sổ hồng, chuyển nhượng, tặng cho, thừa kế,
xoá thế chấp, giấy phép xây dựng, nghỉ bán, tạm ngừng, thuốc lá, xe buýt, xoong nồi, rượu, khuya khoắt,
ngoằn ngoèo, huỳnh quang, thuở nhỏ, giếng nước, gìn giữ, quét mã QR, email, zalo
"""


@pytest.mark.parametrize(
    "word", sorted(set(CLEAN.replace(",", " ").replace(".", " ").replace(";", " ").lower().split()))
)
def test_clean_words_are_left_alone(word: str) -> None:
    assert [fold(piece) for piece in repair(word).pieces] == [fold(word)]
    assert repair(word).keyboard == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hosokhaisinh", "ho so khai sinh"), ("thutuc", "thu tuc"), ("thủtục", "thu tuc"),
        ("sinhcho", "sinh cho"), ("khôngggg", "khong"), ("rồii", "roi"), ("fường", "phuong"),
        ("wận", "quan"), ("jấy", "giay"), ("đượk", "duoc"), ("khôg", "khong"), ("nhanhk", "nhanh"),
        ("nge", "nghe"), ("đăng kí", "dang ky"), ("lí lịch", "ly lich"), ("tỉ lệ", "ty le"),
        ("2tr5", "2 trieu 5"), ("8h30", "8 gio 30"), ("100m2", "100 m2"), ("5ngày", "5 ngay"),
        ("lớp6", "lop 6"), ("ddc", "duoc"),
    ],
)  # fmt: skip
def test_chat_spellings(typed: str, meant: str) -> None:
    assert normalize(typed) == meant


@pytest.mark.parametrize(
    "word", ["app", "zoom", "visa", "taxi", "fan", "iii", "xii", "vneid", "pdf", "4g", "mb2024"]
)
def test_foreign_words_and_codes_stay(word: str) -> None:
    assert normalize(word) == word


def test_slips_are_mended_from_the_words_beside_them() -> None:
    assert normalize("xin phwp xây nhà, giâyt tờ, kết hpn, khôgn") == "xin phep xay nha giay to ket hon khong"
    assert mend("hpn", (), "", "") is None
    assert mend("xii", (), "khoa", "") is None


def test_what_short_forms_stand_for_is_settled() -> None:
    """Full forms must not be read on as something else, or normalising would go round in circles."""
    for short, rows in short_forms().items():
        for row in rows:
            if row.full is not None:
                assert normalize(row.full) == fold(row.full), short
                assert short not in fold(row.full).split(), short


def test_word_lists_are_well_formed() -> None:
    assert frequent_syllables() <= folded_syllables()
    assert all(set(pair) <= folded_syllables() for pair in compounds())
    assert all({first, *seconds} <= frequent_syllables() for first, seconds in followers().items())
    assert not known_words().always & known_words().unless_telex
    assert not {word for word in known_words().unless_telex if repair(word).doubtful == ()}
