"""Finding the procedure that a citizen means.

A :class:`Ranker` is built from the entries alone (names, everyday names, whole messages, life
events), in about a second, so a new or changed entry answers at once, with no training by hand.
Two views of the same features vote: a linear classifier over the entries that have everyday names
and messages, and the likeness to the nearest wording of every entry, listed ones included.
Scores are calibrated: among hits with score 0.8, about eight in ten are right.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from procedures_catalog.errors import EntryError
from procedures_catalog.life_events import LifeEvent
from procedures_catalog.loading import read_yaml
from procedures_catalog.model import Procedure, Row
from vietnamese import normalize

BACKGROUND = Path(__file__).parent / "background.yml"

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
# Each name is learnt with a question around it, so that questions say nothing about which.
QUESTIONS_PER_NAME = 1
# Fewer wordings than this teach a classifier too little: such an entry is found by likeness alone.
TAUGHT_FROM = 7
# A procedure's own name in the message is a name, whatever stands around it.
NAMED_TO_THE_LETTER = 0.9
LONGEST_NAME = 8
# A whole name, such as one copied from a portal page, leaves no doubt.
WHOLE_NAME_LEAD = 0.5
RANKED = 12
_ASIDES = re.compile(
    r"\([^)]*\)|(thực hiện )?(bằng|trên|qua) dịch vụ công.*$|trực tuyến (toàn trình|một phần).*?$"
)
_JOINTS = frozenset(("va", "voi", "roi", "con", "cung"))
_FOREWORDS = frozenset(
    ("thu", "tuc", "dang", "ky", "lam", "xin", "cap", "di", "giay", "giai", "quyet", "thuc", "hien")
)


class Background(Row):
    """Messages that name no procedure: follow-ups, and matters that are not ours."""

    unnamed: list[str]
    elsewhere: list[str]
    topics_elsewhere: list[str]


def read_background(path: Path = BACKGROUND) -> Background:
    """Raises EntryError when the file is not as it should be."""
    try:
        return msgspec.convert(read_yaml(path), Background)
    except msgspec.ValidationError as error:
        raise EntryError(path, "file", str(error)) from error


@dataclass(frozen=True)
class Hit:
    """A procedure and the probability that it is meant, from 0 to 1."""

    procedure: Procedure
    score: float


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
        background = read_background()
        unnamed = [normalize(row) for row in background.unnamed]
        elsewhere = [normalize(row) for row in background.elsewhere]
        self._targets: list[Procedure | LifeEvent | None] = [*procedures, *events, None, None]
        self._procedures = len(procedures)
        self._index = {procedure.id: index for index, procedure in enumerate(procedures)}
        self._real = len(self._targets) - 2
        texts, owners = _wordings([*procedures, *events], learned or {})
        texts += unnamed + elsewhere
        owners += [self._real] * len(unnamed) + [self._real + 1] * len(elsewhere)
        asked, askers = _names_in_questions([*procedures, *events], background.topics_elsewhere, unnamed)

        self._names = _short_names(procedures, unnamed)
        self._question_words = _JOINTS.union(word for row in unnamed for word in row.split())
        self._wholes = _whole_names(procedures)

        self._words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")
        self._chars = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
        self._words.fit(texts)
        self._chars.fit(texts)
        wordings = self._features(texts)
        self._wordings = wordings.T.tocsr()
        self._owners = np.array(owners)
        self._learn(vstack([wordings, self._features(asked)], format="csr"), np.array(owners + askers))
        self.find = lru_cache(maxsize=1024)(self._find)

    def _learn(self, matrix: csr_matrix, owners: np.ndarray) -> None:
        counts = np.bincount(owners, minlength=len(self._targets))
        rows = counts[owners] >= TAUGHT_FROM
        # The dual form: the primal one of liblinear can take minutes where this takes a second.
        model = LinearSVC(C=1.0, dual=True, tol=0.1, max_iter=300, random_state=0).fit(
            matrix[rows], owners[rows]
        )
        self._trained = model.classes_
        weights, bias = model.coef_, model.intercept_
        if len(self._trained) == 2:  # nobody has everyday names: one margin, for the second of the two
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        self._weights = weights.T.astype(np.float32)
        self._bias = bias.astype(np.float32)

    def _features(self, texts: Sequence[str]) -> csr_matrix:
        """Two blocks of unit length, words and characters; shape (texts, features)."""
        blocks = [self._words.transform(texts), self._chars.transform(texts)]
        return hstack(blocks, format="csr", dtype=np.float32)

    def called_in(self, text: str) -> frozenset[str]:
        """Ids of the procedures whose name or everyday name stands in ``text`` to the letter."""
        words = normalize(text).split()
        return frozenset(
            key
            for start in range(len(words))
            for end in range(start + 2, min(start + LONGEST_NAME, len(words)) + 1)
            for key in self._names.get(" ".join(words[start:end]), ())
        )

    def _untaught_in(self, norm: str) -> list[int]:
        """Indices of the entries that are called by name in the message; those with a classifier of
        their own are judged by it."""
        return [self._index[key] for key in self.called_in(norm)]

    def plainly(self, text: str) -> str | None:
        """Id of the one procedure whose name stands in ``text`` with nothing beside it but words of
        questions ("đăng ký kết hôn cần giấy tờ gì")."""
        words = normalize(text).split()
        found: set[str] = set()
        for start in range(len(words)):
            for end in range(start + 2, min(start + LONGEST_NAME, len(words)) + 1):
                ids = self._names.get(" ".join(words[start:end]), ())
                if ids and self._question_words.issuperset(words[:start] + words[end:]):
                    found |= set(ids)
        return found.pop() if len(found) == 1 else None

    def search(self, text: str, limit: int = 5) -> list[Hit]:
        """The best ``limit`` procedures, best first."""
        return self.find(text).hits[:limit]

    def _find(self, text: str) -> Finding:
        norm = normalize(text)
        if not norm or not self._real:
            return Finding()
        votes = self._votes(norm)
        if whole := self._named_whole(norm):
            votes[whole] = votes.max() + WHOLE_NAME_LEAD
        best = float(votes[: self._real].max())
        named = _sigmoid(NAMED_SLOPE * (best - float(votes[self._real :].max())))
        familiar = _sigmoid(FAMILIAR_SLOPE * (best - FAMILIAR_FROM))
        unnamed, outside = (float(vote) for vote in votes[self._real :])
        elsewhere = _sigmoid(NAMED_SLOPE * (outside - unnamed))
        if self.called_in(norm):
            named = max(named, NAMED_TO_THE_LETTER)
        hits = [Hit(self._targets[i], score) for i, score in _scores(votes[: self._procedures])]
        event, event_score = None, 0.0
        if self._procedures < self._real:
            index = self._procedures + int(votes[self._procedures : self._real].argmax())
            event = self._targets[index]
            lead = float(votes[index] - votes[: self._procedures].max(initial=-1.0))
            event_score = _sigmoid(LEAD_SLOPE * lead)
        return Finding(hits, named, familiar, elsewhere, event, event_score)

    def _named_whole(self, norm: str) -> list[int]:
        """The procedures one of whose names is the whole message, or, if long, stands in it; of names of
        different lengths the longest alone."""
        said = norm.split()
        if said[:2] == ["thu", "tuc"]:
            said = said[2:]
        found = [
            (len(name), index)
            for start in range(len(said))
            for name, index in self._wholes.get(tuple(said[start : start + LONGEST_NAME]), ())
            if said[start : start + len(name)] == name and (len(name) >= LONGEST_NAME or name == said)
        ]
        longest = max((length for length, _ in found), default=0)
        return [index for length, index in found if length == longest]

    def _votes(self, norm: str) -> np.ndarray:
        """The mix of both views for each target; shape (targets,)."""
        query = self._features([norm])
        near = np.zeros(len(self._targets), dtype=np.float32)
        np.maximum.at(near, self._owners, (query @ self._wordings).toarray().ravel() / 2)
        margins = np.full(len(self._targets), UNTRAINED_MARGIN, dtype=np.float32)
        margins[self._untaught_in(norm)] = UNTRAINED_BUT_NAMED
        margins[self._trained] = (query @ self._weights).ravel() + self._bias
        return near + CLASSIFIER_WEIGHT * margins


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


def _whole_names(procedures: Sequence[Procedure]) -> dict[tuple[str, ...], list[tuple[list[str], int]]]:
    """The whole names (normalised words) and whose they are, by their first words."""
    names: dict[tuple[str, ...], list[tuple[list[str], int]]] = {}
    for index, procedure in enumerate(procedures):
        for name in (procedure.name.removeprefix("Thủ tục "), *procedure.also_called):
            words = normalize(name).split()
            names.setdefault(tuple(words[:LONGEST_NAME]), []).append((words, index))
    return names


def _short_names(procedures: Sequence[Procedure], unnamed: Sequence[str]) -> dict[str, set[str]]:
    """From what procedures are called (normalised, of two words and more, with and without forewords
    such as "làm", "đăng ký") to their ids; without what stands in questions that name none."""
    names: dict[str, set[str]] = {}
    for procedure in procedures:
        for name in (procedure.name, *procedure.also_called):
            words = normalize(name).split()
            while len(words) >= 2:
                if len(words) <= LONGEST_NAME:
                    names.setdefault(" ".join(words), set()).add(procedure.id)
                if words[0] not in _FOREWORDS:
                    break
                words = words[1:]
    questions = " | ".join(f" {row} " for row in unnamed)
    return {name: ids for name, ids in names.items() if f" {name} " not in questions}


def _names_in_questions(
    targets: Sequence[Procedure | LifeEvent], elsewhere: Sequence[str], questions: Sequence[str]
) -> tuple[list[str], list[int]]:
    """The names of the targets that have everyday names, and of matters elsewhere (the last owner),
    each before or after a few questions."""
    named = [
        (index, name)
        for index, target in enumerate(targets)
        for name in ((_bare(target.name), *target.also_called) if target.asked_as else ())
    ]
    named += [(len(targets) + 1, name) for name in elsewhere]
    rng = random.Random(len(questions))
    texts: list[str] = []
    owners: list[int] = []
    for index, name in named:
        for question in rng.sample(questions, min(QUESTIONS_PER_NAME, len(questions))):
            pair = [normalize(name), question]
            texts.append(" ".join(pair if rng.random() < 0.7 else reversed(pair)))
            owners.append(index)
    return texts, owners


def _bare(name: str) -> str:
    """An official name without what says how, and not what: forewords, asides, "by online service"."""
    return _ASIDES.sub(" ", name).removeprefix("Thủ tục ").strip() or name


def _wordings(
    targets: Sequence[Procedure | LifeEvent], learned: Mapping[str, Sequence[str]]
) -> tuple[list[str], list[int]]:
    texts: list[str] = []
    owners: list[int] = []
    for index, target in enumerate(targets):
        wordings = dict.fromkeys(
            [_bare(target.name), *target.also_called, *target.asked_as, *learned.get(target.id, ())]
        )
        texts += [normalize(wording) for wording in wordings]
        owners += [index] * len(wordings)
    return texts, owners
