"""More examples from the examples: other procedures in them, two questions in one breath, slips in them.

A row of training data tells of each intent that it holds, that it does not, or that nobody knows:
whole messages about procedures (``Wordings.messages``) are surely no small talk and no danger, but
what they ask has no label.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import starmap

from bot.engine.tokenizer import lemma, said
from vietnamese import tokenize
from vietnamese.mending import Said
from vietnamese.noise import make_variant

JOINTS = (
    *(" ", ", ", " với ", " và ", " rồi ", "? ", " còn ", ". "),
    *(" + ", " mà ", ", rồi ", " với lại ", " hả, "),
)
EXCHANGES = 4
PAIRS = 2
TOLD = 2
# Of so many of the pairs something is told before.
TOLD_BEFORE = 0.35
MORE_QUESTIONS = (1, 1, 1, 2, 2, 3, 4)
# Of so many of the rows there is another with slips in it.
SLIPPED = 0.25
# Longer ones are whole messages: nothing is put around them.
LONGEST_PART = 12
OUTSIDE = "out_of_scope"
# Before the name of a table of what people of a centre asked: "asked:ask_fee+ask_time".
LEARNED = "asked:"
COURTESIES = frozenset(("greet", "thank"))
SHORT = frozenset(("greet", "thank", "affirm", "deny", "goodbye", "pick_option", "show_more", "dont_know"))


@dataclass(frozen=True)
class Example:
    """A text, the intents that hold for it, and the spans of its procedure names; ``open``: what it asks
    beside them is unknown."""

    text: str
    intents: frozenset[str]
    names: tuple[tuple[int, int], ...] = ()
    open: bool = False


@dataclass(frozen=True)
class Wordings:
    """What the catalogue calls its procedures, whole messages about them, what is none of it, and what
    people tell around a question without asking anything."""

    names: Sequence[str] = ()
    messages: Sequence[str] = ()
    elsewhere: Sequence[str] = ()
    stories: Sequence[str] = ()


@dataclass(frozen=True)
class TrainingRow:
    """A text as lemmas; ``holds``: its intents; ``open``: whether what is asked beside them is unknown;
    ``slipped``: its tokens, when there are slips of the finger in it."""

    lemmas: str
    holds: frozenset[str]
    open: bool = field(default=False)
    slipped: tuple[Said, ...] = field(default=())


def asks_about_a_procedure(intent: str) -> bool:
    """Whether the intent says what is asked about a procedure (or only names one)."""
    return intent == "name_procedure" or intent.startswith("ask_")


def merged(examples: Sequence[Example]) -> list[Example]:
    """One example for each text: what stands under several intents holds them all."""
    by_text: dict[str, Example] = {}
    for example in examples:
        known = by_text.get(example.text)
        by_text[example.text] = (
            replace(example, intents=example.intents | known.intents) if known else example
        )
    return list(by_text.values())


def learned_examples(tables: Mapping[str, Sequence[str]]) -> list[Example]:
    """What people of the centre asked, from the tables that are named after what is asked in them. What is
    not for the centre may well ask for a fee or a place: nothing is learnt of that."""
    asked = {
        name: frozenset(name.removeprefix(LEARNED).split("+")) for name in tables if name.startswith(LEARNED)
    }
    return [
        Example(text, intents, open=not any(map(asks_about_a_procedure, intents)))
        for name, intents in asked.items()
        for text in tables[name]
    ]


def augment(examples: Sequence[Example], wordings: Wordings, rng: random.Random) -> list[TrainingRow]:
    """The examples, each with exchanged names, in pairs, after courtesies, around stories and with slips."""
    own = {example.text[start:end] for example in examples for start, end in example.names}
    names = sorted(own | set(wordings.names))
    rows = [(e.text, e.intents, e.open) for e in examples]
    for example in examples:
        for _ in range(EXCHANGES if example.names else 0):
            rows.append((_exchange(example, names, rng), example.intents, False))
    short = [e for e in examples if len(e.text.split()) <= LONGEST_PART]
    questions = [e for e in short if all(i.startswith("ask_") for i in e.intents)]
    for example in questions:
        for _ in range(PAIRS):
            others = rng.sample(questions, min(rng.choice(MORE_QUESTIONS), len(questions)))
            rows.append(_together(example, others, names, wordings.stories, rng))
    for example in short if wordings.stories else ():
        if all(map(asks_about_a_procedure, example.intents)):
            rows += [_told(example, names, wordings.stories, rng) for _ in range(TOLD)]
    for example in examples:
        if wordings.elsewhere and example.names and asks_about_a_procedure(min(example.intents)):
            text = _exchange(example, wordings.elsewhere, rng)
            rows.append((text, frozenset((OUTSIDE,)), True))
    courtesies = [e for e in examples if e.intents & COURTESIES]
    for example in short:
        if courtesies and not example.intents & SHORT:
            courtesy = rng.choice(courtesies)
            text = courtesy.text + rng.choice((" ", ", ", ". ")) + _exchange(example, names, rng)
            rows.append((text, example.intents | courtesy.intents, example.open))
    told = {example.text for example in examples}
    rows += [(message, frozenset(), True) for message in wordings.messages if message not in told]
    made = [TrainingRow(to_lemmas(text), intents, unknown) for text, intents, unknown in rows]
    chosen = [row for row in rows if rng.random() < SLIPPED]
    return made + [_with_slips(*row, rng) for row in chosen]


def _with_slips(text: str, intents: frozenset[str], unknown: bool, rng: random.Random) -> TrainingRow:
    typed = make_variant(text, "typos", rng.getrandbits(32))
    tokens = [(token.text, word) for token in tokenize(typed) if (word := lemma(token))]
    return TrainingRow(" ".join(word for _, word in tokens), intents, unknown, tuple(starmap(said, tokens)))


def to_lemmas(text: str) -> str:
    """A text as the classifier reads it."""
    return " ".join(word for token in tokenize(text) if (word := lemma(token)))


def _together(
    first: Example,
    others: Sequence[Example],
    names: Sequence[str],
    stories: Sequence[str],
    rng: random.Random,
) -> tuple[str, frozenset[str], bool]:
    """Questions joined as people do; the later ones mostly leave the procedure's name out, and something may
    be told before the first."""
    text, intents = _exchange(first, names, rng), first.intents
    if stories and rng.random() < TOLD_BEFORE:
        text = rng.choice(stories) + rng.choice((", ", ". ", " ", " thì ", ", vậy ")) + text
    for other in others:
        end = _without_name(other) if rng.random() < 0.7 else _exchange(other, names, rng)
        text, intents = text + rng.choice(JOINTS) + end, intents | other.intents
    return text, intents, False


def _told(
    example: Example, names: Sequence[str], stories: Sequence[str], rng: random.Random
) -> tuple[str, frozenset[str], bool]:
    """The example in the middle of what people tell; as nothing there asks, its intents are all of them."""
    before = rng.sample(stories, rng.choice((1, 1, 2)))
    text = rng.choice((", ", ". ", " ")).join(before)
    asked = _exchange(example, names, rng)
    pair = (text, asked) if rng.random() < 0.75 else (asked, text)
    return rng.choice((", ", ". ", " ", " thì ")).join(pair), example.intents, False


def _exchange(example: Example, names: Sequence[str], rng: random.Random) -> str:
    text = example.text
    for start, end in sorted(example.names, reverse=True):
        text = text[:start] + rng.choice(names) + text[end:]
    return text


def _without_name(example: Example) -> str:
    text = example.text
    for start, end in sorted(example.names, reverse=True):
        text = text[:start] + text[end:]
    return " ".join(text.split())
