from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.metrics import (
    CAUSES,
    Bin,
    cause,
    confusions,
    expected_calibration_error,
    figures,
    reliability,
)
from bot.evaluation.outcome import Outcome, read_outcome
from bot.evaluation.questions import Question

BIRTH, LINKED, MARRIAGE = "dang-ky-khai-sinh", "lien-thong-khai-sinh", "dang-ky-ket-hon"


def asked(
    *meant: str | set[str], aspects: str = "documents", kinds: tuple[str, ...] = ("answer",)
) -> Question:
    ids = tuple(frozenset([m] if isinstance(m, str) else m) for m in meant)
    return Question("?", ids, (frozenset(aspects.split()),), kinds)


def told(procedure: str, *, score: float = 0.9, aspects: str = "documents", kind: str = "answer") -> Outcome:
    return Outcome((kind,), (procedure,), score, (procedure,), (), frozenset(aspects.split()))


def offered(*procedures: str, score: float = 0.5) -> Outcome:
    return Outcome(("choice",), procedures[:3], score, (), procedures, frozenset({"documents"}))


REFUSED = Outcome(("unknown",), aspects=frozenset({"overview"}))
NOT_OURS = Question("thời tiết?", (), (frozenset(),), ("unknown",))
GREETING = Question("chào", (), (frozenset(),), ("smalltalk",))


def test_each_figure_counts_over_the_questions_that_ask_for_it() -> None:
    rows = [
        (asked(BIRTH), told(BIRTH)),
        (asked(BIRTH), offered(MARRIAGE, BIRTH)),
        (asked(BIRTH), told(MARRIAGE, aspects="fee")),
        (asked(BIRTH), REFUSED),
        (NOT_OURS, REFUSED),
        (NOT_OURS, told(BIRTH)),
        (GREETING, Outcome(("smalltalk",))),
        (asked(BIRTH), Outcome(error="engine_unavailable")),
    ]
    assert figures(rows) == {
        "procedure_top1": 20.0,  # 1 of the 5 that mean a procedure
        "procedure_top3": 40.0,
        "several_found": None,  # nobody asks for two
        "aspects": 40.0,
        # 5 wanted; understood: documents, documents, fee, overview, nothing
        "aspects_f1": 44.44,
        "answered": 40.0,
        "wrongly_answered": 25.0,  # 2 of all 8
        "out_of_scope_caught": 50.0,
        "kind": 50.0,
        "calibration_error": 55.0,  # right 1 of 3 at 0.9, 0 of 1 at 0.5
        "no_answer": 12.5,
    }


def test_a_procedure_that_took_the_others_place_is_right() -> None:
    question = asked({"cap-lai-can-cuoc-cu", "cap-can-cuoc"})
    assert cause(question, told("cap-can-cuoc")) is None


def test_two_procedures_in_one_message_must_both_be_found() -> None:
    question = asked(BIRTH, "dang-ky-thuong-tru")
    only_one = told(BIRTH)
    both = Outcome(
        ("answer", "answer"), (BIRTH,), 0.9, (BIRTH, "dang-ky-thuong-tru"), (), frozenset({"documents"})
    )
    assert figures([(question, only_one), (question, both)])["several_found"] == 50.0
    assert cause(question, only_one) == "not all procedures found"
    assert cause(question, both) is None


def test_one_wrong_answer_beside_the_right_one_is_wrong() -> None:
    both = Outcome(("answer", "answer"), (BIRTH,), 0.9, (BIRTH, MARRIAGE), (), frozenset({"documents"}))
    assert figures([(asked(BIRTH), both)])["wrongly_answered"] == 100.0


def test_a_question_about_the_case_is_an_answer_and_may_be_wrong_too() -> None:
    assert cause(asked(BIRTH), told(BIRTH, kind="question")) is None
    assert cause(asked(BIRTH), told(MARRIAGE, kind="question")) == "wrong procedure answered"


@pytest.mark.parametrize(
    ("question", "outcome", "expected"),
    [
        (NOT_OURS, told(BIRTH), "out of scope, answered"),
        (NOT_OURS, offered(BIRTH), "out of scope, not refused"),
        (NOT_OURS, Outcome(error="x"), "no answer"),
        (NOT_OURS, Outcome(("handover",)), "kind"),
        (GREETING, told(BIRTH), "wrong procedure answered"),
        (GREETING, REFUSED, "kind"),
        (asked(BIRTH), told(MARRIAGE), "wrong procedure answered"),
        (asked(BIRTH), offered(MARRIAGE, BIRTH), "right procedure only offered"),
        (asked(BIRTH), offered(MARRIAGE), "right procedure not found"),
        (asked(BIRTH), REFUSED, "right procedure not found"),
        (asked(BIRTH), told(BIRTH, aspects="documents fee"), "aspects"),
        (asked(BIRTH), offered(BIRTH, MARRIAGE), "kind"),
    ],
)
def test_a_miss_has_one_cause(question: Question, outcome: Outcome, expected: str) -> None:
    assert cause(question, outcome) == expected


def test_another_right_reading_of_the_aspects_counts() -> None:
    both = (frozenset({"overview"}), frozenset({"method"}))
    question = Question("làm sao?", (frozenset({BIRTH}),), both, ("answer",))
    rows = [(question, told(BIRTH, aspects="method")), (question, told(BIRTH, aspects="overview"))]
    assert figures(rows)["aspects"] == figures(rows)["aspects_f1"] == 100.0


