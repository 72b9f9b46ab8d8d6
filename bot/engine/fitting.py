"""Fits one logistic regression per intent, several times over, and takes the mean.

The rows are made from the examples by chance: other names, other pairs, other slips. What a fit learns from
one such draw and not from the next is no knowledge of how people ask; the mean of the fits is a logistic
regression again, so it costs nothing when messages are read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.engine.augment import TrainingRow, asks_about_a_procedure

Fitted = tuple[np.ndarray, float]


def fit(
    draws: Sequence[tuple[csr_matrix, Sequence[TrainingRow]]], intents: Sequence[str], *, c: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Weights, shape (features, intents), and bias, shape (intents,). ``draws``: the features of the rows of
    each, shape (rows, features); ``c``: inverse of regularisation."""
    jobs = [
        delayed(_fit_intent)(matrix, *_labels(rows, intent), c, seed, not asks_about_a_procedure(intent))
        for intent in intents
        for matrix, rows in draws
    ]
    # Processes: liblinear has one random state for all threads.
    fitted = Parallel(n_jobs=min(len(jobs), os.cpu_count() or 1))(jobs)
    of_intent = [fitted[start : start + len(draws)] for start in range(0, len(fitted), len(draws))]
    weights = [np.mean([weights for weights, _ in fits], axis=0) for fits in of_intent]
    bias = [np.mean([bias for _, bias in fits]) for fits in of_intent]
    # One row a feature: a message touches a hundred of them.
    return np.ascontiguousarray(np.array(weights, np.float32).T), np.array(bias, np.float32)


def _labels(rows: Sequence[TrainingRow], intent: str) -> tuple[np.ndarray, np.ndarray]:
    """Which rows tell of the intent, and whether it holds in each of these."""
    holds = np.array([intent in row.holds for row in rows])
    known = np.array([not row.open for row in rows]) if asks_about_a_procedure(intent) else True
    chosen = np.flatnonzero(holds | known)
    return chosen, holds[chosen]


def _fit_intent(
    matrix: csr_matrix, chosen: np.ndarray, holds: np.ndarray, c: float, seed: int, balanced: bool
) -> Fitted:
    # liblinear's dual form: fewer rows than features, and a hundred times quicker here.
    model = LogisticRegression(
        C=c,
        class_weight="balanced" if balanced else None,
        solver="liblinear",
        dual=True,
        max_iter=300,
        # A fifth of this moves no probability by a hundredth, and takes half as long again.
        tol=0.05,
        random_state=seed,
    )
    model.fit(matrix[chosen], holds)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])
