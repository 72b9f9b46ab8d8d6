from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese import fold, is_syllable, looks_like_syllable
from vietnamese.syllables import folded_syllables, is_partly_marked, parse, with_tone

ORDINARY_TEXT = """
giấy tờ đăng ký khai sinh tử kết hôn nghĩa vụ quân sự thường trú tạm vắng chuyển nhượng quyền sử dụng đất uỷ
ban nhân dân xã phường huyện người khuyết tật tuổi già yếu trích lục hộ tịch cải chính lệ phí bao nhiêu nước
ngoài khuya khoắt ngoằn ngoèo quýt quốc huỳnh thuở xoong giếng gìn giặt ghế nghỉ ngơi ý yêu ỷ oách uống ướt
ấy ăn ở ơi ừ ễnh ương
"""
ORDINARY = ORDINARY_TEXT.split()


@pytest.mark.parametrize("word", ORDINARY)
def test_ordinary_words_are_syllables_with_and_without_marks(word: str) -> None:
    assert is_syllable(word)
    assert looks_like_syllable(word)
    assert looks_like_syllable(fold(word))


@pytest.mark.parametrize(
    "word",
    [
        "ddang",
        "tucj",
        "giaays",
        "zalo",
        "fải",
        "khôg",
        "ce",
        "ki3",
        "ngê",
        "gê",
        "kan",
        "qan",
        "đàc",
        "bảt",
        "thùp",
    ],
)
def test_what_cannot_be_spelled_so_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


def test_a_syllable_is_taken_apart_and_put_together() -> None:
    syllable = parse("NGƯỜI")
    assert syllable is not None
    assert (syllable.bare, syllable.tone) == ("ngươi", "huyền")
    assert with_tone(*syllable) == "người"


def test_partly_marked_syllables_lack_marks_but_have_no_wrong_ones() -> None:
    assert is_partly_marked("đươc")
    assert is_partly_marked("duọc")
    assert is_partly_marked("giay")
    assert not is_partly_marked("phưp")
    assert not is_partly_marked("tẽt")


@given(st.text(max_size=12))
def test_any_text_can_be_asked_about(word: str) -> None:
    assert isinstance(is_syllable(word), bool)
    assert looks_like_syllable(word) == (fold(word) in folded_syllables())
    is_partly_marked(word)
