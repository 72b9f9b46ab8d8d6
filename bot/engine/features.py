"""What the classifier sees of a message: TF-IDF of words (1-3) and of characters within words (1-4).

The words know where the text begins and ends: a question stands at the end of what is told before it.
scikit-learn learns the weights; a message is weighed here, to the same bits, without what its vectorizers
check and build for each call (twenty times as long as the counting itself).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

WORDS, CHARACTERS = (1, 3), (1, 4)
# So many words are remembered with their runs of characters: people use the same few thousand.
WORDS_REMEMBERED = 16_384


def _bounded(text: str) -> str:
    return f"^ {text} $"


class Features:
    """Maps lemma strings to rows of a sparse matrix; two blocks, each of unit length."""

    def __init__(self) -> None:
        self._vocabularies: dict[str, dict[str, int]] = {}
        self._weights: dict[str, np.ndarray] = {}
        # A method's own cache would be shared by all and outlive this.
        self._runs = lru_cache(maxsize=WORDS_REMEMBERED)(self._runs_in)

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        """Learns vocabulary and weights from ``texts``; shape (len(texts), features)."""
        # What stands in one draw only, once, is chance.
        common = {"sublinear_tf": True, "lowercase": False, "min_df": 2}
        blocks = {
            "words": TfidfVectorizer(
                ngram_range=WORDS, preprocessor=_bounded, token_pattern=r"\S+", **common
            ),
            "characters": TfidfVectorizer(analyzer="char_wb", ngram_range=CHARACTERS, **common),
        }
        found = hstack([block.fit_transform(texts) for block in blocks.values()]).tocsr()
        self._vocabularies = {name: block.vocabulary_ for name, block in blocks.items()}
        self._weights = {name: block.idf_ for name, block in blocks.items()}
        self._runs.cache_clear()
        return found

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Columns and values of one text's row; both of shape (features in it,)."""
        words = text.split()
        parts = [
            self._weighed("words", self._known_phrases(["^", *words, "$"])),
            self._weighed("characters", [run for word in words for run in self._runs(word)]),
        ]
        columns, values = zip(*parts, strict=True)
        return np.concatenate([columns[0], columns[1] + len(self._weights["words"])]), np.concatenate(values)

    def _weighed(self, name: str, counted: list[int]) -> tuple[np.ndarray, np.ndarray]:
        columns, times = np.unique(np.array(counted, np.intp), return_counts=True)
        # In scikit-learn's order, and added one by one as it does: another order is another last bit.
        columns, times = columns[::-1], times[::-1]
        values = (np.log(times) + 1.0) * self._weights[name][columns]
        length = np.sqrt(np.cumsum(values * values)[-1:])
        return columns, values / length if len(values) else values

    def _known_phrases(self, words: list[str]) -> list[int]:
        known = self._vocabularies["words"].get
        pairs = pairwise(words)
        triples = zip(words, words[1:], words[2:], strict=False)
        said = [*words, *map(" ".join, pairs), *map(" ".join, triples)]
        return [column for phrase in said if (column := known(phrase)) is not None]

    def _runs_in(self, word: str) -> tuple[int, ...]:
        """Columns of the runs of characters of a word with a space on both sides."""
        known, padded = self._vocabularies["characters"].get, f" {word} "
        runs = (
            padded[start : start + size]
            # A word no longer than this: itself, once.
            for size in range(CHARACTERS[0], min(CHARACTERS[1], len(padded)) + 1)
            for start in range(len(padded) - size + 1)
        )
        return tuple(column for run in runs if (column := known(run)) is not None)

    def state(self) -> dict[str, np.ndarray]:
        """Plain arrays from which :meth:`from_state` makes the same features again."""
        arrays: dict[str, np.ndarray] = {}
        for name, vocabulary in self._vocabularies.items():
            words = sorted(vocabulary, key=vocabulary.__getitem__)
            arrays[f"{name}.vocabulary"] = np.array("\n".join(words))
            arrays[f"{name}.idf"] = self._weights[name]
        return arrays

    @classmethod
    def from_state(cls, arrays: dict[str, np.ndarray]) -> Features:
        features = cls()
        for name in ("words", "characters"):
            words = str(arrays[f"{name}.vocabulary"]).split("\n")
            features._vocabularies[name] = {word: index for index, word in enumerate(words)}
            features._weights[name] = arrays[f"{name}.idf"]
        return features
