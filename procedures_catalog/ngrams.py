"""Text as counted n-grams: what scikit-learn's vectorizers count, one message at a time.

An index is built with scikit-learn (:mod:`procedures_catalog.index`); a message is looked up in it
without loading a second and a hundred megabytes of library into each process.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

WORDS = (1, 2)
CHARACTERS = (2, 4)


def words(text: str) -> Iterator[str]:
    """The words of a normalised text, and its pairs of neighbours."""
    single = text.split()
    for count in range(WORDS[0], WORDS[1] + 1):
        for start in range(len(single) - count + 1):
            yield " ".join(single[start : start + count])


def characters(text: str) -> Iterator[str]:
    """Runs of characters within words, each word with a space on both sides."""
    for word in text.split():
        padded = f" {word} "
        for size in range(CHARACTERS[0], CHARACTERS[1] + 1):
            if size >= len(padded):
                # A word no longer than this: itself, once.
                yield padded
                break
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]


@dataclass(frozen=True)
class Weighing:
    """TF-IDF of one kind of n-grams: logarithmic counts, rows of unit length.

    ``first``: the column of its first n-gram in the matrix that joins several kinds.
    """

    split: Callable[[str], Iterator[str]]
    vocabulary: Mapping[str, int]
    idf: np.ndarray
    first: int = 0

    def __call__(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Columns and values of the one row for ``text``; both of shape (n-grams in it,)."""
        known = self.vocabulary
        found = [(known[gram], n) for gram, n in Counter(self.split(text)).items() if gram in known]
        if not found:
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        columns = np.array([column for column, _ in found], np.intp)
        values = np.array([1.0 + math.log(n) for _, n in found]) * self.idf[columns]
        return columns + self.first, (values / np.linalg.norm(values)).astype(np.float32)


def row(text: str, weighings: Sequence[Weighing]) -> tuple[np.ndarray, np.ndarray]:
    """Columns and values of all kinds of n-grams side by side."""
    parts = [weighing(text) for weighing in weighings]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
