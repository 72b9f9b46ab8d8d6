"""Where somebody lives is left out; the matter never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese import normalize, without_places


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("dời hộ khẩu từ Đồng Nai lên Bình Dương", "doi ho khau tu len"),
        ("chuyen khau tu nghe an vao sai gon", "chuyen khau tu vao"),
        ("em ở TPHCM muốn làm hộ chiếu", "em o thanh pho muon lam ho chieu"),
        ("làm căn cước ở Bà Rịa Vũng Tàu", "lam can cuoc o"),
        ("tham gia lại bảo hiểm", "tham gia lai bao hiem"),
        ("quảng cáo ngoài trời", "quang cao ngoai troi"),
        ("Hà Nội", "ha noi"),
        ("sang Hà Nội", "sang ha noi"),
    ],
)
def test_provinces_are_left_out(text: str, left: str) -> None:
    assert without_places(normalize(text)) == left


@given(st.lists(st.sampled_from("ha noi sai gon lam ho chieu nghe an can tho".split()), max_size=8))
def test_something_of_every_text_is_left(words: list[str]) -> None:
    left = without_places(" ".join(words)).split()
    assert len(left) >= min(2, len(words))
    rest = iter(words)
    assert all(word in rest for word in left), "nothing is added, and nothing moved"
