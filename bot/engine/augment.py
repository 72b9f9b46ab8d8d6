"""More examples from the examples: other procedures in them, and two questions in one breath."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bot.engine.tokenizer import lemma
from vietnamese import tokenize

JOINTS = (" ", ", ", " với ", " và ", " rồi ", "? ", " còn ", ". ", " + ")
EXCHANGES = 3
PAIRS = 2


@dataclass(frozen=True)
class Example:
    """A text, the intents that hold for it, and the spans of its procedure names."""

    text: str
    intents: frozenset[str]
    names: tuple[tuple[int, int], ...] = ()


def augment(
    examples: Sequence[Example], rng: random.Random
) -> tuple[list[str], list[frozenset[str]]]:
    """The examples as lemma strings with their intents, each with exchanged names, and pairs.

    Pairs join the questions about a procedure (and courtesies before them) as people do; the
    second of two questions often leaves out the procedure's name.
    """
    names = sorted({example.text[start:end] for example in examples for start, end in example.names})
    rows: list[tuple[str, frozenset[str]]] = []
    for example in examples:
        rows.append((example.text, example.intents))
        for _ in range(EXCHANGES if example.names else 0):
            rows.append((_exchange(example, names, rng), example.intents))
    questions = [e for e in examples if all(i.startswith("ask_") for i in e.intents)]
    courtesies = [e for e in examples if e.intents & {"greet", "thank"}]
    others = [e for e in examples if not e.intents & {"greet", "thank", "affirm", "deny", "goodbye"}]
    for example in questions:
        for _ in range(PAIRS):
            other = rng.choice(questions)
            second = _drop(other) if rng.random() < 0.6 else _exchange(other, names, rng)
            text = _exchange(example, names, rng) + rng.choice(JOINTS) + second
            rows.append((text, example.intents | other.intents))
    for example in others:
        if courtesies:
            courtesy = rng.choice(courtesies)
            rows.append((courtesy.text + rng.choice((" ", ", ", ". ")) + example.text, example.intents | courtesy.intents))
    return [to_lemmas(text) for text, _ in rows], [intents for _, intents in rows]


def to_lemmas(text: str) -> str:
    """A text as the classifier reads it."""
    return " ".join(word for token in tokenize(text) if (word := lemma(token)))


def _exchange(example: Example, names: Sequence[str], rng: random.Random) -> str:
    text = example.text
    for start, end in sorted(example.names, reverse=True):
        text = text[:start] + rng.choice(names) + text[end:]
    return text


def _drop(example: Example) -> str:
    text = example.text
    for start, end in sorted(example.names, reverse=True):
        text = text[:start] + text[end:]
    return " ".join(text.split())
