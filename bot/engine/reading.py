"""A message as the classifier reads it: lemmas where they stand, in clauses, beside a dossier's code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from vietnamese import Clause, clauses

# The end of a dossier's code, however it is set apart: the day, and the number of the day.
_CODE = re.compile(r"\d{6}[\s.–—-]{0,3}\d{4}")


class Read(NamedTuple):
    """The lemmas of a token, its slips mended, and where it begins in the text."""

    lemmas: str
    start: int


def within(read: Sequence[Read], spans: Sequence[Clause]) -> str:
    return " ".join(word.lemmas for word in read if any(c.start <= word.start < c.end for c in spans))


def beside_codes(text: str, read: Sequence[Read]) -> str:
    """The lemmas of the clauses without a dossier's code in them; none when there is no code."""
    codes = [match.start() for match in _CODE.finditer(text)]
    if not codes:
        return ""
    return within(read, [c for c in clauses(text) if not any(c.start <= code < c.end for code in codes)])
