"""Cuts a long text into messages that a platform takes, where a reader would pause."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_JOINER, _VARIATION = "\u200d", "\ufe0f"
# Where to cut, the best first: between paragraphs, lines, sentences (not after "1."), words.
_PAUSES = tuple(re.compile(p) for p in (r"\n\s*\n\s*", r"\n\s*", r"(?<=[^\d\s][.!?…:;])\s+", r"\s+"))


def units(text: str) -> int:
    """How long platforms take a text to be: in UTF-16 units, an emoji counts two."""
    return len(text) + sum(ord(c) > 0xFFFF for c in text)


def cut(text: str, most: int) -> list[str]:
    """``text`` in pieces of at most ``most`` UTF-16 units each; nothing but white space is lost.

    A paragraph end is looked for in the last two thirds of a piece, then a line end, a sentence end, a
    space; without any of them it is cut between two characters, never inside one that a reader sees as
    one. The same text always gives the same pieces; a text of white space gives none.
    """
    return list(_pieces(text.strip(), most))


def _pieces(rest: str, most: int) -> Iterator[str]:
    while units(rest) > most:
        end, start = _place(rest, _reach(rest, most))
        yield rest[:end].rstrip()
        rest = rest[start:].lstrip()
    if rest:
        yield rest


def _reach(text: str, most: int) -> int:
    """How many characters of ``text`` make up at most ``most`` units (at least one)."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > most:
            return max(index, 1)
    return len(text)


def _place(text: str, reach: int) -> tuple[int, int]:
    """(Where the piece ends, where the rest begins); what is between the two is white space."""
    for pause in _PAUSES:
        # A pause that begins right behind the reach still ends the piece within it.
        found = [m for m in pause.finditer(text, 0, reach + 1) if 0 < m.start() <= reach]
        if found and found[-1].start() >= reach // 3:
            return found[-1].start(), found[-1].end()
    for index in range(reach, max(reach - 40, 0), -1):
        if _between(text, index):
            return index, index
    return reach, reach


def _between(text: str, index: int) -> bool:
    """Whether ``index`` lies between two characters as a reader sees them."""
    before, after = text[index - 1], text[index : index + 1]
    if not after or before == _JOINER or after in (_JOINER, _VARIATION):
        return not after
    modifier = "\U0001f3fb" <= after <= "\U0001f3ff"
    flags = all("\U0001f1e6" <= c <= "\U0001f1ff" for c in (before, after))
    return not (modifier or flags or unicodedata.category(after).startswith("M"))
