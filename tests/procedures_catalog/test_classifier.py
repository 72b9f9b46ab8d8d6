"""The classifier of the index: what scikit-learn fits to all columns, whoever fits it."""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from procedures_catalog import classifier
from procedures_catalog.classifier import Classifier, fitting

CLASSES, WORDINGS, WORDS = 5, 60, 40


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
    return np.arange(WORDINGS) % CLASSES * 10


def fitted(rows: csr_matrix, whose: np.ndarray, wordings: int = 0) -> Classifier:
    with fitting(wordings) as fit:
        return fit(rows, whose)


def margins(found: Classifier, rows: csr_matrix) -> np.ndarray:
    return rows @ found.weights + found.bias


@pytest.fixture(scope="module")
def here(rows: csr_matrix, whose: np.ndarray) -> Classifier:
    return fitted(rows, whose)


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> int:
    """So many wordings that a second process is worth it."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    return classifier.WORTH_A_PROCESS


def same(one: Classifier, other: Classifier) -> bool:
    return all(
        np.array_equal(getattr(one, part), getattr(other, part)) for part in ("classes", "weights", "bias")
    )


def test_joint_columns_and_halves_learn_what_all_columns_at_once_learn(
    rows: csr_matrix, whose: np.ndarray, here: Classifier
) -> None:
    exact = LinearSVC(C=1.0, dual=True, tol=1e-5, max_iter=100_000, random_state=1).fit(rows, whose)
    assert here.classes.tolist() == exact.classes_.tolist()
    assert here.weights.shape == (rows.shape[1], CLASSES)
    assert np.abs(margins(here, rows) - exact.decision_function(rows)).max() < 0.1
    assert not here.weights[-2:].any(), "what no wording holds says nothing"


def test_columns_are_joined_only_where_they_say_the_same(rows: csr_matrix) -> None:
    joint, of, shares = classifier._joined(rows)
    assert joint.shape[1] == WORDS + 1
    assert np.allclose((joint @ joint.T).toarray(), (rows @ rows.T).toarray(), atol=1e-6)
    assert np.allclose(joint.toarray()[:, of] * shares, rows.toarray(), atol=1e-6)


def test_a_second_process_fits_the_same(
    rows: csr_matrix, whose: np.ndarray, here: Classifier, beside: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = []
    fit = classifier._fit
    monkeypatch.setattr(classifier, "_fit", lambda *task: own.append(task) or fit(*task))
    assert same(fitted(rows, whose, beside), here)
    assert len(own) == 1, "the other half was fitted there"


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "print('nothing of the kind')"])
def test_a_process_that_fails_costs_time_alone(
    rows: csr_matrix,
    whose: np.ndarray,
    here: Classifier,
    beside: int,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
) -> None:
    monkeypatch.setattr(classifier, "_PROGRAM", program)
    assert same(fitted(rows, whose, beside), here)


def test_two_classes_have_a_margin_each(rows: csr_matrix, whose: np.ndarray) -> None:
    first = whose < 20
    found = fitted(rows, np.where(first, 3, 8))
    assert found.classes.tolist() == [3, 8]
    assert ((margins(found, rows).argmax(axis=1) == 0) == first).all()
