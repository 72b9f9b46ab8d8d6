from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese import closest, one_slip

WORDS = {"khai", "sinh", "thuong", "thuoc", "phuong", "tru", "nghiep", "chuyen"}


def test_one_slip_is_forgiven_when_the_word_is_long_enough() -> None:
    assert closest("khia", WORDS) == "khai"
    assert closest("nghiepp", WORDS) == "nghiep"
    assert closest("sinh", WORDS) == "sinh"
    assert closest("chyuen", WORDS) == "chuyen"
    assert closest("tur", WORDS) is None
    assert closest("xyzt", WORDS) is None


def test_a_tie_is_no_answer() -> None:
    assert closest("huong", {"thuong", "phuong"}) is None
    assert closest("huong", {"thuong", "chuyen"}) == "thuong"


def test_the_distance_bounds_it() -> None:
    assert closest("nghipe", WORDS, 1) == "nghiep"
    assert closest("nghipexx", WORDS, 1) is None
    assert closest("khia", WORDS, 0) is None


@given(st.text(max_size=10), st.frozensets(st.text(max_size=8), max_size=8), st.integers(0, 3))
def test_the_answer_is_of_the_vocabulary(word: str, vocabulary: frozenset[str], distance: int) -> None:
    found = closest(word, vocabulary, distance)
    assert found is None or found in vocabulary


@pytest.mark.parametrize(
    ("word", "other", "near"),
    [("nieu", "nhieu", True), ("nahn", "nhan", True), ("dau", "dau", False), ("mhayj", "ngay", False)],
)
def test_one_slip_is_one_letter_or_two_swapped(word: str, other: str, near: bool) -> None:
    assert one_slip(word, other) is near
