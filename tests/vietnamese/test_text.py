from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese import canonical_tone, clean, fold, nfc

text = st.text()


@given(text)
def test_folding_and_cleaning_are_idempotent_on_any_text(message: str) -> None:
    assert fold(fold(message)) == fold(message)
    assert nfc(nfc(message)) == nfc(message)
    assert clean(clean(message)) == clean(message)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FF)))
def test_folding_gives_one_character_for_each(message: str) -> None:
    assert len(fold(message)) == len(nfc(message))


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("ĐƯỜNG Đặng Thuỳ Trâm", "duong dang thuy tram"),
        ("Ðường ðất", "duong dat"),
        (unicodedata.normalize("NFD", "Thủ tục hộ tịch"), "thu tuc ho tich"),
        ("đe\u0323\u0302", "de"),
        ("ｔｈủ 𝐭ụ𝐜", "thu tuc"),
        ("m²", "m2"),
    ],
)
def test_folding_drops_every_kind_of_diacritic(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_nfc_puts_a_tone_typed_before_its_circumflex_in_place() -> None:
    assert nfc("e\u0301\u0302") == "ế"
    assert nfc("u\u0323\u031bt") == "ựt"


def test_cleaning_removes_what_cannot_be_seen_and_keeps_lines() -> None:
    assert clean("thủ\u200b tục\x00\u00adkhai\nsinh\ufeff") == "thủ tục khai\nsinh"


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("hoà", "hòa"), ("hòa", "hòa"), ("uỷ", "ủy"), ("thuý", "thúy"), ("khoẻ", "khỏe"), ("tòan", "toàn"),
        ("quý", "quý"), ("quí", "quí"), ("giấy", "giấy"), ("gìn", "gìn"), ("tuỳ", "tùy"), ("huỷ", "hủy"),
        ("thuở", "thuở"), ("ĐƯỢC", "được"), ("hòang", "hoàng"), ("nghĩa", "nghĩa"), ("khuỷu", "khuỷu"),
        ("internet", "internet"),
    ],
)  # fmt: skip
def test_tone_goes_to_its_older_place(written: str, canonical: str) -> None:
    assert canonical_tone(written) == canonical
