from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.augment import (
    EXCHANGES,
    OUTSIDE,
    Example,
    Wordings,
    asks_about_a_procedure,
    augment,
    to_lemmas,
)

FEE = Example("khai sinh lệ phí bao nhiêu", frozenset({"ask_fee"}), ((0, 9),))
TIME = Example("mất bao lâu", frozenset({"ask_time"}))
GREET = Example("xin chào", frozenset({"greet"}))
PERSON = Example("cho gặp cán bộ", frozenset({"talk_to_person"}))
EXAMPLES = [FEE, TIME, GREET, PERSON]
WORDINGS = Wordings(
    names=["sang tên sổ đỏ", "đăng ký kết hôn"],
    messages=["con tôi mới sinh ở bệnh viện huyện"],
    elsewhere=["mua vé máy bay"],
)


def rows(examples=EXAMPLES, wordings=WORDINGS, seed: int = 1):
    return augment(examples, wordings, random.Random(seed))


def test_every_example_stays_as_it_is() -> None:
    found = rows()
    for example in EXAMPLES:
        assert any(
            row.lemmas == to_lemmas(example.text) and row.holds == example.intents and not row.open
            for row in found
        )


def test_names_are_exchanged_and_the_question_stays() -> None:
    fees = [row.lemmas for row in rows() if row.holds == {"ask_fee"} and not (row.open or row.slipped)]
    assert len(fees) >= EXCHANGES
    assert "sang ten so do le phi bao nhieu" in fees
    assert "dang ky ket hon le phi bao nhieu" in fees
    assert all(lemmas.endswith("le phi bao nhieu") for lemmas in fees if "bao lau" not in lemmas)


def test_without_a_name_nothing_is_exchanged() -> None:
    assert {row.lemmas for row in rows([TIME], Wordings())} == {"mat bao lau", "mat bao lau mat bao lau"} | {
        row.lemmas for row in rows([TIME], Wordings()) if row.lemmas.startswith("mat bao lau ")
    }


def test_some_rows_come_again_with_slips_and_ask_the_same() -> None:
    plain = {row.lemmas: row.holds for row in rows() if not row.slipped}
    slipped = [row for row in rows() if row.slipped]
    assert 0 < len(slipped) < len(plain)
    assert any(row.lemmas not in plain for row in slipped)
    assert {row.holds for row in slipped} <= set(plain.values())


def test_two_questions_in_one_breath_hold_both() -> None:
    both = [row for row in rows() if row.holds == {"ask_fee", "ask_time"} and not row.slipped]
    assert both
    for row in both:
        assert "le phi bao nhieu" in row.lemmas
        assert "mat bao lau" in row.lemmas


def test_a_courtesy_before_a_question_holds_too() -> None:
    assert any(row.holds == {"greet", "ask_fee"} and row.lemmas.startswith("xin chao") for row in rows())
    assert not any({"greet"} < row.holds and row.lemmas == "xin chao xin chao" for row in rows())


def test_stories_of_the_catalogue_leave_open_what_they_ask() -> None:
    story = to_lemmas(WORDINGS.messages[0])
    with_story = [row for row in rows() if story in row.lemmas]
    assert with_story
    assert all(row.open for row in with_story)
    assert any(row.lemmas == story and row.holds == frozenset() for row in with_story)


def test_matters_elsewhere_asked_about_are_out_of_scope() -> None:
    outside = [row for row in rows() if "mua ve may bay" in row.lemmas]
    assert outside
    assert all(row.holds == {OUTSIDE} and row.open for row in outside)


def test_the_same_seed_makes_the_same_rows() -> None:
    assert rows(seed=5) == rows(seed=5)
    assert rows(seed=5) != rows(seed=6)


@pytest.mark.parametrize(
    ("intent", "asks"),
    [("ask_fee", True), ("name_procedure", True), ("greet", False), ("out_of_scope", False), ("ask", False)],
)
def test_what_asks_about_a_procedure(intent: str, asks: bool) -> None:
    assert asks_about_a_procedure(intent) == asks


SPANS = st.text("khai sinh abc ", max_size=30).flatmap(
    lambda text: st.tuples(st.just(text), st.integers(0, len(text)), st.integers(0, len(text)))
)


@given(st.lists(SPANS, min_size=1, max_size=4), st.integers(0, 1000))
def test_any_examples_make_rows_of_known_intents(texts, seed) -> None:
    examples = [
        Example(text, frozenset({"ask_fee"}), ((min(a, b), max(a, b)),) if a != b else ())
        for text, a, b in texts
    ]
    for row in rows(examples, WORDINGS, seed):
        assert row.holds <= {"ask_fee", OUTSIDE}
