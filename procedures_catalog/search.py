"""Finding the procedure that a citizen means.

A :class:`Ranker` is made from the entries alone (names, everyday names, whole messages, life
events), so a new or changed entry answers at once, with no training by hand. Two views of the same
features vote: a linear classifier over the entries that have everyday names and messages, and the
likeness to the nearest wording of every entry, listed ones included (:mod:`procedures_catalog.index`).
Scores are calibrated: among hits with score 0.8, about eight in ten are right.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from procedures_catalog.index import LONGEST_NAME, LONGEST_PHRASE
from procedures_catalog.kept_index import kept_index
from procedures_catalog.life_events import LifeEvent
from procedures_catalog.model import Procedure
from procedures_catalog.ngrams import grams
from procedures_catalog.wordings import searched
from vietnamese import normalize

# How the two views are mixed. A target without everyday names has no classifier of its own.
CLASSIFIER_WEIGHT = 0.6
UNTRAINED_MARGIN = -0.75
UNTRAINED_BUT_NAMED = 0.4
# From the lead of the first over the second to the probability that it is right, and from the lead
# over the background to the probability that anything is named; fitted on the development set
# (docs/decisions/0004-finding-the-procedure.md).
LEAD_SLOPE, LEAD_BIAS = 6.4, 0.14
NAMED_SLOPE = 6.0
FAMILIAR_SLOPE, FAMILIAR_FROM = 8.0, -0.08
SPREAD = 9.0
# What the words of the law for what was said add, for entries that have no everyday names of their own.
MEANING_WEIGHT = 0.3
LONGEST_SAID = 6
# A procedure's own name in the message is a name, whatever stands around it.
NAMED_TO_THE_LETTER = 0.9
# A whole name, such as one copied from a portal page, leaves no doubt.
WHOLE_NAME_LEAD = 0.5
RANKED = 12
# Words of questions even when they stand alone.
_SMALL = frozenset("a ad da khong nhe online the vay".split())


@dataclass(frozen=True)
class Hit:
    """A procedure and the probability that it is meant, from 0 to 1."""

    procedure: Procedure
    score: float


@dataclass(frozen=True)
class Mention:
    """A name to the letter: the words from ``start`` to ``end`` (exclusive), and the ids so called."""

    start: int
    end: int
    ids: frozenset[str]


@dataclass(frozen=True)
class Finding:
    """What a message is about.

    ``named``: probability that it names a matter at all (a follow-up such as "lệ phí bao nhiêu?"
    names none); ``familiar``: that the matter is one of the catalogue's; ``elsewhere``: that it is
    known to be none of it, if it names none of it. ``event``: the likeliest life event;
    ``event_score``: the probability that it tells of that rather than of one procedure.
    """

    hits: list[Hit] = field(default_factory=list)
    named: float = 0.0
    familiar: float = 0.0
    elsewhere: float = 0.0
    event: LifeEvent | None = None
    event_score: float = 0.0


class Ranker:
    """Ranks procedures and life events for a message. ``learned``: what people asked besides, by id."""

    def __init__(
        self,
        procedures: Sequence[Procedure],
        events: Sequence[LifeEvent] = (),
        learned: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._targets: list[Procedure | LifeEvent | None] = [*procedures, *events, None, None]
        self._procedures = len(procedures)
        self._real = len(self._targets) - 2
        self._index, self._classifier, places = kept_index(procedures, events, learned or {})
        self._some_taught = bool(places)
        # The last two are no matters, and are learnt, too.
        self._taught = np.array([*places, self._real, self._real + 1])
        self._names_only = np.array(
            [i < self._procedures and not (t.also_called or t.asked_as) for i, t in enumerate(self._targets)],
            dtype=bool,
        )
        self.find = lru_cache(maxsize=1024)(self._find)
        self._nearness_of_meaning = lru_cache(maxsize=128)(self._nearness)
        self._called_in = lru_cache(maxsize=256)(self._find_called)

    def called_in(self, text: str) -> frozenset[str]:
        """Ids of the procedures whose name or everyday name stands in ``text`` to the letter."""
        return frozenset(self._targets[place].id for place in self._called_in(normalize(text)))

    def named_by(self, word: str) -> int:
        """How many procedures have a normalised word in one of their names."""
        return self._words_of_names[word]

    @cached_property
    def _words_of_names(self) -> Counter[str]:
        names = (pair for pairs in self._index.names.whole.values() for pair in pairs)
        return Counter(word for word, _ in {(word, index) for said, index in names for word in said})

    def has_in_a_name(self, word: str, following: str) -> bool:
        """Whether two normalised words stand in one of the names, one after the other."""
        return (word, following) in self._pairs_in_names

    @cached_property
    def _pairs_in_names(self) -> frozenset[tuple[str, str]]:
        names = (said for pairs in self._index.names.whole.values() for said, _ in pairs)
        return frozenset(pair for said in names for pair in pairwise(said))

    def _find_called(self, norm: str) -> list[int]:
        return [place for _, _, places in self._names_in(norm.split()) for place in places]

    def _names_in(self, words: Sequence[str]) -> Iterator[tuple[int, int, list[int]]]:
        """(start, end, places) of each name in the words, one within another too."""
        names = self._index.names.short
        for start in range(len(words)):
            for end in range(start + 2, min(start + LONGEST_NAME, len(words)) + 1):
                if places := names.get(" ".join(words[start:end])):
                    yield start, end, places

    def mentions(self, words: Sequence[str]) -> list[Mention]:
        """The names in normalised words, in order; none overlaps another, the longer of two counts."""
        longest = sorted(self._names_in(words), key=lambda name: (name[0] - name[1], name[0]))
        taken: list[Mention] = []
        for start, end, places in longest:
            if all(end <= other.start or other.end <= start for other in taken):
                taken.append(Mention(start, end, frozenset(self._targets[place].id for place in places)))
        return sorted(taken, key=lambda mention: mention.start)

    def plainly(self, text: str) -> tuple[str, list[str]] | None:
        """Id of the one procedure whose name stands in ``text`` with nothing beside it but words of
        questions ("đăng ký kết hôn cần giấy tờ gì"), and these words."""
        words, question_words = normalize(text).split(), self._index.names.question_words
        found: dict[int, list[str]] = {}
        for start, end, places in self._names_in(words):
            beside = words[:start] + words[end:]
            if question_words.issuperset(word for word in beside if not word[0].isdigit()):
                found |= {place: beside for place in places if len(beside) < len(found.get(place, words))}
        if len(found) != 1:
            return None
        place, beside = found.popitem()
        return self._targets[place].id, beside

    def search(self, text: str, limit: int = 5) -> list[Hit]:
        """The best ``limit`` procedures, best first."""
        return self.find(text).hits[:limit]

    def _find(self, text: str) -> Finding:
        norm = searched(text)
        if not norm or not self._real:
            return Finding()
        votes = self._votes(norm)
        if matter := self._matter(norm):
            # Long questions around it would drown a short name.
            votes = (votes + self._votes(matter)) / 2
        if whole := self._named_whole(norm):
            votes[whole] = votes.max() + WHOLE_NAME_LEAD
        best = float(votes[: self._real].max())
        named = _sigmoid(NAMED_SLOPE * (best - float(votes[self._real :].max())))
        if self._is_but_a_number(norm):
            named = 0.0
        familiar = _sigmoid(FAMILIAR_SLOPE * (best - FAMILIAR_FROM))
        unnamed, outside = (float(vote) for vote in votes[self._real :])
        elsewhere = _sigmoid(NAMED_SLOPE * (outside - unnamed))
        if self._called_in(norm):
            named = max(named, NAMED_TO_THE_LETTER)
        hits = [Hit(self._targets[i], score) for i, score in _scores(votes[: self._procedures])]
        event, event_score = None, 0.0
        if self._procedures < self._real:
            index = self._procedures + int(votes[self._procedures : self._real].argmax())
            event = self._targets[index]
            lead = float(votes[index] - votes[: self._procedures].max(initial=-1.0))
            event_score = _sigmoid(LEAD_SLOPE * lead)
        return Finding(hits, named, familiar, elsewhere, event, event_score)

    def _matter(self, norm: str) -> str:
        """What is left of the message without the phrases of questions; "" when that is all of it, or too
        little to be anything."""
        words, phrases = norm.split(), self._index.names.question_phrases
        asks = [word in _SMALL for word in words]
        for length in range(2, LONGEST_PHRASE + 1):
            for start in range(len(words) - length + 1):
                if " ".join(words[start : start + length]) in phrases:
                    asks[start : start + length] = [True] * length
        left = [word for word, asking in zip(words, asks, strict=True) if not asking]
        return " ".join(left) if 2 <= len(left) < len(words) else ""

    def _is_but_a_number(self, norm: str) -> bool:
        """Whether a number is all that could be known of the message beside words of questions ("1",
        "cái số 2"): what is known alone would weigh as if it were everything."""
        words, asked = norm.split(), self._index.names.question_words
        return any(map(str.isdigit, words)) and not any(
            word not in asked and not word.isdigit() and self._index.knows(word) for word in words
        )

    def _named_whole(self, norm: str) -> list[int]:
        """The procedures one of whose names is the whole message, or, if long, stands in it; of names of
        different lengths the longest alone."""
        said = norm.split()
        names = self._index.names.whole
        if said[:2] == ["thu", "tuc"]:
            said = said[2:]
        found = [
            (len(name), index)
            for start in range(len(said))
            for name, index in names.get(" ".join(said[start : start + LONGEST_NAME]), ())
            if said[start : start + len(name)] == name and (len(name) >= LONGEST_NAME or name == said)
        ]
        longest = max((length for length, _ in found), default=0)
        return [index for length, index in found if length == longest]

    def _votes(self, norm: str) -> np.ndarray:
        """The mix of both views for each target; shape (targets,)."""
        found = grams(norm)
        near = self._index.likeness(found, len(self._targets))
        if self._names_only.any() and (meant := self._meant(norm)):
            near[self._names_only] += self._nearness_of_meaning(meant)
        margins = np.full(len(self._targets), UNTRAINED_MARGIN, dtype=np.float32)
        if self._some_taught:
            # Entries with a classifier of their own are judged by it.
            margins[self._called_in(norm)] = UNTRAINED_BUT_NAMED
        margins[self._taught] = self._classifier.margins(found)
        return near + CLASSIFIER_WEIGHT * margins

    def _nearness(self, meant: str) -> np.ndarray:
        """What words of the law add to each entry that has only names; shape (such entries,)."""
        near = self._index.likeness(grams(meant), len(self._targets))
        return MEANING_WEIGHT * near[self._names_only]

    def _meant(self, norm: str) -> str:
        """The words of the law for what people say in the message; of two that overlap the longer."""
        words, meanings = norm.split(), self._index.names.meanings
        found: dict[str, None] = {}
        taken = 0
        for start in range(len(words)):
            for end in range(min(start + LONGEST_SAID, len(words)), max(start, taken), -1):
                if meaning := meanings.get(" ".join(words[start:end])):
                    found[meaning] = None
                    taken = end
                    break
        return " ".join(found)


def _scores(votes: np.ndarray) -> list[tuple[int, float]]:
    """(index, probability) of the best targets: the first by its lead, the rest share what is left."""
    order = np.argsort(-votes)[:RANKED]
    if not len(order):
        return []
    if len(order) == 1:
        return [(int(order[0]), _sigmoid(LEAD_SLOPE + LEAD_BIAS))]
    first = _sigmoid(LEAD_SLOPE * float(votes[order[0]] - votes[order[1]]) + LEAD_BIAS)
    rest = np.exp(SPREAD * (votes[order[1:]] - votes[order[1]]))
    rest = (1.0 - first) * rest / rest.sum()
    return [(int(order[0]), first), *zip(order[1:].tolist(), rest.tolist(), strict=True)]


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value))
