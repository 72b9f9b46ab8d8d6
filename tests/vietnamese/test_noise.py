from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese import VARIANTS, fold, make_variant, normalize

QUESTIONS = [
    "Đăng ký khai sinh cho con cần những giấy tờ gì?",
    "Hồ sơ H15.50.05.13-261008-0975 của tôi đã xong chưa?",
    "Lệ phí xin trích lục kết hôn bao nhiêu, nộp ở đâu vậy anh chị",
    "Vợ chồng em muốn tách hộ khẩu thì làm thế nào",
    "Chuyển nhượng quyền sử dụng đất mất bao lâu thì có kết quả",
    "Người cao tuổi không có lương hưu được trợ cấp bao nhiêu tiền một tháng",
]


@given(st.text(max_size=80), st.sampled_from(VARIANTS), st.integers())
def test_any_text_has_variants_and_the_seed_fixes_them(text: str, variant: str, seed: int) -> None:
    assert make_variant(text, variant, seed) == make_variant(text, variant, seed)


def test_an_unknown_variant_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="shouting"):
        make_variant("khai sinh", "shouting", 1)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("variant", ["clean", "folded", "telex", "vni"])
def test_keyboard_variants_normalise_as_the_clean_question(question: str, variant: str) -> None:
    for seed in range(20):
        assert normalize(make_variant(question, variant, seed)) == normalize(question)


def test_folding_keeps_capitals() -> None:
    assert make_variant("Đăng Ký ở UBND", "folded", 1) == "Dang Ky o UBND"


@pytest.mark.parametrize("variant", ["telex", "vni", "typos", "teencode"])
def test_noise_changes_messages_but_never_codes(variant: str) -> None:
    changed = 0
    for seed in range(30):
        noisy = make_variant(QUESTIONS[1], variant, seed)
        assert "H15.50.05.13-261008-0975" in noisy
        changed += fold(noisy) != fold(QUESTIONS[1])
    assert changed > 15


def test_about_one_word_in_eight_has_a_slip() -> None:
    text = " ".join(["giấy"] * 4000)
    whole = len(re.findall(r"(?<!\S)(?:giấy|giay)(?!\S)", make_variant(text, "typos", 7)))
    assert 0.10 < 1 - whole / 4000 < 0.18


def test_about_seventy_percent_of_marked_words_stay_in_telex() -> None:
    typed = make_variant(" ".join(["giấy"] * 4000), "telex", 7).split()
    assert 0.66 < 1 - typed.count("giấy") / 4000 < 0.74


def test_frequent_words_are_shortened_more_often_than_others() -> None:
    text = " ".join(["không có"] * 2000)
    words = make_variant(text, "teencode", 3).lower().split()
    assert 600 < sum(word in ("không", "khong") for word in words) < 1000
    assert sum(fold(word) == "co" for word in words) > 1700
