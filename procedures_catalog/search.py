"""Finding the procedure that a citizen means.

A :class:`Ranker` is built from the entries alone (names, everyday names, whole messages, life
events), in about a second, so a new or changed entry answers at once, with no training by hand.
Two views of the same features vote: a linear classifier over the entries that have everyday names
and messages, and the likeness to the nearest wording of every entry, listed ones included.
Scores are calibrated: among hits with score 0.8, about eight in ten are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from procedures_catalog.life_events import LifeEvent
from procedures_catalog.loading import read_yaml
from procedures_catalog.model import Procedure, Row
from vietnamese import normalize

BACKGROUND = Path(__file__).parent / "background.yml"

# How the two views are mixed, and how the mix becomes a probability. Fitted on wordings held out
# of the entries (see docs/decisions/0004-finding-the-procedure.md).
CLASSIFIER_WEIGHT = 0.6
UNTRAINED_MARGIN = -0.75
SHARPNESS = 9.0


class Background(Row):
    """Messages that name no procedure: follow-ups, and matters that are not ours."""

    unnamed: list[str]
    elsewhere: list[str]


@dataclass(frozen=True)
class Hit:
    """A procedure and the probability that it is meant, from 0 to 1."""

    procedure: Procedure
    score: float


@dataclass(frozen=True)
class Finding:
    """What a message is about.

    ``named``: probability that it names a matter of the catalogue at all (a follow-up such as
    "lệ phí bao nhiêu?" names none). ``event`` with ``event_score``: a life event it tells of.
    """

    hits: list[Hit] = field(default_factory=list)
    named: float = 0.0
    event: LifeEvent | None = None
    event_score: float = 0.0


class Ranker:
    """Ranks procedures and life events for a message."""

    def __init__(self, procedures: Sequence[Procedure], events: Sequence[LifeEvent] = ()) -> None:
        self._targets: list[Procedure | LifeEvent | str] = [*procedures, *events]
        texts, owners = _wordings(self._targets)
        background = msgspec.convert(read_yaml(BACKGROUND), Background)
        for label, rows in (("unnamed", background.unnamed), ("elsewhere", background.elsewhere)):
            self._targets.append(label)
            texts += [normalize(row) for row in rows]
            owners += [len(self._targets) - 1] * len(rows)
        self._owners = np.array(owners)
        self._words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")
        self._chars = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
        matrix = hstack([self._words.fit_transform(texts), self._chars.fit_transform(texts)]).tocsr()
        matrix = matrix.astype(np.float32)
        self._transposed = matrix.T.tocsr()
        counts = np.bincount(self._owners, minlength=len(self._targets))
        trained = np.flatnonzero(counts > 1)
        rows = np.isin(self._owners, trained)
        model = LinearSVC(C=1.0).fit(matrix[rows], self._owners[rows])
        self._trained = model.classes_
        self._weights = model.coef_.T.astype(np.float32)
        self._bias = model.intercept_.astype(np.float32)
        self.find = lru_cache(maxsize=1024)(self._find)

    def search(self, text: str, limit: int = 5) -> list[Hit]:
        """The best ``limit`` procedures, best first."""
        return self.find(text).hits[:limit]

    def _find(self, text: str) -> Finding:
        norm = normalize(text)
        if not norm:
            return Finding()
        votes = self._votes(norm)
        chances = np.exp(SHARPNESS * (votes - votes.max()))
        chances /= chances.sum()
        named = 1.0 - float(chances[-2:].sum())
        hits: list[Hit] = []
        event, event_score = None, 0.0
        for index in np.argsort(-chances)[:12]:
            target, score = self._targets[index], float(chances[index])
            if isinstance(target, Procedure):
                hits.append(Hit(target, score))
            elif isinstance(target, LifeEvent) and event is None:
                event, event_score = target, score
        return Finding(hits, named, event, event_score)

    def _votes(self, norm: str) -> np.ndarray:
        """The mix of both views for each target; shape (targets,)."""
        query = hstack([self._words.transform([norm]), self._chars.transform([norm])]).tocsr()
        query = query.astype(np.float32)
        near = np.zeros(len(self._targets), dtype=np.float32)
        np.maximum.at(near, self._owners, (query @ self._transposed).toarray().ravel() / 2)
        margins = np.full(len(self._targets), UNTRAINED_MARGIN, dtype=np.float32)
        margins[self._trained] = (query @ self._weights).ravel() + self._bias
        return near + CLASSIFIER_WEIGHT * margins


def _wordings(targets: Sequence[Procedure | LifeEvent | str]) -> tuple[list[str], list[int]]:
    texts: list[str] = []
    owners: list[int] = []
    for index, target in enumerate(targets):
        wordings = dict.fromkeys([target.name, *target.also_called, *target.asked_as])
        texts += [normalize(wording) for wording in wordings]
        owners += [index] * len(wordings)
    return texts, owners
