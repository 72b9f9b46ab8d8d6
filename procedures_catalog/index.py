"""What a message is looked up in: every wording of every entry, weighed and learnt.

Building takes a second or two (scikit-learn); reading one that was kept takes a moment
(:mod:`procedures_catalog.cache`), and asking it needs nothing but NumPy.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from itertools import pairwise

import msgspec
import numpy as np

from procedures_catalog.background import read_background, read_everyday, read_outside
from procedures_catalog.classifier import Fit, fitting
from procedures_catalog.learned import OUTSIDE
from procedures_catalog.life_events import LifeEvent
from procedures_catalog.model import Procedure
from procedures_catalog.ngrams import Weighing, characters, row, weigh_characters, weigh_words, words
from vietnamese import normalize

# Each name is learnt with a question around it, so that questions say nothing about which.
QUESTIONS_PER_NAME = 1
# Fewer wordings than this teach a classifier too little: such an entry is found by likeness alone.
TAUGHT_FROM = 7
LONGEST_NAME = 8
LONGEST_PHRASE = 5
_ASIDES = re.compile(
    r"\([^)]*\)|(thực hiện )?(bằng|trên|qua) dịch vụ công.*$|trực tuyến (toàn trình|một phần).*?$"
)
_JOINTS = frozenset(("va", "voi", "roi", "con", "cung"))
_FOREWORDS = frozenset(
    ("thu", "tuc", "dang", "ky", "lam", "xin", "cap", "di", "giay", "giai", "quyet", "thuc", "hien")
)

Target = Procedure | LifeEvent
Normalise = Callable[[str], str]


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
class Index:
    """Arrays only, so that it can be kept on disk as it is.

    Targets are the procedures, the life events, "names nothing" and "is a matter elsewhere", in this
    order. ``vocabulary_*`` and ``names`` are UTF-8 bytes; ``idf_*`` has one weight for each n-gram.
    ``offsets``, ``wordings``, ``values``: for each n-gram the wordings that hold it and its weight there
    (a sparse matrix by rows); ``owners``: whose each wording is, ascending. ``weights`` of shape
    (n-grams, classes) and ``bias``: a linear classifier for each target in ``taught``.
    """

    vocabulary_words: np.ndarray
    vocabulary_characters: np.ndarray
    idf_words: np.ndarray
    idf_characters: np.ndarray
    offsets: np.ndarray
    wordings: np.ndarray
    values: np.ndarray
    owners: np.ndarray
    taught: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    names_packed: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """Its parts by name, for keeping."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @cached_property
    def names(self) -> Names:
        return msgspec.msgpack.decode(self.names_packed.tobytes(), type=Names)

    @cached_property
    def _weighings(self) -> tuple[Weighing, Weighing]:
        first = _places(self.vocabulary_words)
        second = _places(self.vocabulary_characters)
        return (
            Weighing(words, first, self.idf_words),
            Weighing(characters, second, self.idf_characters, first=len(first)),
        )

    @cached_property
    def _groups(self) -> tuple[np.ndarray, np.ndarray]:
        """The targets that have wordings, and where the wordings of each begin."""
        return np.unique(self.owners, return_index=True)

    def knows(self, word: str) -> bool:
        """Whether a normalised word stands in any wording."""
        return word in self._weighings[0].vocabulary

    def likeness(self, norm: str, targets: int) -> tuple[np.ndarray, np.ndarray]:
        """Two views of a normalised message: for each target the likeness (0 to 1) to its nearest wording,
        shape (targets,), and for each taught target its classifier's margin, shape (taught,)."""
        columns, values = row(norm, self._weighings)
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
        return near, values @ self.weights[columns] + self.bias


def build_index(
    procedures: Sequence[Procedure], events: Sequence[LifeEvent], learned: Mapping[str, Sequence[str]]
) -> Index:
    """The index of a catalogue; ``learned``: what people asked besides, by id, and
    what they asked that is none of its matters."""
    targets = [*procedures, *events]
    with fitting(sum(2 + len(t.also_called) + len(t.asked_as) for t in targets if t.asked_as)) as fit:
        return _built(procedures, targets, learned, fit)


