"""Reads the word lists under `data/`; each is read once, when first needed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from vietnamese.text import fold

_FOLDER = Path(__file__).parent / "data"


def _lines(name: str) -> list[str]:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


class KnownWords(NamedTuple):
    """Words that stay as typed: `always`, or `unless_telex` the rest of the message is Telex."""

    always: frozenset[str]
    unless_telex: frozenset[str]


@cache
def known_words() -> KnownWords:
    """Words outside the syllable tables (app, visa, Krông), folded."""
    words = " ".join(_lines("known_words.txt")).split()
    return KnownWords(
        frozenset(fold(word) for word in words if not word.startswith("?")),
        frozenset(fold(word[1:]) for word in words if word.startswith("?")),
    )


@cache
def frequent_syllables() -> frozenset[str]:
    """Folded syllables common enough to be what a chat spelling stands for."""
    return frozenset(" ".join(_lines("syllables.txt")).split())


@cache
def compounds() -> frozenset[tuple[str, str]]:
    """Two-syllable words as pairs of folded syllables."""
    pairs = (fold(entry).split() for line in _lines("compounds.txt") for entry in line.split(","))
    return frozenset((pair[0], pair[1]) for pair in pairs if len(pair) == 2)


class ShortForm(NamedTuple):
    """One row of `short_forms.tsv`: what a short form stands for beside certain words.

    `full` is accented, None where the word stays as typed. Empty neighbour sets ask for nothing.
    """

    full: str | None
    before: frozenset[str]
    after: frozenset[str]
    near: frozenset[str]


@cache
def short_forms() -> dict[str, tuple[ShortForm, ...]]:
    """Folded short form → its rows in the order they are tried."""
    rows: dict[str, list[ShortForm]] = {}
    for line in _lines("short_forms.tsv"):
        short, full, before, after, near = (*line.split("\t"), "", "", "")[:5]
        row = ShortForm(None if full == "=" else full, _words(before), _words(after), _words(near))
        rows.setdefault(fold(short), []).append(row)
    return {short: tuple(found) for short, found in rows.items()}


def _words(cell: str) -> frozenset[str]:
    return frozenset(cell.split(",")) if cell else frozenset()


@cache
def chat_spellings() -> dict[str, dict[str, int]]:
    """Accented word or phrase → its chat spellings with their counts, for making noise."""
    found = {}
    for line in _lines("noise_teencode.tsv"):
        full, spellings = line.split("\t")
        counts = (spelling.rsplit(":", 1) for spelling in spellings.split())
        found[full] = {spelling: int(count) for spelling, count in counts}
    return found


class Greetings(NamedTuple):
    """Words of a greeting: it ends in one of `marks`; `called_on`: people, after it, as phrases with
    diacritics; `before`: who speaks and who is spoken to, before it. But for the phrases, folded."""

    marks: frozenset[str]
    called_on: frozenset[tuple[str, ...]]
    before: frozenset[str]


@cache
def greetings() -> Greetings:
    """What a message begins with before it comes to the matter."""
    lists = dict(line.split(": ") for line in _lines("greetings.txt"))
    called_on = frozenset(tuple(phrase.split()) for phrase in lists["called_on"].split(","))
    before = fold(lists["before"]).split() + [fold(word) for phrase in called_on for word in phrase]
    return Greetings(frozenset(fold(lists["marks"]).split()), called_on, frozenset(before))


Phrases = frozenset[tuple[str, ...]]


class QuestionWords(NamedTuple):
    """By what a clause asks, as words: `written` and `bare` anywhere, `at_the_end` with nothing but
    `after_it` behind; `begins_another`: with what the next question in it begins; `no_question`: what only
    looks like one. All but `written` also as they are typed without diacritics."""

    written: Phrases
    bare: Phrases
    at_the_end: Phrases
    after_it: Phrases
    begins_another: Phrases
    no_question: Phrases


@cache
def question_words() -> QuestionWords:
    """What makes a question of a clause."""
    lists = dict(line.split(": ") for line in _lines("questions.txt"))
    read = {name: [tuple(phrase.split()) for phrase in line.split(", ")] for name, line in lists.items()}
    folded = {
        name: [tuple(map(fold, phrase)) for phrase in phrases] if name != "written" else []
        for name, phrases in read.items()
    }
    return QuestionWords(**{name: frozenset(read[name] + folded[name]) for name in read})


@cache
def places() -> frozenset[str]:
    """Provinces and cities, folded."""
    return frozenset(map(fold, _lines("places.txt")))


@cache
def followers() -> dict[str, frozenset[str]]:
    """Folded syllable → the folded syllables that often follow it."""
    lines = (line.split(": ") for line in _lines("pairs.txt"))
    return {first: frozenset(seconds.split()) for first, seconds in lines}
