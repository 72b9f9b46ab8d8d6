"""How each matter is worded: what search compares a message with, and what it learns from."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

from procedures_catalog.background import read_background, read_outside
from procedures_catalog.learned import OUTSIDE
from procedures_catalog.life_events import LifeEvent
from procedures_catalog.model import Procedure
from vietnamese import normalize, without_places

# Each name is learnt with a question around it, so that questions say nothing about which.
QUESTIONS_PER_NAME = 1
QUESTION_LAST = 0.7
_ASIDES = re.compile(
    r"\([^)]*\)|(thực hiện )?(bằng|trên|qua) dịch vụ công.*$|trực tuyến (toàn trình|một phần).*?$"
)

Target = Procedure | LifeEvent
Normalise = Callable[[str], str]
Learnt = Mapping[str, Sequence[str]]


def searched(text: str) -> str:
    """A text as search reads it: normalised, and without where somebody lives."""
    return without_places(normalize(text))


def wordings_of(target: Target, learned: Learnt) -> list[str]:
    """The name, the everyday names, the whole messages, and what people asked besides (by id); each once."""
    return [
        *dict.fromkeys(
            [_bare(target.name), *target.also_called, *target.asked_as, *learned.get(target.id, ())]
        )
    ]


def names_in_questions(target: Target, questions: Sequence[str], norm: Normalise) -> list[str]:
    """The names of a matter that has whole messages, normalised, each before or after a few questions."""
    named = (_bare(target.name), *target.also_called) if target.asked_as else ()
    return [text for name in named for text in in_questions(name, questions, norm)]


def in_questions(name: str, questions: Sequence[str], norm: Normalise) -> list[str]:
    """A name before or after a few of these questions."""
    # By the name itself: a name that is added moves no other's.
    rng = random.Random(name)
    pairs = [
        (norm(name), question) for question in rng.sample(questions, min(QUESTIONS_PER_NAME, len(questions)))
    ]
    return [" ".join(pair if rng.random() < QUESTION_LAST else reversed(pair)) for pair in pairs]


def naming_nothing() -> list[str]:
    """Messages that name no matter."""
    return read_background().unnamed


def naming_what_is_elsewhere(learned: Learnt) -> list[str]:
    """Messages about what is not the centre's."""
    outside = [message for family in read_outside() for message in family.messages]
    return [*read_background().elsewhere, *outside, *learned.get(OUTSIDE, ())]


def _bare(name: str) -> str:
    """An official name without what says how, and not what: forewords, asides, "by online service"."""
    return _ASIDES.sub(" ", name).removeprefix("Thủ tục ").strip() or name