def _built(
    procedures: Sequence[Procedure], targets: Sequence[Target], learned: Mapping[str, Sequence[str]], fit: Fit
) -> Index:
    # A second and a hundred megabytes, for building only.
    from scipy.sparse import hstack

    # A name is needed in several places and is normalised once.
    norm = lru_cache(maxsize=None)(normalize)
    background = read_background()
    unnamed = [norm(row) for row in background.unnamed]
    outside = [message for family in read_outside() for message in family.messages]
    elsewhere = [norm(row) for row in (*background.elsewhere, *outside, *learned.get(OUTSIDE, ()))]
    texts, owners = _wordings(targets, learned, norm)
    texts += unnamed + elsewhere
    owners += [len(targets)] * len(unnamed) + [len(targets) + 1] * len(elsewhere)
    asked, askers = _names_in_questions(targets, background.topics_elsewhere, unnamed, norm)

    by_words = weigh_words(texts + asked, len(texts))
    by_characters = weigh_characters(texts + asked, len(texts))
    everything = hstack([by_words.rows, by_characters.rows], format="csr", dtype=np.float32)

    whose = np.array(owners + askers)
    enough = np.bincount(whose, minlength=len(targets) + 2)[whose] >= TAUGHT_FROM
    with ThreadPoolExecutor(1) as beside:
        # It lets other threads work meanwhile.
        fitted = beside.submit(fit, everything[enough], whose[enough])
        by_ngram = everything[: len(texts)].T.tocsr()
        names = Names(
            _short_names(procedures, unnamed, norm),
            _whole_names(procedures, norm),
            _JOINTS.union(word for row in unnamed for word in row.split()),
            _question_phrases(procedures, unnamed, norm),
            {norm(said): norm(meaning.means) for meaning in read_everyday() for said in meaning.said},
        )
        classifier = fitted.result()
    return Index(
        vocabulary_words=_packed(by_words.grams),
        vocabulary_characters=_packed(by_characters.grams),
        idf_words=by_words.idf,
        idf_characters=by_characters.idf,
        offsets=by_ngram.indptr.astype(np.int64),
        wordings=by_ngram.indices.astype(np.int32),
        values=by_ngram.data,
        owners=np.array(owners),
        taught=classifier.classes,
        weights=classifier.weights,
        bias=classifier.bias,
        names_packed=np.frombuffer(msgspec.msgpack.encode(names), np.uint8),
    )


def _packed(grams: Sequence[str]) -> np.ndarray:
    return np.frombuffer("\n".join(grams).encode(), np.uint8)


def _places(packed: np.ndarray) -> dict[str, int]:
    return {gram: place for place, gram in enumerate(packed.tobytes().decode().split("\n"))}


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
    in_names = {
        pair
        for procedure in procedures
        for name in (procedure.name, *procedure.also_called)
        for pair in pairwise(norm(name).split())
    }
    return frozenset(
        " ".join(said[start : start + length])
        for said in (row.split() for row in unnamed)
        for length in range(2, LONGEST_PHRASE + 1)
        for start in range(len(said) - length + 1)
        if length > 2 or (said[start], said[start + 1]) not in in_names
    )


def _names_in_questions(
    targets: Sequence[Target], elsewhere: Sequence[str], questions: Sequence[str], norm: Normalise
) -> tuple[list[str], list[int]]:
    """The names of the targets that have everyday names, and of matters elsewhere (the last owner),
    each before or after a few questions."""
    named = [
        (index, name)
        for index, target in enumerate(targets)
        for name in ((_bare(target.name), *target.also_called) if target.asked_as else ())
    ]
    named += [(len(targets) + 1, name) for name in elsewhere]
    texts: list[str] = []
    owners: list[int] = []
    for index, name in named:
        # By the name itself: a name that is added moves no other's.
        rng = random.Random(name)
        for question in rng.sample(questions, min(QUESTIONS_PER_NAME, len(questions))):
            pair = [norm(name), question]
            texts.append(" ".join(pair if rng.random() < 0.7 else reversed(pair)))
            owners.append(index)
    return texts, owners


def _bare(name: str) -> str:
    """An official name without what says how, and not what: forewords, asides, "by online service"."""
    return _ASIDES.sub(" ", name).removeprefix("Thủ tục ").strip() or name


def _wordings(
    targets: Sequence[Target], learned: Mapping[str, Sequence[str]], norm: Normalise
) -> tuple[list[str], list[int]]:
    texts: list[str] = []
    owners: list[int] = []
    for index, target in enumerate(targets):
        wordings = dict.fromkeys(
            [_bare(target.name), *target.also_called, *target.asked_as, *learned.get(target.id, ())]
        )
        texts += [norm(wording) for wording in wordings]
        owners += [index] * len(wordings)
    return texts, owners
