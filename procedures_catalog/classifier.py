"""The linear classifier of the matters that have many wordings, one class against the rest.

It knows nothing of the entries that have but a name: thousands of them can come with an import, and nothing
is learnt anew. What it is learnt from is :func:`taught`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procedures_catalog.background import read_background
from procedures_catalog.ngrams import Features, Grams, weigh
from procedures_catalog.wordings import (
    QUESTIONS_PER_NAME,
    Learnt,
    Normalise,
    Target,
    in_questions,
    names_in_questions,
    naming_nothing,
    naming_what_is_elsewhere,
    wordings_of,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# Fewer wordings than this teach a classifier too little: such an entry is found by likeness alone.
TAUGHT_FROM = 7
# What fitting takes grows with the square of it: some seconds for so many.
TAUGHT_AT_MOST = 500


@dataclass(frozen=True)
class Classifier(Features):
    """``weights`` of shape (n-grams, classes) and ``bias``: the margins of each class. The classes are the
    taught targets in their order, then "names nothing" and "is a matter elsewhere"."""

    weights: np.ndarray
    bias: np.ndarray

    def margins(self, found: Grams) -> np.ndarray:
        """How far a message is on the side of each class; shape (classes,)."""
        columns, values = self.row(found)
        return values @ self.weights[columns] + self.bias


@dataclass(frozen=True)
class Lessons:
    """What there is to learn: ``rows`` of shape (texts, n-grams), the class of each, and the columns."""

    rows: csr_matrix
    classes: np.ndarray
    features: Features


def taught(targets: Sequence[Target], learned: Learnt) -> list[int]:
    """The places of the targets that are learnt: those with enough wordings, of very many those with most."""
    counts = {place: _number_of_wordings(target, learned) for place, target in enumerate(targets)}
    enough = [place for place, count in counts.items() if count >= TAUGHT_FROM]
    return sorted(sorted(enough, key=counts.__getitem__, reverse=True)[:TAUGHT_AT_MOST])


def _number_of_wordings(target: Target, learned: Learnt) -> int:
    in_a_question = QUESTIONS_PER_NAME * (1 + len(target.also_called)) if target.asked_as else 0
    return len(wordings_of(target, learned)) + in_a_question


def lessons(targets: Sequence[Target], learned: Learnt, norm: Normalise) -> Lessons:
    """The lessons of taught targets."""
    questions, nothing, elsewhere = naming_nothing(), len(targets), len(targets) + 1
    said = [
        (norm(text), place) for place, target in enumerate(targets) for text in wordings_of(target, learned)
    ]
    said += [(norm(text), nothing) for text in questions]
    said += [(norm(text), elsewhere) for text in naming_what_is_elsewhere(learned)]
    known = len(said)
    questions = [norm(text) for text in questions]
    said += [
        (text, place)
        for place, target in enumerate(targets)
        for text in names_in_questions(target, questions, norm)
    ]
    topics = read_background().topics_elsewhere
    said += [(text, elsewhere) for topic in topics for text in in_questions(topic, questions, norm)]
    features, rows = weigh([text for text, _ in said], known)
    return Lessons(rows, np.array([place for _, place in said]), features)


def fit(learning: Lessons) -> Classifier:
    """The classifier of these lessons: a second or two of scikit-learn, which lets other threads work
    meanwhile."""
    from sklearn.svm import LinearSVC

    joint, of, shares = _joined(learning.rows)
    # The dual form: the primal one of liblinear can take minutes where this takes a second.
    model = LinearSVC(C=1.0, dual=True, tol=0.1, max_iter=300, random_state=0).fit(joint, learning.classes)
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one margin, for the second of the two
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    spread = weights.T.astype(np.float32)[of] * shares[:, None]
    return Classifier(**learning.features.arrays(), weights=spread, bias=bias.astype(np.float32))


def _joined(rows: csr_matrix) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    """The rows with those columns as one that differ by a factor only ("khai" and "kha", where no other word
    has that run): the likeness of any two rows stays, so what is learnt stays, and costs a quarter less.

    Gives the joint columns, for each column the joint one it is in, and its share of that one's length.
    """
    columns = rows.tocsc()
    columns.sort_indices()
    width, holders = columns.shape[1], np.diff(columns.indptr)
    of = np.repeat(np.arange(width), holders)
    lengths = np.sqrt(np.bincount(of, columns.data.astype(np.float64) ** 2, minlength=width))
    directions = columns.data / lengths[of]
    # Columns of one direction fall on one point, others on others.
    drawn = np.random.default_rng(0).standard_normal((3, columns.shape[0]))
    points = [np.bincount(of, directions * axis[columns.indices], minlength=width) for axis in drawn]
    keys = np.rint(np.stack([holders, *points], axis=1) * 1e5).astype(np.int64)
    _, first, joint_of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    joint_of = joint_of.ravel()
    whole = np.sqrt(np.bincount(joint_of, lengths**2))
    joint = columns[:, first].astype(np.float64)
    joint.data *= np.repeat(whole[joint_of[first]] / np.maximum(lengths[first], 1e-12), holders[first])
    joint = joint.tocsr()
    joint.sort_indices()
    return joint, joint_of, (lengths / np.maximum(whole[joint_of], 1e-12)).astype(np.float32)
