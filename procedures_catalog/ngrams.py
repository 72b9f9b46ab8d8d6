"""Text as counted n-grams: what scikit-learn's vectorizers count, one message at a time.

An index is built with SciPy and scikit-learn (:mod:`procedures_catalog.index`); a message is looked up in
it without loading a second and a hundred megabytes of library into each process.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CHARACTERS = (2, 4)


def words(text: str) -> Iterator[str]:
    """The words of a normalised text, and its pairs of neighbours."""
    single = text.split()
    yield from single
    yield from map(" ".join, pairwise(single))


def characters(text: str) -> Iterator[str]:
    """Runs of characters within words, each word with a space on both sides."""
    for word in text.split():
        yield from _runs(word)


# People use the same few thousand words.
@lru_cache(maxsize=8192)
def _runs(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    # A word no longer than a run: itself, once.
    sizes = range(CHARACTERS[0], min(CHARACTERS[1], len(padded)) + 1)
    return tuple(padded[start : start + size] for size in sizes for start in range(len(padded) - size + 1))


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


@dataclass(frozen=True)
class Weighed:
    """Many texts at once. ``rows`` of shape (texts, n-grams): each of unit length; ``grams`` in alphabetical
    order, as the columns are; ``idf``: the weight of each."""

    rows: csr_matrix
    grams: list[str]
    idf: np.ndarray


def weigh_words(texts: Sequence[str], learnt: int) -> Weighed:
    """The words and pairs of each text; known are those of the first ``learnt`` texts."""
    return _weighed(*_counted([[*words(text)] for text in texts]), learnt)


def weigh_characters(texts: Sequence[str], learnt: int) -> Weighed:
    """The same for runs of characters. The texts have few different words: each is taken apart once."""
    by_word, distinct = _counted([text.split() for text in texts])
    runs, grams = _counted([[*characters(word)] for word in distinct])
    return _weighed(by_word @ runs, grams, learnt)


def _counted(rows: Sequence[Sequence[str]]) -> tuple[csr_matrix, list[str]]:
    """How often each string stands in each row, and the strings by column."""
    from scipy.sparse import csr_matrix

    places: dict[str, int] = {}
    columns = [places.setdefault(part, len(places)) for row in rows for part in row]
    ends = np.cumsum([0, *map(len, rows)])
    matrix = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(places)))
    matrix.sum_duplicates()
    return matrix, list(places)


def _weighed(counted: csr_matrix, grams: list[str], learnt: int) -> Weighed:
    holders = np.bincount(counted[:learnt].indices, minlength=len(grams))
    order = [place for place in sorted(range(len(grams)), key=grams.__getitem__) if holders[place]]
    rows = counted[:, order].tocsr()
    rows.sort_indices()
    idf = np.log((1 + learnt) / (1 + holders[order])) + 1
    values = (np.log(rows.data) + 1) * idf[rows.indices]
    of = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    rows.data = values / np.sqrt(np.bincount(of, values * values, minlength=rows.shape[0]))[of]
    return Weighed(rows, [grams[place] for place in order], idf)
