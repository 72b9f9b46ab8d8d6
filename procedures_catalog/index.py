"""What a message is looked up in: every wording of every entry, weighed, and what entries are called.

Building takes a second for thousands of entries (SciPy); reading one that was kept takes a moment
(:mod:`procedures_catalog.kept_index`), and asking it needs nothing but NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import msgspec
import numpy as np

from procedures_catalog.background import read_everyday
from procedures_catalog.life_events import LifeEvent
from procedures_catalog.model import Procedure
from procedures_catalog.ngrams import Features, Grams, weigh
from procedures_catalog.wordings import (
    Learnt,
    Normalise,
    naming_nothing,
    naming_what_is_elsewhere,
    wordings_of,
)

LONGEST_NAME = 8
LONGEST_PHRASE = 5
_JOINTS = frozenset(("va", "voi", "roi", "con", "cung"))
_FOREWORDS = frozenset(
    ("thu", "tuc", "dang", "ky", "lam", "xin", "cap", "di", "giay", "giai", "quyet", "thuc", "hien")
)


class Names(msgspec.Struct, array_like=True):
    """What procedures are called, normalised.

    ``short``: names of two words and more, with and without forewords such as "làm", "đăng ký", to the
    places of their procedures; ``whole``: the whole names and whose they are, by their first words;
    ``question_words``: the words of questions that name no procedure; ``question_phrases``: several of them
    as they follow one another there; ``meanings``: what people say, and the words of the law for it.
    """

    short: dict[str, list[int]]
    whole: dict[str, list[tuple[list[str], int]]]
    question_words: frozenset[str]
    question_phrases: frozenset[str]
    meanings: dict[str, str]


@dataclass(frozen=True)
class Index(Features):
    """Which wordings hold each n-gram, and what procedures are called.

    ``offsets``, ``wordings``, ``values``: for each n-gram the wordings that hold it and its weight there
    (a sparse matrix by rows); ``owners``: whose each wording is, ascending. Owners are the procedures, the
    life events, "names nothing" and "is a matter elsewhere", in this order. ``names_packed``: :class:`Names`.
    """

    offsets: np.ndarray
    wordings: np.ndarray
    values: np.ndarray
    owners: np.ndarray
    names_packed: np.ndarray

    @cached_property
    def names(self) -> Names:
        return msgspec.msgpack.decode(self.names_packed.tobytes(), type=Names)

    @cached_property
    def _groups(self) -> tuple[np.ndarray, np.ndarray]:
        """The targets that have wordings, and where the wordings of each begin."""
        return np.unique(self.owners, return_index=True)

    def likeness(self, found: Grams, targets: int) -> np.ndarray:
        """For each target the likeness (0 to 1) of a message to its nearest wording; shape (targets,)."""
        columns, values = self.row(found)
        near = np.zeros(targets, np.float32)
        if len(columns):
            begins, ends = self.offsets[columns], self.offsets[columns + 1]
            # Each n-gram's wordings lie side by side: pieces are copied faster than picked one by one.
            pieces = [slice(*ends_of) for ends_of in zip(begins.tolist(), ends.tolist(), strict=True)]
            wordings = np.concatenate([self.wordings[piece] for piece in pieces])
            shares = np.concatenate([self.values[piece] for piece in pieces])
            shares = shares * np.repeat(values, ends - begins)
            likeness = np.bincount(wordings, shares, minlength=len(self.owners))
            present, starts = self._groups
            near[present] = np.maximum.reduceat(likeness, starts) / 2
        return near


def build_index(
    procedures: Sequence[Procedure], events: Sequence[LifeEvent], learned: Learnt, norm: Normalise
) -> Index:
    """The index of a catalogue; ``learned``: what people asked besides, by id, and what they asked that is
    none of its matters."""
    said = [
        (norm(text), place)
        for place, target in enumerate([*procedures, *events])
        for text in wordings_of(target, learned)
    ]
    targets, unnamed = len(procedures) + len(events), [norm(text) for text in naming_nothing()]
    said += [(text, targets) for text in unnamed]
    said += [(norm(text), targets + 1) for text in naming_what_is_elsewhere(learned)]
    features, rows = weigh([text for text, _ in said], len(said))
    by_ngram = rows.T.tocsr()
    names = Names(
        _short_names(procedures, unnamed, norm),
        _whole_names(procedures, norm),
        _JOINTS.union(word for text in unnamed for word in text.split()),
        _question_phrases(procedures, unnamed, norm),
        {norm(word): norm(meaning.means) for meaning in read_everyday() for word in meaning.said},
    )
    return Index(
        **features.arrays(),
        offsets=by_ngram.indptr.astype(np.int64),
        wordings=by_ngram.indices.astype(np.int32),
        values=by_ngram.data,
        owners=np.array([place for _, place in said]),
        names_packed=np.frombuffer(msgspec.msgpack.encode(names), np.uint8),
    )


def _whole_names(procedures: Sequence[Procedure], norm: Normalise) -> dict[str, list[tuple[list[str], int]]]:
    names: dict[str, list[tuple[list[str], int]]] = {}
    for index, procedure in enumerate(procedures):
        for name in (procedure.name.removeprefix("Thủ tục "), *procedure.also_called):
            said = norm(name).split()
            names.setdefault(" ".join(said[:LONGEST_NAME]), []).append((said, index))
    return names


def _short_names(
    procedures: Sequence[Procedure], unnamed: Sequence[str], norm: Normalise
) -> dict[str, list[int]]:
    """Without what stands in questions that name none."""
    names: dict[str, dict[int, None]] = {}
    for index, procedure in enumerate(procedures):
        for name in (procedure.name, *procedure.also_called):
            said = norm(name).split()
            while len(said) >= 2:
                if len(said) <= LONGEST_NAME:
                    names.setdefault(" ".join(said), {})[index] = None
                if said[0] not in _FOREWORDS:
                    break
                said = said[1:]
    questions = " | ".join(f" {row} " for row in unnamed)
    return {name: list(places) for name, places in names.items() if f" {name} " not in questions}


def _question_phrases(
    procedures: Sequence[Procedure], unnamed: Sequence[str], norm: Normalise
) -> frozenset[str]:
    """Two words that stand in a name too ("giay phep") are no question by themselves."""
    asked = [text.split() for text in unnamed]
    phrases = {
        length: {
            tuple(said[start : start + length]) for said in asked for start in range(len(said) - length + 1)
        }
        for length in range(2, LONGEST_PHRASE + 1)
    }
    for procedure in procedures:
        for name in (procedure.name, *procedure.also_called):
            phrases[2].difference_update(pairwise(norm(name).split()))
    return frozenset(" ".join(phrase) for found in phrases.values() for phrase in found)
