"""What counts as asked in a message of several clauses."""

from __future__ import annotations

import numpy as np
import pytest

from bot.engine.joining import Joining, ReadClause
from vietnamese import clauses

NAMES = ["ask_fee", "ask_time", "ask_method", "centre_address", "out_of_scope"]
FEE, TIME, METHOD, CENTRE, OUTSIDE = range(5)
JOINING = Joining(
    np.array([True, True, True, False, False]), np.array([False] * 3 + [True, False]), 0.72, 0.95, 0.5, 0.1
)


def told(text: str, *found: dict[int, float]) -> list[ReadClause]:
    spans = clauses(text)
    assert len(spans) == len(found)
    return [ReadClause(clause, row(values)) for clause, values in zip(spans, found, strict=True)]


def row(values: dict[int, float]) -> np.ndarray:
    return np.array([values.get(intent, 0.01) for intent in range(len(NAMES))])


def counted(text: str, whole: dict[int, float], *found: dict[int, float]) -> set[int]:
    return set(np.flatnonzero(JOINING.found(row(whole), told(text, *found)) >= 0.72))


def test_one_clause_is_read_as_it_is() -> None:
    whole = row({FEE: 0.8})
    assert JOINING.found(whole, []) is whole


def test_a_question_that_asks_nothing_else_asks_what_it_is_likeliest_to_ask() -> None:
    assert counted(
        "đổi bằng thì phí sao, mấy hôm xong", {FEE: 0.3, TIME: 0.95}, {FEE: 0.6}, {TIME: 1 - 1e-4}
    ) == {
        FEE,
        TIME,
    }


@pytest.mark.parametrize(
    ("text", "fee_in_whole", "first"),
    [
        ("đóng phí rồi, mấy hôm xong", 0.3, {FEE: 0.6}),  # told, not asked
        ("đổi bằng thì phí sao, mấy hôm xong", 0.05, {FEE: 0.6}),  # the whole has heard nothing of it
        ("đổi bằng thì phí sao, mấy hôm xong", 0.3, {FEE: 0.4}),  # not likely enough
        ("đổi bằng thì bao giờ, mấy hôm xong", 0.3, {FEE: 0.6, TIME: 0.55}),  # it asks what counts already
    ],
)
def test_what_is_no_further_question(text: str, fee_in_whole: float, first: dict[int, float]) -> None:
    assert counted(text, {FEE: fee_in_whole, TIME: 0.95}, first, {TIME: 1 - 1e-4}) == {TIME}


def test_where_nothing_counts_nothing_is_asked_beside_it() -> None:
    assert counted("nhà em nghèo, phí sao", {FEE: 0.3}, {}, {FEE: 0.6}) == set()


def test_clauses_refuse_nothing_and_ask_of_the_centre_only_when_they_are_sure() -> None:
    text = "nhà em nghèo, trung tâm ở đâu"
    assert counted(text, {}, {OUTSIDE: 0.99}, {CENTRE: 0.9}) == set()
    assert counted(text, {}, {OUTSIDE: 0.99}, {CENTRE: 0.97}) == {CENTRE}


def test_the_clauses_that_ask_are_named() -> None:
    text = "đổi bằng thì phí sao, mấy hôm xong"
    read = told(text, {FEE: 0.6, METHOD: 0.55}, {TIME: 0.9})
    spans = [[clause.start, clause.end] for clause in clauses(text)]
    assert JOINING.asked_in(FEE, read) == [spans[0]]
    assert JOINING.asked_in(TIME, read) == [spans[1]]
    assert JOINING.asked_in(METHOD, read) == []
