"""Recognising, in a citizen's own words, one choice of a case question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz

from actions.ages import age_told, bounds, within
from procedures_catalog.model import Case
from procedures_catalog.phrasing import phrasing
from vietnamese import fold, normalize

ALIKE = 88
# So many words side by side out of a long choice tell it.
TOLD = 3


@dataclass(frozen=True)
class CaseWords:
    """Single words that an answer to a case question is made of (``phrasing.yml``), normalised."""

    agreeing: frozenset[str]
    denying: frozenset[str]
    small: frozenset[str]
    asking: frozenset[str]
    kin: frozenset[str]
    before_number: frozenset[str]
    numbers: dict[str, int]


@cache
def case_words() -> CaseWords:
    rows = phrasing().case_words
    sets = {name: frozenset(fold(word) for word in words) for name, words in rows.items()}
    numbers = {fold(word): number for word, number in phrasing().case_numbers.items()}
    return CaseWords(**{**sets, "small": sets["small"] | sets["agreeing"]}, numbers=numbers)


def recognised_choice(case: Case, text: str) -> str | None:
    """The id of the choice that the text surely means, or None: another question, say, is no answer."""
    said = normalize(text).split()
    if not said:
        return None
    if number := _number(said):
        return case.choices[number - 1].id if number <= len(case.choices) else None
    if aged := _of_age(case, said):
        return aged
    names = [(_wording(name), c.id) for c in case.choices for name in (c.label, *c.also)]
    exact = {key for name, key in names if list(name) == said}
    if not exact and said[-1] in case_words().denying and {"co", "phai"}.intersection(said[:-1]):
        return None  # "có … không?" asks
    held = exact or _most_told([(name, key) for name, key in names if _holds(said, name)])
    if held:
        return held.pop() if len(held) == 1 else None
    alike = {key for name, key in names if _is_like(said, name)} or _made_of(said, names)
    return alike.pop() if len(alike) == 1 else _yes_or_no(case, said)


def told_of(cases: Iterable[Case], text: str) -> dict[str, str]:
    """What the text surely says to the one of several questions that it answers, as {case: choice}. A number,
    a yes or a no says nothing to a question that was not asked."""
    said = normalize(text).split()
    if not set(said) - case_words().small - case_words().denying or any(word.isdecimal() for word in said):
        return {}
    told = {case.id: choice for case in cases if (choice := recognised_choice(case, text))}
    return told if len(told) == 1 else {}


def _of_age(case: Case, said: Sequence[str]) -> str | None:
    """The choice in whose bounds an age falls that is told ("cháu 7 tuổi")."""
    age = age_told(said)
    if age is None or case_words().denying.intersection(said[:-1]) or said[-1] in case_words().denying:
        return None
    bounded = {choice.id: bounds(normalize(choice.label)) for choice in case.choices}
    fitting = {key for key, ages in bounded.items() if ages and within(age, ages)}
    return fitting.pop() if len(fitting) == 1 else None


@lru_cache(maxsize=4096)
def _wording(text: str) -> tuple[str, ...]:
    return tuple(normalize(text).split())


def _number(said: Sequence[str]) -> int:
    """ "2", "số 2", "cái thứ hai"; 0 when it is no number of a choice."""
    *before, last = said
    if not case_words().before_number.issuperset(before):
        return 0
    if last.isdecimal() and len(last) == 1:
        return int(last)
    return case_words().numbers.get(last, 0) if before else 0


def _holds(said: Sequence[str], name: tuple[str, ...]) -> bool:
    """Whether ``said`` tells the name, and neither denies it nor asks something about it."""
    if len("".join(name)) < 2:
        return False  # the licence class A is also a polite "ạ"
    for start in range(len(said) - len(name) + 1):
        before, after = said[:start], said[start + len(name) :]
        if tuple(said[start : start + len(name)]) != name or (
            before[-1:] and before[-1] in case_words().denying
        ):
            continue
        beside = [word for word in (*before, *after) if word not in case_words().small]
        if case_words().asking.intersection(beside) or case_words().denying.intersection(after[-2:]):
            continue
        if len(beside) <= 2 * (len(name) - 1):
            return True
    return False


def _most_told(held: Iterable[tuple[Sequence[str], str]]) -> set[str]:
    """The choices whose names are not merely part of a longer name that was told as well."""
    told = {(f" {' '.join(name)} ", key) for name, key in held}
    return {key for name, key in told if not any(name != other and name in other for other, _ in told)}


def _is_like(said: Sequence[str], name: Sequence[str]) -> bool:
    """Whether it is the name with a slip of the keys."""
    if len(name) < 2 or case_words().denying.intersection(said) != case_words().denying.intersection(name):
        return False
    return fuzz.token_sort_ratio(" ".join(said), " ".join(name)) >= ALIKE


def _made_of(said: Sequence[str], names: Sequence[tuple[Sequence[str], str]]) -> set[str]:
    """The choices of which one name alone holds the words ("ông bà đi"), or each of them is a name ("bố mẹ
    đi"). Other words out of several names make up what none of them says: "bố mất" is not in "tòa tuyên bố"
    and "mất tích"."""
    telling = set(said) - case_words().small
    if (case_words().denying | case_words().asking) & set(said):
        return set()
    return _held_by(telling, names) or _begun_by(said, names)


def _begun_by(said: Sequence[str], names: Sequence[tuple[Sequence[str], str]]) -> set[str]:
    """The choices whose name holds, side by side, all that is said of somebody: "bố mất ở nhà"."""
    of_whom = next((i for i, word in enumerate(said) if word not in case_words().kin), len(said))
    told = list(said[of_whom:])
    if not of_whom or len(told) < TOLD:
        return set()
    return {key for name, key in names if f" {' '.join(told)} " in f" {' '.join(name)} "}


def _held_by(telling: set[str], names: Sequence[tuple[Sequence[str], str]]) -> set[str]:
    if len(telling) < 2:
        return set()
    single: dict[str, set[str]] = {}
    for name, key in names:
        if len(name) == 1:
            single.setdefault(key, set()).update(name)
    each = {key for key, words in single.items() if telling <= words}
    return each | {key for name, key in names if telling.issubset(name)}


def _yes_or_no(case: Case, said: Sequence[str]) -> str | None:
    """A bare yes or no, when exactly one of two choices says no."""
    words = set(said)
    negative = [c.id for c in case.choices if case_words().denying.intersection(_wording(c.label))]
    if len(case.choices) != 2 or len(negative) != 1 or not words <= case_words().small | case_words().denying:
        return None
    positive = next(c.id for c in case.choices if c.id != negative[0])
    if words & case_words().denying:
        return negative[0]
    return positive if words & case_words().agreeing else None
