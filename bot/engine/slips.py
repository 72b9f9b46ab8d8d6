"""What the classifier reads in the place of slips of the finger ("bao niêu tiền", "nopho so").

It is learnt from the training data; the actions search the catalogue in the text that comes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from vietnamese.mending import Mender, Said


class Slips:
    """Pairs of neighbouring lemmas, with how often each was seen, and what mends by them."""

    def __init__(self, pairs: Counter[tuple[str, str]] | None = None) -> None:
        self._pairs = pairs or Counter()
        self._mender = Mender(self._pairs)

    @classmethod
    def learnt(cls, texts: Iterable[str]) -> Slips:
        """From texts as lemmas."""
        return cls(Mender.counted(text.split() for text in texts))

    def mend(self, said: Sequence[Said]) -> list[str]:
        """The lemmas of each token as they were most likely meant."""
        return [" ".join(words) for words in self._mender.mend(said)]

    def state(self) -> dict[str, np.ndarray]:
        """Plain arrays from which :meth:`from_state` makes the same again."""
        return {
            "slips.pairs": np.array("\n".join(" ".join(pair) for pair in self._pairs)),
            "slips.times": np.array(list(self._pairs.values()), dtype=np.int32),
        }

    @classmethod
    def from_state(cls, arrays: dict[str, np.ndarray]) -> Slips:
        pairs = (tuple(line.split(" ")) for line in str(arrays["slips.pairs"]).split("\n"))
        return cls(Counter(dict(zip(pairs, arrays["slips.times"].tolist(), strict=True))))
