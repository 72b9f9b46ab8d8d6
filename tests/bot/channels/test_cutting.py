from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.cutting import cut, units

PIECES = st.sampled_from(
    ["giấy tờ", "👨‍👩‍👧", "🇻🇳", "e\u0323\u0302", "👍🏽", ".", ". ", "\n", "\n\n", " ", "1.", "x" * 30, "❤️"]
)
TEXTS = st.text() | st.lists(PIECES).map("".join)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(TEXTS, st.integers(2, 60))
def test_nothing_but_white_space_is_lost_and_no_piece_is_too_long(text: str, most: int) -> None:
    pieces = cut(text, most)
    assert squeezed("".join(pieces)) == squeezed(text)
    assert all(0 < units(piece) <= most and piece == piece.strip() for piece in pieces)
    assert cut(text, most) == pieces


@given(TEXTS)
def test_what_fits_stays_whole(text: str) -> None:
    assert cut(text, max(2, units(text))) == ([text.strip()] if text.strip() else [])


def test_length_is_counted_as_platforms_do() -> None:
    assert units("giấy") == 4
    assert units("👍") == 2


def test_it_is_cut_between_paragraphs_first() -> None:
    text = "Giấy tờ:\n1. Tờ khai\n2. Giấy chứng sinh\n\nLệ phí: không."
    assert cut(text, 50) == ["Giấy tờ:\n1. Tờ khai\n2. Giấy chứng sinh", "Lệ phí: không."]


def test_then_between_lines_sentences_and_words() -> None:
    assert cut("1. Tờ khai\n2. Giấy chứng sinh", 20) == ["1. Tờ khai", "2. Giấy chứng sinh"]
    assert cut("Nộp tại quầy. Nhận sau ba ngày.", 20) == ["Nộp tại quầy.", "Nhận sau ba ngày."]
    assert cut("giấy chứng nhận quyền sử dụng", 20) == ["giấy chứng nhận", "quyền sử dụng"]


def test_a_number_in_a_list_is_no_end_of_a_sentence() -> None:
    assert cut("Anh chị nộp các giấy 1. Tờ khai", 25) == ["Anh chị nộp các giấy 1.", "Tờ khai"]


def test_what_a_reader_sees_as_one_is_not_cut() -> None:
    family = "👨‍👩‍👧"
    assert cut("x" * 6 + family, 10) == ["x" * 6, family]
    assert cut("abcde\u0323\u0302", 5) == ["abcd", "e\u0323\u0302"]
