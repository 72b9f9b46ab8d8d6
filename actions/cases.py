"""Recognising, in a citizen's own words, one choice of a case question."""

from __future__ import annotations

from rapidfuzz import fuzz

from procedures_catalog.model import Case
from vietnamese import normalize

SURE = 88
LEAD = 6
_YES = {"co", "roi", "da", "vang", "u", "dung", "phai", "ok"}
_NO = {"khong", "chua", "ko"}


def recognised_choice(case: Case, text: str) -> str | None:
    """The id of the choice that the text surely means, or None."""
    said = normalize(text)
    if not said:
        return None
    number = said.split()
    if len(number) == 1 and number[0].isdigit() and 1 <= int(number[0]) <= len(case.choices):
        return case.choices[int(number[0]) - 1].id
    scored = sorted(
        ((max(_fit(said, normalize(name)) for name in (c.label, *c.also)), c.id) for c in case.choices),
        reverse=True,
    )
    best, second = scored[0], scored[1]
    if best[0] >= SURE and best[0] - second[0] >= LEAD:
        return best[1]
    return _yes_or_no(case, said)


def _fit(said: str, name: str) -> float:
    """How well the words said match one wording: all of its words there counts as (nearly) full."""
    if not name:
        return 0.0
    if said == name:
        return 100.0
    words, wanted = said.split(), name.split()
    if len(wanted) > 1 and f" {name} " in f" {said} ":
        return 97.0
    if len(wanted) == 1:
        return 92.0 if name in words and len(words) <= 4 else 0.0
    return fuzz.token_sort_ratio(said, name)


def _yes_or_no(case: Case, said: str) -> str | None:
    """A bare yes or no, when exactly one choice says no."""
    words = set(said.split())
    if len(words) > 3:
        return None
    negative = [c.id for c in case.choices if {"khong", "chua"} & set(normalize(c.label).split())]
    if len(case.choices) != 2 or len(negative) != 1:
        return None
    positive = next(c.id for c in case.choices if c.id != negative[0])
    if words & _NO:
        return negative[0]
    return positive if words & _YES else None
