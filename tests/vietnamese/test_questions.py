"""What asks, and what only tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese import Clause, asks, clauses, make_variant, questions


@pytest.mark.parametrize(
    "clause",
    [
        "nộp ở đâu",
        "lệ phí sao",
        "ai cấp",
        "mấy hôm xong",
        "ra mô mần",
        "mần răng",
        "mang chi",
        "có mất tiền không cháu",
        "được chưa ạ",
        "het bao nhieu tien",
        "may ngay co",
        "dc ko",
        "bn tien",
    ],
)
def test_a_question(clause: str) -> None:
    assert asks(clause)


@pytest.mark.parametrize(
    "clause",
    [
        "em đã ly hôn rồi",
        "tôi không có giấy",
        "chưa làm khai sinh",
        "xin bản sao khai sinh",
        "xin ban sao khai sinh",
        "phải đóng dấu",
        "phai dong dau",
        "mở phòng khám răng",
        "sua xe may",
        "mo quan an",
        "giấy tờ tôi có đủ rồi",
        "không",
        "",
    ],
)
def test_no_question(clause: str) -> None:
    assert not asks(clause)


@pytest.mark.parametrize("variant", ["folded", "telex", "vni"])
def test_it_asks_however_it_is_typed(variant: str) -> None:
    for clause in ("nộp ở đâu", "giấy tờ gì", "hết bao nhiêu tiền", "mấy ngày có", "được không em"):
        assert asks(make_variant(clause, variant, 1)), clause


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("làm thẻ thì cần giấy gì ra đâu làm", ["làm thẻ thì cần giấy gì", "ra đâu làm"]),
        ("lam the thi can giay gi ra dau lam", ["lam the thi can giay gi", "ra dau lam"]),
        (
            "đổi bằng hết bao nhiêu mấy ngày có tới đâu lấy",
            ["đổi bằng hết bao nhiêu", "mấy ngày có", "tới đâu lấy"],
        ),
        ("ai cấp mà bao lâu mới có", ["ai cấp", "mà bao lâu mới có"]),
        ("làm hộ chiếu cần giấy gì", []),
        ("tôi ở quê mới lên ra phường rồi tới đây", []),
        ("", []),
    ],
)
def test_the_questions_of_a_clause(clause: str, expected: list[str]) -> None:
    found = questions(Clause(clause, 3, 3 + len(clause)))
    assert [question.text for question in found] == expected
    assert all(clause[q.start - 3 : q.end - 3] == q.text for q in found)


@given(st.text(max_size=60))
def test_any_text_may_be_asked(text: str) -> None:
    assert asks(text) in (True, False)
    for clause in clauses(text):
        assert all(text[q.start : q.end] == q.text for q in questions(clause))
