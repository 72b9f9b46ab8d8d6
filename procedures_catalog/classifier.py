"""The linear classifier of the index, one class against the rest, fitted by two processors.

It is most of what building an index takes. The classes are always fitted in two halves, so that it is the
same classifier whether a second process takes one of them or nobody does.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from procedures_catalog.beside import started_beside

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

log = logging.getLogger(__name__)

# Below so many wordings, starting a process takes longer than it saves.
WORTH_A_PROCESS = 3_000
GIVEN_UP = 120.0
_PROGRAM = "from procedures_catalog.classifier import main; main()"
# All the classes of the other half in one.
_REST = -1


class _Task(msgspec.Struct, array_like=True):
    """Rows and the labels to tell apart, as bytes of arrays."""

    shape: tuple[int, int]
    values: bytes
    columns: bytes
    ends: bytes
    labels: bytes


class _Margins(msgspec.Struct, array_like=True):
    """Weights of shape (classes, columns) and biases, as bytes of arrays."""

    weights: bytes
    biases: bytes


@dataclass(frozen=True)
class Classifier:
    """``weights`` of shape (n-grams, classes) and ``bias``: the margins of each of ``classes``, ascending."""

    classes: np.ndarray
    weights: np.ndarray
    bias: np.ndarray


Fit = Callable[["csr_matrix", np.ndarray], Classifier]


@contextlib.contextmanager
def fitting(wordings: int) -> Iterator[Fit]:
    """Gives the function that fits a classifier to rows and whose each is (no negative numbers).

    With very many ``wordings`` to come, a second process makes itself ready meanwhile, if there is a second
    processor.
    """
    process = started_beside(_PROGRAM, subprocess.PIPE) if wordings >= WORTH_A_PROCESS else None
    if process is None:
        yield lambda rows, whose: _fitted(rows, whose, None)
        return
    with process:
        try:
            yield lambda rows, whose: _fitted(rows, whose, process)
        finally:
            process.kill()


def _fitted(rows: csr_matrix, whose: np.ndarray, process: subprocess.Popen[bytes] | None) -> Classifier:
    joint, of, shares = _joined(rows)
    classes = np.unique(whose)
    halves = [np.where(np.isin(whose, half), whose, _REST) for half in (classes[::2], classes[1::2])]
    with ThreadPoolExecutor(1) as beside:
        there = beside.submit(_fit_by, process, joint, halves[1]) if process else None
        found = [_fit(joint, halves[0]), (there and there.result()) or _fit(joint, halves[1])]
    weights = np.empty((len(of), len(classes)), np.float32)
    bias = np.empty(len(classes), np.float32)
    for first, (margins, biases) in enumerate(found):
        weights[:, first::2] = margins.T.astype(np.float32)[of] * shares[:, None]
        bias[first::2] = biases
    return Classifier(classes, weights, bias)


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


def _fit(rows: csr_matrix, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weights and the biases of each label but the rest, ascending."""
    from sklearn.svm import LinearSVC

    # The dual form: the primal one of liblinear can take minutes where this takes a second.
    model = LinearSVC(C=1.0, dual=True, tol=0.1, max_iter=300, random_state=0).fit(rows, labels)
    weights, biases = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one margin, for the second of the two
        weights, biases = np.vstack([-weights, weights]), np.concatenate([-biases, biases])
    wanted = model.classes_ != _REST
    return weights[wanted], biases[wanted]


def _fit_by(
    process: subprocess.Popen[bytes], rows: csr_matrix, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """What :func:`_fit` gives, by the other process; None if it does not."""
    parts = (rows.data, rows.indices.astype(np.int32), rows.indptr.astype(np.int32), labels.astype(np.int64))
    task = msgspec.msgpack.encode(_Task(rows.shape, *(part.tobytes() for part in parts)))
    try:
        body, _ = process.communicate(task, timeout=GIVEN_UP)
        found = msgspec.msgpack.decode(body, type=_Margins)
    except (OSError, subprocess.TimeoutExpired, msgspec.DecodeError) as error:
        log.debug("the classifier could not be fitted by another process: %s", error)
        return None
    return np.frombuffer(found.weights).reshape(-1, rows.shape[1]), np.frombuffer(found.biases)


def main() -> None:
    """The other process: a task on standard input, margins on standard output."""
    # Before the task comes.
    import sklearn.svm  # noqa: F401
    from scipy.sparse import csr_matrix

    task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Task)
    values, labels = np.frombuffer(task.values), np.frombuffer(task.labels, np.int64)
    columns, ends = np.frombuffer(task.columns, np.int32), np.frombuffer(task.ends, np.int32)
    weights, biases = _fit(csr_matrix((values, columns, ends), shape=task.shape), labels)
    sys.stdout.buffer.write(msgspec.msgpack.encode(_Margins(weights.tobytes(), biases.tobytes())))
