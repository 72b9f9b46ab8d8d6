"""Unicode as it arrives in messages: NFC, folding, invisible characters.

Everything here works on any string, never raises, and needs no table but Unicode's own.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LONGEST_WORD = 40
_MARKS = range(0x0300, 0x0370)
# Shape marks (circumflex, breve, horn) belong before tones; some keyboards emit them the other way round.
_SHAPE_MARKS = "\u0302\u0306\u031b"
_MARK_RUN = re.compile("[\u0300-\u036f]{2,}")
_STRAY_MARK = re.compile("[\u0300-\u036f]")
# Letters drawn like đ that come out of old fonts and phone keyboards.
_LOOKALIKES = str.maketrans({"\u00f0": "đ", "\u00d0": "Đ", "\u0256": "đ", "\u0189": "Đ"})
_LOOKALIKE = re.compile("[\u00f0\u00d0\u0256\u0189]")

# Invisible inside a word: soft hyphen, zero-width characters, direction marks, variation selectors, BOM.
INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_CLUSTER = re.compile(f".[\u0300-\u036f{INVISIBLE}]*", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def nfc(text: str) -> str:
    """Return `text` in NFC with Vietnamese letters whole.

    Beyond Unicode's NFC, a tone typed before its circumflex, breve or horn is put after it, and the letters
    that only look like đ (Icelandic eth, African d) become đ. Idempotent.
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    if _STRAY_MARK.search(text):
        decomposed = unicodedata.normalize("NFD", text)
        text = unicodedata.normalize("NFC", _MARK_RUN.sub(_shape_first, decomposed))
    if _LOOKALIKE.search(text):
        text = text.translate(_LOOKALIKES)
    return text


def _shape_first(run: re.Match[str]) -> str:
    marks = run.group()
    return "".join(sorted(marks, key=lambda mark: mark not in _SHAPE_MARKS))


class _FoldTable(dict[int, "str | int | None"]):
    """Code point → folded character, filled as characters are met (at most one entry each)."""

    def __missing__(self, code: int) -> str | int | None:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


def _fold_character(character: str) -> str | None:
    if ord(character) in _MARKS:
        return None
    if character in "đĐ":
        return "d"
    base = "".join(c for c in unicodedata.normalize("NFKD", character) if ord(c) not in _MARKS)
    if len(base) == 1 and base.isascii() and base.isalnum():
        return base.lower()
    lower = character.lower()
    return lower if len(lower) == 1 else character


_FOLD = _FoldTable()


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics, đ as d.

    One character comes out for each character of `nfc(text)`; only marks that no letter takes (a tone after a
    digit) vanish. Letters drawn in other styles (full width, mathematical bold) become plain ones; other
    scripts are only lowered. Idempotent.
    """
    if text.isascii():
        return text.lower()
    return _fold_word(text) if len(text) <= _LONGEST_WORD else _fold(text)


def _fold(text: str) -> str:
    folded = nfc(text).translate(_FOLD)
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


# The same words come again and again.
_fold_word = lru_cache(maxsize=32768)(_fold)


def clean(text: str) -> str:
    """Return NFC text with invisible characters removed and control characters as spaces.

    Line feeds and tabs stay. Lengths change; `tokenize` keeps the spans in the original instead.
    """
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    return nfc(_CONTROL.sub(" ", text))


def clean_with_spans(text: str) -> tuple[str, list[tuple[int, int]] | None]:
    """Return `clean(text)` and, for each of its characters, where in `text` it comes from (start, end).

    Marks and invisible characters belong to the letter before them. The list is None when every character is
    its own source (the common case: text already clean).
    """
    if text.isascii():
        return _CONTROL.sub(" ", text), None
    if unicodedata.is_normalized("NFC", text) and not (
        _INVISIBLE.search(text) or _STRAY_MARK.search(text) or _CONTROL.search(text)
    ):
        return text.translate(_LOOKALIKES), None
    characters: list[str] = []
    spans: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(text):
        for character in clean(cluster.group()):
            characters.append(character)
            spans.append(cluster.span())
    return "".join(characters), spans