def test_a_set_that_allows_a_choice_counts_it_as_caught() -> None:
    question = Question("thành lập công ty?", (), (frozenset(),), ("unknown", "choice"))
    assert cause(question, offered(BIRTH)) is None
    assert figures([(question, offered(BIRTH))])["out_of_scope_caught"] == 100.0


def test_reliability_tells_confidence_from_being_right() -> None:
    sure_and_right = [(asked(BIRTH), told(BIRTH, score=0.95))] * 19
    sure_and_wrong = [(asked(MARRIAGE), told(BIRTH, score=0.95))]
    bins = reliability(sure_and_right + sure_and_wrong)
    assert bins == [Bin(0.9, 1.0, 20, 0.95, 0.95)]
    assert expected_calibration_error(bins) == 0.0


def test_a_score_for_a_message_that_means_no_procedure_is_a_wrong_score() -> None:
    rows = [(NOT_OURS, offered(BIRTH, score=0.75)), (asked(BIRTH), told(BIRTH, score=1.0))]
    assert [(b.low, b.right) for b in reliability(rows)] == [(0.7, 0.0), (0.9, 1.0)]
    assert expected_calibration_error(reliability(rows)) == pytest.approx(0.375)


def test_confusions_count_pairs_and_leave_right_ones_and_refusals_of_strangers_out() -> None:
    rows = [
        (asked(BIRTH), told(LINKED)),
        (asked(BIRTH), offered(LINKED, BIRTH)),
        (asked(BIRTH), told(BIRTH)),
        (asked(BIRTH), REFUSED),
        (NOT_OURS, REFUSED),
        (NOT_OURS, offered(BIRTH)),
        (NOT_OURS, told(BIRTH)),
    ]
    assert confusions(rows) == {(BIRTH, LINKED): 2, (BIRTH, "-"): 1, ("-", BIRTH): 1}


def test_the_outcome_is_read_off_a_recorded_answer() -> None:
    answer = {
        "replies": [
            {
                "kind": "answer",
                "text": "…",
                "procedure": BIRTH,
                "aspects": ["documents"],
                "buttons": [{"title": "Lệ phí", "payload": f"ask?procedure={BIRTH}&aspect=fee"}],
            },
            {
                "kind": "choice",
                "text": "…",
                "procedure": None,
                "buttons": [
                    {
                        "title": "Kết hôn",
                        "payload": f"choose_procedure?procedure={MARRIAGE}&aspect=documents",
                    },
                    {"title": "Gặp cán bộ", "payload": "talk_to_person"},
                ],
            },
        ],
        "understood": {
            "intent": "ask_documents",
            "confidence": 0.98,
            "procedures": [
                {"id": id, "code": "1", "score": score}
                for id, score in ((BIRTH, 1.2), (LINKED, 0.1), ("c", 0.05), ("d", 0.01))
            ],
            "aspects": ["documents", "fee"],
        },
    }
    assert read_outcome(answer) == Outcome(
        kinds=("answer", "choice"),
        ranked=(BIRTH, LINKED, "c"),
        score=1.0,
        answered=(BIRTH,),
        offered=(BIRTH, MARRIAGE),
        aspects=frozenset({"documents", "fee"}),
    )


def test_an_answer_without_aspects_is_the_overview() -> None:
    answer = {"replies": [{"kind": "answer", "text": "…", "procedure": BIRTH}], "understood": {"intent": "x"}}
    assert read_outcome(answer).aspects == {"overview"}
    assert read_outcome(answer).first == BIRTH


def test_an_error_is_no_answer() -> None:
    outcome = read_outcome({"error": {"code": "engine_unavailable", "message": "…"}})
    assert outcome == Outcome(error="engine_unavailable")


def test_silence_is_no_answer() -> None:
    answer = {"replies": [], "understood": {"procedures": [{"id": BIRTH, "score": 0.9}], "aspects": ["fee"]}}
    assert read_outcome(answer) == Outcome(error="no_reply")


IDS = st.sampled_from([BIRTH, LINKED, MARRIAGE])
SOME_IDS = st.lists(IDS, max_size=3, unique=True).map(tuple)
ASPECTS = st.frozensets(st.sampled_from(["documents", "fee", "overview"]))
KINDS = st.lists(st.sampled_from(["answer", "choice", "unknown", "smalltalk"]), min_size=1, max_size=2).map(
    tuple
)
QUESTIONS = st.builds(
    Question,
    st.text(),
    st.lists(st.frozensets(IDS, min_size=1), max_size=2).map(tuple),
    st.lists(ASPECTS, min_size=1, max_size=2).map(tuple),
    KINDS,
)
OUTCOMES = st.builds(
    Outcome,
    KINDS,
    SOME_IDS,
    st.none() | st.floats(0, 1),
    SOME_IDS,
    SOME_IDS,
    ASPECTS,
    st.sampled_from(["", "x"]),
)


@given(st.lists(st.tuples(QUESTIONS, OUTCOMES), max_size=12))
def test_figures_are_shares_whatever_happened(rows: list[tuple[Question, Outcome]]) -> None:
    found = figures(rows)
    assert all(value is None or 0 <= value <= 100 for value in found.values())
    assert (found["procedure_top1"] or 0) <= (found["procedure_top3"] or 0)
    assert sum(b.count for b in reliability(rows)) == sum(o.score is not None for _, o in rows)
    assert {cause(q, o) for q, o in rows} <= {None, *CAUSES}
