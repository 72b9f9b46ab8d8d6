"""Case questions answered in words: surely recognised, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases import recognised_choice
from procedures_catalog import Catalog
from procedures_catalog.background import read_background
from procedures_catalog.model import Case, Choice
from vietnamese import fold

BIRTH = Case(
    id="be",
    question="Bé thuộc trường hợp nào ạ?",
    choices=[
        Choice(id="co", label="Có giấy chứng sinh", also=["sinh ở bệnh viện", "có chứng sinh"]),
        Choice(id="khong", label="Không có giấy chứng sinh", also=["sinh ở nhà", "đẻ rơi"]),
        Choice(id="bo-roi", label="Trẻ bị bỏ rơi", also=["nhặt được", "bị bỏ rơi"]),
    ],
)
WHO = Case(
    id="ai",
    question="Ai sẽ đi làm ạ?",
    choices=[
        Choice(id="tu-lam", label="Tự đi làm", also=["tôi", "chính chủ"]),
        Choice(id="nho", label="Nhờ người khác đi thay", also=["ủy quyền", "đi thay"]),
    ],
)
MARRIED = Case(
    id="ket-hon",
    question="Cha mẹ bé đã đăng ký kết hôn chưa ạ?",
    choices=[Choice(id="roi", label="Đã đăng ký kết hôn"), Choice(id="chua", label="Chưa đăng ký kết hôn")],
)
LICENCE = Case(
    id="hang",
    question="Hạng nào ạ?",
    choices=[
        Choice(id="xe-may", label="Xe máy", also=["A", "A1"]),
        Choice(id="o-to", label="Ô tô", also=["B"]),
    ],
)


@pytest.mark.parametrize(
    ("case", "text", "choice"),
    [
        (BIRTH, "Có giấy chứng sinh", "co"),
        (BIRTH, "Không có giấy chứng sinh", "khong"),
        (BIRTH, "khong co giay chung sinh", "khong"),
        (BIRTH, "dạ bé không có giấy chứng sinh ạ", "khong"),
        (BIRTH, "cháu sinh ở nhà", "khong"),
        (BIRTH, "sinh ở bệnh viện nhé em", "co"),
        (BIRTH, "nhặt được", "bo-roi"),
        (BIRTH, "bé bị bỏ rơi", "bo-roi"),
        (BIRTH, "co giay chug sinh", "co"),
        (WHO, "tôi đi", "tu-lam"),
        (WHO, "Tôi", "tu-lam"),
        (WHO, "ủy quyền", "nho"),
        (WHO, "nhờ người khác đi thay tôi", "nho"),
        (MARRIED, "rồi", "roi"),
        (MARRIED, "dạ rồi ạ", "roi"),
        (MARRIED, "có", "roi"),
        (MARRIED, "chưa", "chua"),
        (MARRIED, "dạ chưa em ơi", "chua"),
        (MARRIED, "ko", "chua"),
        (MARRIED, "không có", "chua"),
        (LICENCE, "A1", "xe-may"),
        (LICENCE, "a", "xe-may"),
        (LICENCE, "dạ ô tô ạ", "o-to"),
    ],
)  # fmt: skip
def test_recognised(case: Case, text: str, choice: str) -> None:
    assert recognised_choice(case, text) == choice


@pytest.mark.parametrize(
    ("text", "choice"),
    [("1", "co"), ("3", "bo-roi"), ("số 2", "khong"), ("cái thứ hai", "khong"), ("thứ nhất", "co")],
)
def test_by_number(text: str, choice: str) -> None:
    assert recognised_choice(BIRTH, text) == choice


AGE = Case(
    id="tuoi",
    question="Bao nhiêu tuổi ạ?",
    choices=[
        Choice(id="nho", label="Dưới 6 tuổi"),
        Choice(id="tre", label="Từ 6 đến dưới 14 tuổi"),
        Choice(id="lon", label="Từ 14 tuổi trở lên"),
    ],
)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("cho cháu 5 tuổi", "nho"),
        ("cháu 6 tuổi", "tre"),
        ("be 13 tuoi", "tre"),
        ("mẹ tôi 82 tuổi", "lon"),
        ("dưới 6 tuổi", "nho"),
        ("con 5 tuổi và con 9 tuổi", None),
        ("trên 3 tuổi", None),
    ],
)
def test_an_age_is_within_one_choice(text: str, choice: str | None) -> None:
    assert recognised_choice(AGE, text) == choice


@pytest.mark.parametrize("text", ["0", "4", "số 9", "12", "2 bản"])
def test_a_number_of_no_choice_is_no_answer(text: str) -> None:
    assert recognised_choice(BIRTH, text) is None


@pytest.mark.parametrize(
    ("case", "text"),
    [
        (MARRIED, "mất phí không"),
        (MARRIED, "có mất tiền không"),
        (MARRIED, "được không ạ"),
        (MARRIED, "chờ lâu không"),
        (MARRIED, "có được không"),
        (MARRIED, "mấy ngày có"),
        (MARRIED, "có phải làm không"),
        (WHO, "cho tôi hỏi lệ phí bao nhiêu"),
        (WHO, "tôi muốn gặp cán bộ"),
        (WHO, "ủy quyền có phải chứng thực không"),
        (WHO, "không nhờ ai đi thay"),
        (BIRTH, "có cần giấy chứng sinh không"),
        (BIRTH, "giấy chứng sinh là gì"),
        (LICENCE, "dạ"),
        (LICENCE, "ạ"),
    ],
)
def test_another_question_is_no_answer(case: Case, text: str) -> None:
    assert recognised_choice(case, text) in (None, "xe-may" if fold(text) == "a" else None)


def test_words_out_of_several_names_are_no_answer(catalog: Catalog) -> None:
    death = catalog.get("dang-ky-khai-tu").cases[0]
    assert recognised_choice(death, "bố mất ở nhà") == "o-nha"  # and not "tòa án tuyên bố"
    assert recognised_choice(death, "bố mất tại nhà") == "o-nha"
    assert recognised_choice(death, "tòa tuyên bố chết") == "toa-an"


def test_two_choices_at_once_are_no_answer() -> None:
    assert recognised_choice(WHO, "tự đi làm hoặc ủy quyền") is None


def test_yes_says_nothing_where_no_choice_says_no() -> None:
    assert recognised_choice(WHO, "vâng") is None
    assert recognised_choice(BIRTH, "không") is None


def all_cases(catalog: Catalog) -> list[Case]:
    return [case for procedure in catalog for case in procedure.cases]


@pytest.mark.parametrize("typed", [str, str.lower, fold], ids=["as written", "lower case", "without marks"])
def test_every_wording_of_every_entry_means_its_own_choice(catalog: Catalog, typed) -> None:
    wrong = [
        (case.question, wording, found)
        for case in all_cases(catalog)
        for choice in case.choices
        for wording in (choice.label, *choice.also)
        if (found := recognised_choice(case, typed(wording))) != choice.id
    ]
    assert wrong == []


def test_follow_up_questions_answer_no_case(catalog: Catalog) -> None:
    """What people ask between two case questions must not be swallowed as an answer."""
    questions = [text for text in read_background().unnamed if len(text.split()) > 2]
    cases = all_cases(catalog)
    taken = [(text, case.question) for text in questions for case in cases if recognised_choice(case, text)]
    assert len(taken) <= len(questions) * len(cases) / 1000, taken


@given(st.text(max_size=60) | st.text("có không chưa rồi 123 gì", max_size=40))
def test_any_text_is_safe(text: str) -> None:
    assert recognised_choice(MARRIED, text) in (None, "roi", "chua")
