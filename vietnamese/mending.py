"""Slips of the finger, mended by what was most likely meant: a noisy channel over pairs of words.

The normaliser mends what is no syllable where one frequent word stands out. Here the whole message is
weighed: of all that each word may have been before a slip (a neighbouring key, a letter left out, doubled,
changed, two letters swapped, the space to the next word missing) that row of words is taken which texts of
the field make likeliest. A word that was seen beside both its neighbours is not doubted at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import NamedTuple

from vietnamese.keyboard import NEIGHBOURS
from vietnamese.resources import frequent_syllables
from vietnamese.syllables import folded_syllables

START, END = "^", "$"
# One word in eight has a slip. What kind of slip it is; all of them together are 1.
SLIP = 1 / 8
NEAR, LEFT_OUT, DOUBLED, SWAPPED, NO_SPACE, CHANGED, PUT_IN = 0.3, 0.25, 0.15, 0.13, 0.13, 0.02, 0.02
# So many sightings after a word weigh as much as how often its follower is seen anywhere.
EVIDENCE = 100.0
# What is put in the place of a word has to be so many times as likely as the word.
LEAD = 5.0
# How likely it is that what was typed has slipped where the normaliser made something else of it.
OF_TYPED = 0.7
# How likely it is that a neighbour tells nothing because it has slipped itself.
SLIPPED_TOO = 0.05 / EVIDENCE
# How often a word counts as seen that never was: a frequent syllable, any syllable, anything else.
UNSEEN_FREQUENT, UNSEEN_SYLLABLE, UNSEEN = 1.0, 0.3, 0.02
# In letters: what may be two words, one with a slip, two of which one has a slip besides; in tokens: a text.
LONGEST, LONGEST_WORD, SHORTEST_PAIR = 14, 8, 5
LONGEST_TEXT = 120
# So many of the likeliest readings of a word are looked at beside its neighbours, so many of them further on.
LOOKED_AT, WEIGHED = 24, 3
REMEMBERED = 16_384
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Words = tuple[str, ...]


class Said(NamedTuple):
    """A token: folded as it was typed, and the folded words that the normaliser made of it (at least one)."""

    typed: str
    words: Words


class _Path(NamedTuple):
    """The likeliest way to a word: its logarithmic probability, its last reading, and how it came there."""

    score: float
    words: Words
    before: _Path | None


class Mender:
    """Knows how often words stand side by side in texts of the field."""

    def __init__(self, pairs: Mapping[tuple[str, str], int]) -> None:
        self._pairs = pairs
        self._seen: Counter[str] = Counter()
        self._followed: Counter[str] = Counter()
        for (left, right), times in pairs.items():
            self._seen[right] += times
            self._followed[left] += times
        self._total = max(1, self._seen.total())
        self._meant = frozenset(filter(str.isalpha, self._seen))
        # A method's own cache would be shared by all and outlive this.
        self._anywhere: Callable[[str], float] = lru_cache(REMEMBERED)(self._share)
        self._readings: Callable[[str], Sequence[tuple[Words, float]]] = lru_cache(REMEMBERED)(
            self._readings_of
        )

    @staticmethod
    def counted(texts: Iterable[Sequence[str]]) -> Counter[tuple[str, str]]:
        """How often words stand side by side in texts, given as words."""
        pairs: Counter[tuple[str, str]] = Counter()
        for words in texts:
            pairs.update(pairwise((START, *words, END)))
        return pairs

    def mend(self, said: Sequence[Said]) -> list[Words]:
        """For each token the words that were most likely meant; what comes after ``LONGEST_TEXT`` stays."""
        paths = [_Path(0.0, (START,), None)]
        for index, token in enumerate(said[:LONGEST_TEXT]):
            left = said[index - 1].words[-1] if index else START
            right = said[index + 1].words[0] if index + 1 < len(said) else END
            possible = self._possible(token, left, right)
            if len(paths) == len(possible) == 1:
                paths = [_Path(0.0, possible[0][0], paths[0])]  # nothing to choose between: no need to weigh
                continue
            best: dict[str, _Path] = {}
            for words, odds in possible:
                cost = log(odds) + sum(self._likely(a, b) for a, b in pairwise(words))
                score, path = max(
                    ((p.score + self._likely(p.words[-1], words[0]), p) for p in paths), key=_first
                )
                if words[-1] not in best or best[words[-1]].score < score + cost:
                    best[words[-1]] = _Path(score + cost, words, path)
            paths = list(best.values())
        last = max(paths, key=lambda path: path.score + self._likely(path.words[-1], END))
        meant = []
        while last.before is not None:
            meant.append(last.words)
            last = last.before
        return meant[::-1] + [token.words for token in said[LONGEST_TEXT:]]

    def _possible(self, token: Said, left: str, right: str) -> Sequence[tuple[Words, float]]:
        """What a token may stand for, with the odds of the slip that made it what it is."""
        words = token.words
        as_read = ((words, 1.0),)
        seen = (left, words[0]) in self._pairs and (words[-1], right) in self._pairs
        if seen or not token.typed.isalpha() or len(token.typed) == 1:
            return as_read  # of one letter ("ở", "ạ", "k") nearly anything could be made
        others = list(self._readings(words[0])) if len(words) == 1 else []
        if (token.typed,) != words:
            typed = self._readings(token.typed)
            others += [(meant, odds * OF_TYPED) for meant, odds in typed if meant != words]
        if len(others) > WEIGHED:
            others = self._likeliest(others, left, right)
        return (*as_read, *others)

    def _likeliest(
        self, readings: Sequence[tuple[Words, float]], left: str, right: str
    ) -> list[tuple[Words, float]]:
        """Those that stand best between two words, which may have slipped themselves."""
        known, anywhere = self._pairs.get, self._anywhere
        after_left = self._followed[left] + EVIDENCE
        before_any = anywhere(right) * SLIPPED_TOO
        rated = []
        for reading in readings:
            words, odds = reading
            share = anywhere(words[0])
            before = max((known((left, words[0]), 0) + share) / after_left, share * SLIPPED_TOO)
            seen = known((words[-1], right), 0) + anywhere(right)
            after = max(seen / (self._followed[words[-1]] + EVIDENCE), before_any)
            rated.append((odds * before * after, reading))
        rated.sort(key=_first, reverse=True)
        return [reading for _, reading in rated[:WEIGHED]]

    def _likely(self, word: str, follower: str) -> float:
        """Logarithmic probability that ``follower`` follows ``word``."""
        seen = self._pairs.get((word, follower), 0) + self._anywhere(follower)
        return log(seen / (self._followed[word] + EVIDENCE))

    def _share(self, word: str) -> float:
        """How often a word would be seen among as many as ``EVIDENCE``."""
        least = UNSEEN
        if word in frequent_syllables():
            least = UNSEEN_FREQUENT
        elif word in folded_syllables():
            least = UNSEEN_SYLLABLE
        return EVIDENCE * max(self._seen.get(word, 0), least) / self._total

    def _readings_of(self, typed: str) -> Sequence[tuple[Words, float]]:
        """What ``typed`` may have been before one slip, the likeliest first, with the odds of that."""
        if not (typed.isascii() and typed.isalpha()) or len(typed) > LONGEST:
            return ()
        found: dict[Words, float] = {}
        slips = _slips(typed) if len(typed) <= LONGEST_WORD else ()
        for words, share in (*slips, *_apart(typed)):
            if words != (typed,) and self._meant.issuperset(words):
                found[words] = max(share, found.get(words, 0.0))
        if not found and len(typed) >= SHORTEST_PAIR:
            found = dict(self._apart_with_a_slip(typed))
        odds = SLIP / (1 - SLIP) / LEAD
        rated = [(words, odds * share) for words, share in found.items()]
        rated.sort(key=lambda row: row[1] * min(self._seen[word] for word in row[0]), reverse=True)
        return tuple(rated[:LOOKED_AT])

    def _apart_with_a_slip(self, typed: str) -> Iterator[tuple[Words, float]]:
        """Two words that lost the space between them, one of which has a slip besides."""
        for at in range(2, len(typed) - 1):
            left, right = typed[:at], typed[at:]
            if left in self._meant:
                slipped = [((left, *words), share) for words, share in _slips(right)]
            elif right in self._meant:
                slipped = [((*words, right), share) for words, share in _slips(left)]
            else:
                continue
            for words, share in slipped:
                if self._meant.issuperset(words):
                    yield words, SLIP * NO_SPACE * share


def _slips(typed: str) -> Iterator[tuple[Words, float]]:
    """All that is one slip away, with the probability of just that slip."""
    size = len(typed)
    for at in range(size + 1):
        for letter in _LETTERS:
            yield (typed[:at] + letter + typed[at:],), LEFT_OUT / (size + 1)
    for at, key in enumerate(typed):
        before, after = typed[:at], typed[at + 1 :]
        for letter in _LETTERS:
            near = NEIGHBOURS.get(letter, "")
            share = NEAR / size / len(near) if key in near else CHANGED / size / len(_LETTERS)
            yield (before + letter + after,), share
        if size > 2:
            again = before.endswith(key)
            yield (before + after,), DOUBLED / (size - 1) if again else PUT_IN / size / len(_LETTERS)
        if after:
            yield (before + after[0] + key + after[1:],), SWAPPED / size


def _apart(typed: str) -> Iterator[tuple[Words, float]]:
    """Two words that lost the space between them."""
    for at in range(1, len(typed)):
        yield (typed[:at], typed[at:]), NO_SPACE


def _first(row: tuple[float, object]) -> float:
    return row[0]
