from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vietnamese import fold, tokenize
from vietnamese.mending import LONGEST_TEXT, Mender, Said

OFTEN_SAID = (
    "lam cai nay het bao nhieu tien",
    "cho hoi can giay to gi",
    "nop ho so o dau",
    "mat bao lau thi co",
    "dang ky ket hon cho nguoi o xa",
    "gia dat o day",
)


@pytest.fixture(scope="module")
def mender() -> Mender:
    return Mender(Mender.counted(text.split() for text in OFTEN_SAID * 200))


def read(text: str) -> list[Said]:
    return [Said(fold(token.text.lower()), tuple(token.lemma.split())) for token in tokenize(text)]


def mended(mender: Mender, text: str) -> str:
    return " ".join(word for words in mender.mend(read(text)) for word in words)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hết bao niêu tiền", "het bao nhieu tien"),  # a letter left out leaves a syllable
        ("het bao nhiwu tien", "het bao nhieu tien"),  # a neighbouring key
        ("can giayy tto gi", "can giay to gi"),  # doubled, one beside another
        ("nop ho os o dau", "nop ho so o dau"),  # swapped
        ("nopho so odau", "nop ho so o dau"),  # the space is missing
        ("nop ho so o da", "nop ho so o dau"),
        ("cần giấy tờ hì", "can giay to gi"),
        ("dt o day", "dat o day"),  # not the short form "điện thoại" here
        ("đăng ký kết hôn cho nguòi ở xa", "dang ky ket hon cho nguoi o xa"),
    ],
)
def test_what_was_most_likely_meant_is_read(mender: Mender, typed: str, meant: str) -> None:
    assert mended(mender, typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        *OFTEN_SAID,
        "bao nhieu cho ho so ket hon",  # no pair of its words was seen, each of them was
        "nop o 12 dau",
        "mua ve may bay di hue",
    ],
)
def test_what_may_be_meant_stays(mender: Mender, typed: str) -> None:
    assert mended(mender, typed) == typed


def test_a_word_that_was_seen_beside_both_neighbours_is_not_doubted() -> None:
    mender = Mender(Mender.counted(text.split() for text in ["giay to bo"] * 500 + ["giay ta bo"]))
    assert mended(mender, "giay ta bo") == "giay ta bo"
    assert mended(mender, "giay ro bo") == "giay to bo"


def test_what_knows_nothing_changes_nothing() -> None:
    assert mended(Mender({}), "het bao nieu tien") == "het bao nieu tien"
    assert Mender({}).mend([]) == []


def test_a_very_long_text_is_mended_where_it_begins(mender: Mender) -> None:
    words = mended(mender, "bao niêu " * LONGEST_TEXT).split()
    assert words[:2] == ["bao", "nhieu"]
    assert words[-2:] == ["bao", "nieu"]


@given(st.lists(st.text("abdeghiknotu", min_size=1, max_size=7), max_size=8).map(" ".join))
@settings(max_examples=60, deadline=None)
def test_each_token_keeps_its_place(mender: Mender, text: str) -> None:
    said = read(text)
    found = mender.mend(said)
    assert len(found) == len(said)
    assert all(found)
