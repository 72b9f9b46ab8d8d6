"""Ages that people tell, and the bounds that names of procedures and choices set to them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_AGE = re.compile(r"(?<!duoi )(?<!du )(?<!tren )(?<!hon )(?<!tu )(?<!den )\b(\d{1,3}) tuoi\b")
_FROM = re.compile(r"\btu(?: du)? (\d{1,3})(?: tuoi)?\b(?!.*\bduoi \1\b)")
_BELOW = re.compile(r"\b(?:duoi|chua du) (\d{1,3}) tuoi\b")


def age_told(words: Sequence[str]) -> int | None:
    """The one age, in years, in normalised words; None when none is told, or several are."""
    ages = _AGE.findall(" ".join(words))
    return int(ages[0]) if len(ages) == 1 else None


def bounds(label: str) -> tuple[int, int | None] | None:
    """The ages that a normalised name speaks of ("Từ 6 đến dưới 14 tuổi"): from, and below; None when it
    bounds none."""
    start, end = _FROM.search(label), _BELOW.search(label)
    if start is None and end is None:
        return None
    return int(start[1]) if start else 0, int(end[1]) if end else None


def within(age: int, bounded: tuple[int, int | None]) -> bool:
    start, end = bounded
    return start <= age and (end is None or age < end)
