"""Recognising, in a citizen's own words, one choice of a case question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from actions.ages import age_told, bounds, within
from procedures_catalog.model import Case
from vietnamese import normalize

ALIKE = 88


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_YES = _words("co roi da vang u dung phai ok")
_NO = _words("khong chua")
# What people say around an answer; it changes nothing.
_SMALL = _YES | _words("""
    a anh bac ban bi chac chau chi cho chon co chu con cua dang di em giay hien ho la lam loai luon ma minh
    muc nha nhe nhu o oi qua roi so tai thi thoi thuoc to toi truong hop tu vay viec voi y""")
_ASKING = _words("ai bao cach dan dau duoc gi gio ha hay hoi lau may nao nhieu sao the vi xin")
_NUMBERS = {"nhat": 1, "hai": 2, "nhi": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6}
_BEFORE_NUMBER = _words("so thu cai y muc chon cau")


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
    if not exact and said[-1] in _NO and {"co", "phai"}.intersection(said[:-1]):
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
    if not set(said) - _SMALL - _NO or any(word.isdecimal() for word in said):
        return {}
    told = {case.id: choice for case in cases if (choice := recognised_choice(case, text))}
    return told if len(told) == 1 else {}


def _of_age(case: Case, said: Sequence[str]) -> str | None:
    """The choice in whose bounds an age falls that is told ("cháu 7 tuổi")."""
    age = age_told(said)
    if age is None or _NO.intersection(said[:-1]) or said[-1] in _NO:
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
    if not _BEFORE_NUMBER.issuperset(before):
        return 0
    if last.isdecimal() and len(last) == 1:
        return int(last)
    return _NUMBERS.get(last, 0) if before else 0


def _holds(said: Sequence[str], name: tuple[str, ...]) -> bool:
    """Whether ``said`` tells the name, and neither denies it nor asks something about it."""
    if len("".join(name)) < 2:
        return False  # the licence class A is also a polite "ạ"
    for start in range(len(said) - len(name) + 1):
        before, after = said[:start], said[start + len(name) :]
        if tuple(said[start : start + len(name)]) != name or (before[-1:] and before[-1] in _NO):
            continue
        beside = [word for word in (*before, *after) if word not in _SMALL]
        if _ASKING.intersection(beside) or _NO.intersection(after[-2:]):
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
    if len(name) < 2 or _NO.intersection(said) != _NO.intersection(name):
        return False
    return fuzz.token_sort_ratio(" ".join(said), " ".join(name)) >= ALIKE


def _made_of(said: Sequence[str], names: Sequence[tuple[Sequence[str], str]]) -> set[str]:
    """The choices of which one name alone holds the words ("ông bà đi"), or each of them is a name ("bố mẹ
    đi"). Other words out of several names make up what none of them says: "bố mất" is not in "tòa tuyên bố"
    and "mất tích"."""
    telling = set(said) - _SMALL
    if len(telling) < 2 or (_NO | _ASKING) & set(said):
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
    negative = [c.id for c in case.choices if _NO.intersection(_wording(c.label))]
    if len(case.choices) != 2 or len(negative) != 1 or not words <= _SMALL | _NO:
        return None
    positive = next(c.id for c in case.choices if c.id != negative[0])
    if words & _NO:
        return negative[0]
    return positive if words & _YES else None
