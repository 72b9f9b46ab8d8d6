"""What a new model may not make worse: the learned questions one by one, the baseline by its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.evaluation.gate import learned_questions, right, worse
from bot.evaluation.metrics import figures
from bot.evaluation.outcome import Outcome
from bot.evaluation.questions import Question
from procedures_catalog.learned import Learned
from procedures_catalog.learned import Question as LearnedQuestion

OLD, NEW = Path("old"), Path("new")
BIRTH, WEDDING = "dang-ky-khai-sinh", "dang-ky-ket-hon"
LEARNED = learned_questions(
    Learned(
        [
            LearnedQuestion("lam ghe cho be", BIRTH, ["documents"]),
            LearnedQuestion("giấy cưới", WEDDING),
        ],
        ["mua vé tàu"],
    ),
    lambda key: frozenset({key}),
)
DEVELOPMENT = [
    Question(f"câu {n}", (frozenset({BIRTH}),), (frozenset({"fee"}),), ("answer",)) for n in range(20)
]


def told(procedure: str, *aspects: str) -> Outcome:
    return Outcome(("answer",), (procedure,), 0.9, (procedure,), (), frozenset(aspects or ("overview",)))


NOT_KNOWN = Outcome(kinds=("unknown",), aspects=frozenset({"overview"}))
GOOD: dict[str, Outcome] = {
    "lam ghe cho be": told(BIRTH, "documents"),
    "giấy cưới": told(WEDDING, "time"),
    "mua vé tàu": NOT_KNOWN,
    **{question.text: told(BIRTH, "fee") for question in DEVELOPMENT},
}
RECORDED = figures([(question, GOOD[question.text]) for question in DEVELOPMENT])


def judged(before: Mapping[str, Outcome], after: Mapping[str, Outcome]) -> list[str]:
    def ask(model: Path, texts: Sequence[str]) -> list[Outcome]:
        known = {**GOOD, **(before if model == OLD else after)}
        return [known[text] for text in texts]

    return worse(LEARNED, DEVELOPMENT, RECORDED, NEW, OLD, ask)


def test_a_model_that_understands_the_same_is_taken() -> None:
    assert judged({}, {}) == []


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("lam ghe cho be", told(WEDDING, "documents")),
        ("lam ghe cho be", told(BIRTH, "fee")),
        ("lam ghe cho be", Outcome(error="engine_away")),
        ("giấy cưới", NOT_KNOWN),
        ("mua vé tàu", told(BIRTH)),
    ],
)
def test_a_learned_question_that_gets_worse_is_named(text: str, outcome: Outcome) -> None:
    (line,) = judged({}, {text: outcome})
    assert f"“{text}”" in line


def test_what_was_wrong_before_may_stay_wrong_and_may_get_right() -> None:
    wrong = {"lam ghe cho be": told(WEDDING, "documents")}
    assert judged(wrong, wrong) == []
    assert judged(wrong, {}) == []


def test_the_baseline_may_not_fall_and_what_falls_with_it_is_named() -> None:
    lines = judged({}, {"câu 3": told(WEDDING, "fee"), "câu 4": NOT_KNOWN})
    assert any("procedure_top1 was 100.00, is 90.00" in line for line in lines)
    assert "“câu 3”" in lines and "“câu 4”" in lines and "“câu 5”" not in lines


def test_what_the_centre_had_changed_before_is_not_held_against_a_training() -> None:
    already = {"câu 3": told(WEDDING, "fee")}
    assert judged(already, already) == []
    assert judged(already, {**already, "câu 4": told(WEDDING, "fee")}) != []


def test_any_aspect_will_do_where_none_was_named() -> None:
    assert right(LEARNED[1], told(WEDDING, "fee")) and not right(LEARNED[0], told(BIRTH, "documents", "fee"))
