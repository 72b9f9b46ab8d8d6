from __future__ import annotations

import pytest

from bot.engine.slips import OFTEN, OFTEN_FOR_KNOWN, Slips

SAID = [
    *["het bao nhieu tien"] * OFTEN_FOR_KNOWN,
    *["can giay to gi"] * OFTEN,
    *["nop ho so o dau"] * OFTEN,
    *["ho khau"] * OFTEN,
    "ba nam nieu",
]


@pytest.fixture(scope="module")
def slips() -> Slips:
    return Slips.learnt(SAID)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("het bao nieu tien", "het bao nhieu tien"),
        ("can giay to g", "can giay to gi"),
        ("op ho so o dau", "nop ho so o dau"),
        ("nopho so o dau", "nop ho so o dau"),
        ("can giayto gi", "can giay to gi"),
    ],
)
def test_a_slip_is_mended_by_the_words_beside_it(slips: Slips, typed: str, meant: str) -> None:
    assert slips.mend(typed) == meant


@pytest.mark.parametrize("typed", [*SAID, "", "nieu", "het bao 12 tien", "mua ve may bay di hue"])
def test_what_was_seen_or_says_nothing_stays(slips: Slips, typed: str) -> None:
    assert slips.mend(typed) == typed


def test_between_two_that_are_as_likely_nothing_is_guessed() -> None:
    slips = Slips.learnt([*["giay to bo"] * OFTEN, *["giay ta bo"] * OFTEN])
    assert slips.mend("giay ti bo") == "giay ti bo"


def test_it_comes_back_from_plain_arrays(slips: Slips) -> None:
    again = Slips.from_state(slips.state())
    assert all(again.mend(text) == slips.mend(text) for text in (*SAID, "het bao nieu tien", "nopho so"))
