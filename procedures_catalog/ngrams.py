"""Text as counted n-grams: what scikit-learn's vectorizers count, one message at a time.

An index is built with SciPy (:mod:`procedures_catalog.index`); a message is looked up in it without loading a
second and a hundred megabytes of library into each process.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CHARACTERS = (2, 4)

# How often each word or pair of words, and each run of characters, stands in a text.
Grams = tuple[Counter[str], Counter[str]]


def grams(text: str) -> Grams:
    """The n-grams of both kinds of a normalised text."""
    return Counter(words(text)), Counter(characters(text))


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
class Features:
    """The n-grams that are known and what each weighs. Arrays only, so that it can be kept on disk as it is.

    ``vocabulary_*``: UTF-8 bytes, a line for each n-gram, in alphabetical order; ``idf_*`` of shape
    (n-grams of that kind,). A text is a row of TF-IDF: logarithmic counts, each kind of unit length.
    """

    vocabulary_words: np.ndarray
    vocabulary_characters: np.ndarray
    idf_words: np.ndarray
    idf_characters: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """Its parts by name, for keeping."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    def knows(self, word: str) -> bool:
        """Whether a normalised word stands in any of the texts that this was learnt from."""
        return word in self._places[0]

    def row(self, found: Grams) -> tuple[np.ndarray, np.ndarray]:
        """Columns and values of the row of a text, the words before the characters; both of shape
        (known n-grams in it,)."""
        (of_words, of_characters), (by_words, by_characters) = self._places, found
        columns, values = _weigh(by_words, of_words, self.idf_words)
        others, shares = _weigh(by_characters, of_characters, self.idf_characters)
        return np.concatenate([columns, others + len(of_words)]), np.concatenate([values, shares])

    @cached_property
    def _places(self) -> tuple[dict[str, int], dict[str, int]]:
        return _unpacked(self.vocabulary_words), _unpacked(self.vocabulary_characters)


def _weigh(found: Counter[str], known: Mapping[str, int], idf: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    counts = [(known[gram], n) for gram, n in found.items() if gram in known]
    if not counts:
        return np.zeros(0, np.intp), np.zeros(0, np.float32)
    columns = np.array([column for column, _ in counts], np.intp)
    values = np.array([1.0 + math.log(n) for _, n in counts]) * idf[columns]
    return columns, (values / np.linalg.norm(values)).astype(np.float32)


def _packed(found: Sequence[str]) -> np.ndarray:
    return np.frombuffer("\n".join(found).encode(), np.uint8)


def _unpacked(packed: np.ndarray) -> dict[str, int]:
    return {gram: place for place, gram in enumerate(packed.tobytes().decode().split("\n"))}


def weigh(texts: Sequence[str], learnt: int) -> tuple[Features, csr_matrix]:
    """The n-grams of the first ``learnt`` of these normalised texts, and the rows of all of them, of shape
    (texts, n-grams)."""
    # A third of a second, for building only.
    from scipy.sparse import hstack

    by_words, of_words, idf_words = _weighed(*_counted([[*words(text)] for text in texts]), learnt)
    # The texts have few different words: each is taken apart once.
    by_word, distinct = _counted([text.split() for text in texts])
    runs, found = _counted([[*characters(word)] for word in distinct])
    by_runs, of_runs, idf_runs = _weighed(by_word @ runs, found, learnt)
    features = Features(_packed(of_words), _packed(of_runs), idf_words, idf_runs)
    return features, hstack([by_words, by_runs], format="csr", dtype=np.float32)


def _counted(rows: Sequence[Sequence[str]]) -> tuple[csr_matrix, list[str]]:
    """How often each string stands in each row, and the strings by column."""
    from scipy.sparse import csr_matrix

    places: dict[str, int] = {}
    columns = [places.setdefault(part, len(places)) for row in rows for part in row]
    ends = np.cumsum([0, *map(len, rows)])
    matrix = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(places)))
    matrix.sum_duplicates()
    return matrix, list(places)


def _weighed(
    counted: csr_matrix, found: Sequence[str], learnt: int
) -> tuple[csr_matrix, list[str], np.ndarray]:
    """The rows with the columns in alphabetical order, the n-grams of the columns, and the weight of each."""
    holders = np.bincount(counted[:learnt].indices, minlength=len(found))
    order = [place for place in sorted(range(len(found)), key=found.__getitem__) if holders[place]]
    rows = counted[:, order].tocsr()
    rows.sort_indices()
    idf = np.log((1 + learnt) / (1 + holders[order])) + 1
    values = (np.log(rows.data) + 1) * idf[rows.indices]
    of = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    rows.data = values / np.sqrt(np.bincount(of, values * values, minlength=rows.shape[0]))[of]
    return rows, [found[place] for place in order], idf
