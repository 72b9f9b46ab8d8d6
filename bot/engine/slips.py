"""Slips of the finger that leave another Vietnamese word, or two in one: "bao niêu tiền", "nopho so".

The normaliser mends what is no syllable. Here the words beside it tell: a word that stands beside neither of
its neighbours anywhere in the training data gives way to the one word, one slip away, that often stands
between them. Only the classifier reads what comes out; names of procedures are searched as they were typed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from vietnamese import one_slip

START, END = "^", "$"
# How often two words stand together in training before one of them is put in the place of what was typed;
# and of a word that is known by itself.
OFTEN, OFTEN_FOR_KNOWN = 3, 30
# A word seen so often is known.
KNOWN = 20
# How much oftener than the next best, so that nothing is guessed.
LEAD = 2
LONGEST = 12


class Slips:
    """Pairs of neighbouring lemmas, with how often each was seen."""

    def __init__(self, pairs: Counter[tuple[str, str]] | None = None) -> None:
        self._pairs = pairs or Counter()
        self._words: Counter[str] = Counter()
        self._after: dict[str, list[str]] = defaultdict(list)
        for (left, right), times in self._pairs.items():
            self._words[right] += times
            if times >= OFTEN:
                self._after[left].append(right)

    @classmethod
    def learnt(cls, texts: Iterable[str]) -> Slips:
        """From texts as lemmas."""
        pairs: Counter[tuple[str, str]] = Counter()
        for text in texts:
            words = [START, *text.split(), END]
            pairs.update(pairwise(words))
        return cls(pairs)

    def mend(self, text: str) -> str:
        """The lemmas as they were most likely meant."""
        words = [START, *text.split(), END]
        index = 1
        while index < len(words) - 1:
            left, word, right = words[index - 1 : index + 2]
            meant = [word] if self._stands(left, word, right) else self._meant(left, word, right)
            words[index : index + 1] = meant
            index += len(meant)
        return " ".join(words[1:-1])

    def _stands(self, left: str, word: str, right: str) -> bool:
        seen = (left, word) in self._pairs or (word, right) in self._pairs
        return seen or not word.isalpha() or len(word) > LONGEST

    def _meant(self, left: str, word: str, right: str) -> list[str]:
        """One word one slip away, or the two that lost their space; the word itself when none stands out."""
        meant = [[other] for other in self._after.get(left, ()) if _is_word(other) and one_slip(word, other)]
        if word not in self._words:
            meant += [[word[:at], word[at:]] for at in range(1, len(word))]
        least = OFTEN_FOR_KNOWN if self._words[word] >= KNOWN else OFTEN
        found = [(times, m) for m in meant if (times := self._between(left, m, right)) >= least]
        found.sort(reverse=True)
        if not found or (len(found) > 1 and found[0][0] < LEAD * found[1][0]):
            return [word]
        return found[0][1]

    def _between(self, left: str, words: Sequence[str], right: str) -> int:
        """How often the rarest pair in ``left words right`` was seen. A neighbour that never was, perhaps
        slipped itself, says nothing."""
        row = [word for word in (left, *words, right) if word in self._words or word == START]
        return min((self._pairs.get(pair, 0) for pair in pairwise(row)), default=0)

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


def _is_word(other: str) -> bool:
    return other not in (START, END) and len(other) > 1
