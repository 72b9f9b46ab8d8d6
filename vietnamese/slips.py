"""Slips of the finger that leave no possible syllable (hpn, khogn, phwp), mended from the words beside them.

A slip is one letter put in, left out or changed, or two neighbours swapped. It is mended only when one
frequent syllable stands out: the one that often stands beside its neighbours, or the only one within
reach.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from vietnamese.resources import compounds, followers, frequent_syllables, known_words
from vietnamese.syllables import folded_syllables
from vietnamese.text import fold

_SHORTEST = 3
_ROMAN = re.compile(r"[ivx]+")
_VOWEL = re.compile(r"[aeiouy]")
_TELLING = 5


@lru_cache(maxsize=16384)
def candidates(word: str) -> tuple[str, ...]:
    """Return the frequent syllables one slip away from a folded `word`; none when it needs no mending."""
    if not (word.isascii() and word.isalpha()) or len(word) > 8:
        return ()
    known = known_words()
    if _ROMAN.fullmatch(word):
        return ()
    if word in folded_syllables() or word in known.always or word in known.unless_telex:
        return ()
    if len(word) < _SHORTEST:
        return _swapped(word)
    found = process.extract(word, _ordered(), scorer=OSA.distance, score_cutoff=1, limit=None)
    return tuple(candidate for candidate, _, _ in found)


@lru_cache(maxsize=1)
def _ordered() -> tuple[str, ...]:
    return tuple(sorted(frequent_syllables()))


def _swapped(word: str) -> tuple[str, ...]:
    swaps = (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1))
    return tuple(swap for swap in swaps if swap in frequent_syllables())


@lru_cache(maxsize=16384)
def mend(word: str, guess: tuple[str, ...], before: str, after: str) -> str | None:
    """Return what a folded `word` between two folded neighbours ("" for none) was meant to be, or None.

    `guess`, if any, is what it may be without a slip (a chat spelling, two words without their space); it
    stands unless a mended word suits the neighbours better. Pieces of a guess are joined by spaces.
    """
    found = candidates(word)
    leading: list[str] = []
    best = 0
    if found:
        support = {candidate: _support(candidate, before, after) for candidate in found}
        best = max(support.values())
        leading = [candidate for candidate in found if support[candidate] == best]
        if len(leading) > 1:
            leading = [candidate for candidate in leading if candidate in _swapped(word)] or leading
    if guess and best <= _support_all([fold(piece) for piece in guess], before, after):
        return " ".join(guess)
    # Without a vowel it may as well be a short form that is not in the list.
    enough = 2 if not _VOWEL.search(word) else 1 if len(word) < _TELLING else 0
    if len(leading) == 1 and best >= enough:
        return leading[0]
    return " ".join(guess) or None


@lru_cache(maxsize=16384)
def better_than_decoded(word: str, decoded: str, before: str, after: str) -> str | None:
    """Return what `word` was before a slip, if that suits the neighbours well and its Telex reading not."""
    if _support(decoded, before, after):
        return None
    support = {candidate: _support(candidate, before, after) for candidate in candidates(word)}
    best = max(support.values(), default=0)
    leading = [candidate for candidate in support if support[candidate] == best]
    return leading[0] if best >= 2 and len(leading) == 1 else None


def _support_all(pieces: list[str], before: str, after: str) -> int:
    around = [before, *pieces, after]
    return max(_support(around[i], around[i - 1], around[i + 1]) for i in range(1, len(around) - 1))


def _support(candidate: str, before: str, after: str) -> int:
    """Count the neighbours a candidate often stands beside, those it forms a word with twice."""
    pairs = followers()
    beside = (candidate in pairs.get(before, ())) + (after in pairs.get(candidate, ()))
    return beside + ((before, candidate) in compounds()) + ((candidate, after) in compounds())
