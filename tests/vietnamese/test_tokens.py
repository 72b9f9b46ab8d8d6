from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vietnamese import Token, clauses, fold, normalize, normalize_accented, tokenize
from vietnamese.resources import known_words, short_forms

PHRASES = [
    line.split("\t")
    for line in (Path(__file__).parent / "phrases.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
PIECES = [
    *short_forms(), *known_words().always, *known_words().unless_telex,
    *(word for phrase, _ in PHRASES for word in phrase.split()), "0912", "345", "678", "2", "1.5",
    "H15.50-1", "lượng1", "xẻo9", "12/2020/NĐ-CP", "e-mail", "i'm", "www.a.vn", "a@b.vn", "v.v", "v.",
    "v", "V", "(kết", "hôn),", "phí?", "-", ".", ",", "?", "!", "\n", "/", "_", "👍", "😂", "\u200b",
    "\u0301", "\u0302", "ðð", "９", "²", "ŉ", "İ", "ß",
]  # fmt: skip
messages = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text(alphabet="aăâdđeêioôơuưyáàảãạghcknmptrsxfjwz0123456789 .,/-", max_size=40),
)


@pytest.mark.parametrize(("typed", "expected"), PHRASES, ids=[phrase for phrase, _ in PHRASES])
def test_what_people_type(typed: str, expected: str) -> None:
    assert normalize(typed) == expected
    if not any(map(str.isdigit, typed)):
        assert normalize(typed.upper()) == expected


@given(messages)
@settings(max_examples=1500, deadline=None)
@example("ạ ơi k 0912, 345 678 lượng1 a5 thur")
@example("5.é6 việc50,000 xin1.2")
def test_normalising_twice_changes_nothing(message: str) -> None:
    once = normalize(message)
    assert normalize(once) == once


@given(messages)
@settings(max_examples=500, deadline=None)
@example("2\u0301 \u0301a\u200b")
def test_spans_point_into_the_original_in_order(message: str) -> None:
    end = 0
    for token in tokenize(message):
        assert token.text == message[token.start : token.end]
        assert end <= token.start < token.end <= len(message)
        assert token.lemma == fold(token.accented)
        assert token.lemma == " ".join(token.lemma.split()) != ""
        end = token.end
    # Words that stand for themselves are read without their neighbours: that changes nothing.
    assert normalize(message) == " ".join(token.lemma for token in tokenize(message))


@given(messages)
@settings(max_examples=300, deadline=None)
def test_clauses_are_spans_in_order_that_hold_every_token_but_conjunctions(message: str) -> None:
    end = 0
    for clause in clauses(message):
        assert clause.text == message[clause.start : clause.end]
        assert end <= clause.start < clause.end
        end = clause.end
    covered = [(clause.start, clause.end) for clause in clauses(message)]
    for token in tokenize(message):
        inside = any(start <= token.start and token.end <= end for start, end in covered)
        assert inside or token.lemma in ("va", "voi", "cung")


@pytest.mark.parametrize(("typed", "_expected"), PHRASES, ids=[phrase for phrase, _ in PHRASES])
def test_without_diacritics_it_is_the_same(typed: str, _expected: str) -> None:
    assert normalize(fold(typed)) == normalize(typed)


def test_a_token_keeps_what_was_typed_beside_what_it_means() -> None:
    assert tokenize("đkkh ở  đâu") == [
        Token("đkkh", "dang ky ket hon", 0, 4, "đăng ký kết hôn"),
        Token("ở", "o", 5, 6, "ở"),
        Token("đâu", "dau", 8, 11, "đâu"),
    ]


def test_invisible_and_decomposed_characters_stay_inside_their_token() -> None:
    message = "thu\u0309\u200b tu\u0323c"
    assert [(token.text, token.accented) for token in tokenize(message)] == [
        ("thu\u0309\u200b", "thủ"),
        ("tu\u0323c", "tục"),
    ]


def test_diacritics_are_given_where_they_are_known() -> None:
    assert normalize_accented("thur tucj ks ở đâu, giay to j") == "thủ tục khai sinh ở đâu giay to gì"


@pytest.mark.parametrize(
    "code",
    [
        "H15.50.05.13-261008-0975", "000.00.01.H15-261008-0975", "1.001193", "14/05/2019",
        "123/2015/NĐ-CP", "60/2024/QH15", "0912345678", "0912.345.678", "0912 345 678", "50.000", "B2", "A1",
        "C06", "x@y.vn", "https://dichvucong.gov.vn/a?b=1", "dichvucong.gov.vn",
    ],
)  # fmt: skip
def test_codes_numbers_and_addresses_are_one_token(code: str) -> None:
    tokens = tokenize(f"hỏi {code} ạ")
    assert [token.text for token in tokens] == ["hỏi", code, "ạ"]


def test_a_word_that_is_also_english_is_telex_only_beside_telex() -> None:
    assert normalize("is has of") == "is has of"
    assert normalize("has thur tucj") == "ha thu tuc"
    assert normalize("bằng A1 tuwj nooppj") == normalize("bằng A1 tự nooppj")


def test_long_messages_and_words_are_taken() -> None:
    assert normalize("a" * 10_000)
    assert len(tokenize("thủ tục " * 1250)) == 2500
