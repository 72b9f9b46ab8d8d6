"""The classifier: what scikit-learn fits to all columns, of what has many wordings; not again for names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from procedures_catalog import classifier, kept_index
from procedures_catalog.classifier import TAUGHT_FROM, Classifier, Lessons, fit, taught
from procedures_catalog.model import Procedure, Source
from procedures_catalog.ngrams import Features
from procedures_catalog.search import Ranker

CLASSES, WORDINGS, WORDS = 5, 60, 40
NOTHING_KNOWN = Features(*(np.zeros(0) for _ in range(4)))


@pytest.fixture(scope="module")
def rows() -> csr_matrix:
    """Wordings of a few words; each word is held by a column, and by three more that hold no other."""
    draw = np.random.default_rng(3)
    words = (draw.random((WORDINGS, WORDS)) < 0.1) * draw.uniform(1, 2, (WORDINGS, WORDS))
    words[np.arange(WORDINGS), np.arange(WORDINGS) % CLASSES] += 2
    alike = np.hstack([words, words[:, ::-1] * 0.5, words * 3.0, words[:, :7], np.zeros((WORDINGS, 2))])
    return csr_matrix(alike / np.linalg.norm(alike, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def whose() -> np.ndarray:
    return np.arange(WORDINGS) % CLASSES


def margins(found: Classifier, rows: csr_matrix) -> np.ndarray:
    return rows @ found.weights + found.bias


def test_joint_columns_learn_what_all_columns_learn(rows: csr_matrix, whose: np.ndarray) -> None:
    exact = LinearSVC(C=1.0, dual=True, tol=1e-5, max_iter=100_000, random_state=1).fit(rows, whose)
    found = fit(Lessons(rows, whose, NOTHING_KNOWN))
    assert found.weights.shape == (rows.shape[1], CLASSES)
    assert np.abs(margins(found, rows) - exact.decision_function(rows)).max() < 0.1
    assert not found.weights[-2:].any(), "what no wording holds says nothing"


def test_columns_are_joined_only_where_they_say_the_same(rows: csr_matrix) -> None:
    joint, of, shares = classifier._joined(rows)
    assert joint.shape[1] == WORDS + 1
    assert np.allclose((joint @ joint.T).toarray(), (rows @ rows.T).toarray(), atol=1e-6)
    assert np.allclose(joint.toarray()[:, of] * shares, rows.toarray(), atol=1e-6)


def test_two_classes_have_a_margin_each(rows: csr_matrix, whose: np.ndarray) -> None:
    second = (whose >= 2).astype(int)
    found = fit(Lessons(rows, second, NOTHING_KNOWN))
    assert (margins(found, rows).argmax(axis=1) == second).all()


def procedure(id: str, name: str, *asked: str, called: tuple[str, ...] = ()) -> Procedure:
    return Procedure(
        id=id,
        name=name,
        field="Thử",
        level="commune",
        completeness="listed",
        checked_on=date(2026, 11, 21),
        sources=[Source(title="Cổng")],
        asked_as=list(asked),
        also_called=list(called),
    )


def test_taught_is_what_has_enough_wordings_whoever_gave_them(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [f"xin phép thả diều {number}" for number in range(TAUGHT_FROM)]
    targets = [
        procedure("mot-ten", "Cấp phép nuôi yến"),
        procedure("cau-hoi", "Cấp phép thả diều", *some[:-2]),  # its name counts, and in a question again
        procedure("thieu", "Cấp phép lặn biển", *some[:-3]),
        procedure("ten-goi", "Cấp phép leo núi", called=tuple(some)),
        procedure("hoc-them", "Cấp phép chèo thuyền"),
    ]
    assert taught(targets, {}) == [1, 3]
    assert taught(targets, {"hoc-them": some}) == [1, 3, 4]
    monkeypatch.setattr(classifier, "TAUGHT_AT_MOST", 2)
    assert taught(targets, {"hoc-them": [*some, "chèo thúng"]}) == [3, 4], "those with most"


@pytest.fixture
def learnable() -> list[Procedure]:
    listed = [
        procedure(f"so-{n}", f"Cấp giấy phép bến thủy loại {n}") for n in range(kept_index.WORTH_KEEPING)
    ]
    kite = procedure(
        "dieu", "Cấp phép thả diều", *(f"muốn thả diều {place}" for place in "ở bãi gần sông có".split())
    )
    return [*listed, kite]


def test_entries_with_names_alone_are_taken_in_without_learning_again(
    own_var: Path, learnable: list[Procedure], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Ranker(learnable).find("thả diều ở bãi sông")
    monkeypatch.setattr(kept_index, "fit", lambda _: pytest.fail("learnt again"))
    more = [procedure("moi", "Công nhận làng nghề nuôi tằm"), *learnable]
    ranker = Ranker(more)
    assert ranker.search("nuôi tằm", 1)[0].procedure.id == "moi"
    after = ranker.find("thả diều ở bãi sông")
    assert after.hits[0].procedure.id == before.hits[0].procedure.id == "dieu"


def test_what_was_trained_is_found_where_nothing_else_is_kept(
    tmp_path: Path, learnable: list[Procedure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_VAR", "/nonexistent")
    monkeypatch.setattr(kept_index, "TRAINED", tmp_path / "models")
    (tmp_path / "models").mkdir()
    learned = {"so-3": [f"đò ngang {place}" for place in "sông suối hồ đầm phá vịnh kênh".split()]}
    kept_index.keep_trained(learnable, learned)
    first = list((tmp_path / "models").iterdir())
    assert len(first) == 1
    with monkeypatch.context() as patch:
        patch.setattr(kept_index, "fit", lambda _: pytest.fail("learnt again"))
        kept_index.keep_trained(learnable, learned)
        assert Ranker(learnable, learned=learned).search("đò ngang đầm", 1)[0].procedure.id == "so-3"
    changed = [replace(learnable[-1], asked_as=[*learnable[-1].asked_as, "diều sáo"]), *learnable[:-1]]
    kept_index.keep_trained(changed, learned)
    assert (
        len(list((tmp_path / "models").iterdir())) == 1 and list((tmp_path / "models").iterdir()) != first
    ), "the one before goes"
