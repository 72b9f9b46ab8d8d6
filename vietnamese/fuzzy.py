"""Tolerance for slips of the finger, against a given vocabulary."""

from __future__ import annotations

from collections.abc import Collection

from rapidfuzz import process
from rapidfuzz.distance import OSA


def closest(word: str, vocabulary: Collection[str], max_distance: int = 1) -> str | None:
    """Return the one word of `vocabulary` nearest to `word`, or None.

    Distance counts letters put in, left out, changed, or two neighbours swapped. A word of the vocabulary
    is its own nearest. None comes back when nothing is within `max_distance`, when two words are equally
    near, and for words too short to tell: a slip is allowed for every three letters after the first. Both
    sides are compared as they are, so give folded words.
    """
    if word in vocabulary:
        return word
    allowed = min(max_distance, (len(word) - 1) // 3)
    if allowed < 1:
        return None
    found = process.extract(word, vocabulary, scorer=OSA.distance, score_cutoff=allowed, limit=2)
    if not found or (len(found) == 2 and found[0][1] == found[1][1]):
        return None
    return found[0][0]


def one_slip(word: str, other: str) -> bool:
    """Tell whether one letter in, out or changed, or two neighbours swapped, turns `word` into `other`."""
    return OSA.distance(word, other, score_cutoff=1) == 1
