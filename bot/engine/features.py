"""What the classifier sees of a message: TF-IDF of words (1-3) and of characters within words (1-4).

The words know where the text begins and ends: a question stands at the end of what is told before it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer


def _bounded(text: str) -> str:
    return f"^ {text} $"


class Features:
    """Maps lemma strings to rows of a sparse matrix; two blocks, each of unit length."""

    def __init__(self) -> None:
        self._blocks = {
            "words": TfidfVectorizer(
                ngram_range=(1, 3),
                sublinear_tf=True,
                preprocessor=_bounded,
                token_pattern=r"\S+",
                lowercase=False,
            ),
            "characters": TfidfVectorizer(
                analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, lowercase=False
            ),
        }

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        """Learns vocabulary and weights from ``texts``; shape (len(texts), features)."""
        return hstack([block.fit_transform(texts) for block in self._blocks.values()]).tocsr()

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Shape (len(texts), features)."""
        return hstack([block.transform(texts) for block in self._blocks.values()], format="csr")

    def state(self) -> dict[str, np.ndarray]:
        """Plain arrays from which :meth:`from_state` makes the same features again."""
        arrays: dict[str, np.ndarray] = {}
        for name, block in self._blocks.items():
            words = sorted(block.vocabulary_, key=block.vocabulary_.__getitem__)
            arrays[f"{name}.vocabulary"] = np.array("\n".join(words))
            arrays[f"{name}.idf"] = block.idf_
        return arrays

    @classmethod
    def from_state(cls, arrays: dict[str, np.ndarray]) -> Features:
        features = cls()
        for name, block in features._blocks.items():
            words = str(arrays[f"{name}.vocabulary"]).split("\n")
            block.vocabulary_ = {word: index for index, word in enumerate(words)}
            block.idf_ = arrays[f"{name}.idf"]
        return features
