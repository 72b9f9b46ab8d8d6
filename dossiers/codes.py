"""Codes in what people write: dossiers (mã hồ sơ), and what looks like one.

Formats are data (``data/code_formats.yml``). A code is found however it was typed: in lower case,
with spaces, long dashes or nothing in place of its dots and dashes, across line breaks, with the
letters O and l for the digits 0 and 1. Nothing is guessed: a wrong count of digits or a day that
does not exist is no code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import yaml

from dossiers.errors import DataFileError

Kind = Literal["dossier", "procedure", "component", "feedback"]
KINDS: tuple[Kind, ...] = ("dossier", "procedure", "component", "feedback")
FORMATS_FILE = Path(__file__).parent / "data" / "code_formats.yml"

# Cyrillic and Greek O come with copied text.
_ZERO, _ONE = "0OoОоΟο", "1lIi|"
_DIGIT = f"[0-9{re.escape(_ZERO + _ONE)}]"
# I, L and O are left out of unit letters: no unit has them, and people write them for digits.
_LETTER = "[A-HJKMNP-Za-hjkmnp-z]"
_DASHES = r"\-‐‑‒–—―−﹣－"
_INVISIBLE = "\u00ad\u200b-\u200d\u2060\ufeff"
_GAP = rf"[\s.,·•_:/\\{_DASHES}{_INVISIBLE}]"
_LOOSE, _APART = _GAP + "{0,6}", _GAP + "{1,6}"
_STRICT = rf"[\s{_INVISIBLE}]?[.,·][\s{_INVISIBLE}]?"
_TO_DIGITS = str.maketrans({letter: "0" for letter in _ZERO} | {letter: "1" for letter in _ONE})

# Not the tail of something longer: no digit before, nor two digits and a separator ("14.H15…").
_BEFORE_DIGIT = rf"(?<![0-9])(?<![0-9][0-9][.{_DASHES}])"
_BEFORE_LETTER = rf"(?<!\w)(?<![0-9][0-9][.{_DASHES}])"
# Not the head of something longer; a letter that starts a word ("0118luôn") ends the code all the same.
_AFTER = rf"(?![0-9])(?![{re.escape(_ZERO + _ONE)}](?!\w))(?![.{_DASHES}][0-9]{{2}})"

_TOKEN = re.compile(r"yyyymmdd|yymmdd|9(?:\{\d+(?:,\d+)?\})?|l|[A-Z]+|[.-]")


@dataclass(frozen=True, slots=True)
class FoundCode:
    """One code in a text: ``text[start:end]`` is how it was typed, ``code`` how it is written properly."""

    kind: Kind
    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CodeFormat:
    """One way codes are written, compiled from a row of the formats file."""

    name: str
    kind: Kind
    tokens: tuple[str, ...]
    regex: re.Pattern[str]
    proper: re.Pattern[str]

    def canonical(self, match: re.Match[str]) -> str | None:
        """The proper spelling of a match, or None when its day does not exist."""
        groups = iter(match.groups())
        parts = []
        for token in self.tokens:
            if token in ".-":
                parts.append(token)
                continue
            piece = next(groups)
            if token == "l" or token.isupper():
                parts.append(piece.upper())
                continue
            piece = piece.translate(_TO_DIGITS)
            if token.startswith("y") and not _is_day(piece):
                return None
            parts.append(piece)
        return "".join(parts)


def find_codes(text: str, formats: tuple[CodeFormat, ...] | None = None) -> list[FoundCode]:
    """Every code of ``text``, in order and without overlaps; where two overlap, the longer one stands.

    Never raises. ``formats`` are those of :func:`load_formats`; default: the room's own file.
    """
    found = []
    for form in formats or load_formats():
        for match in form.regex.finditer(text):
            code = form.canonical(match)
            if code is not None:
                found.append(FoundCode(form.kind, code, *match.span()))
    found.sort(key=lambda f: (f.start - f.end, f.start))
    kept: list[FoundCode] = []
    for candidate in found:
        if all(candidate.end <= k.start or k.end <= candidate.start for k in kept):
            kept.append(candidate)
    return sorted(kept, key=lambda f: f.start)


def dossier_code(text: str, formats: tuple[CodeFormat, ...] | None = None) -> str | None:
    """The dossier code that ``text`` is, and nothing besides; None when it is not one."""
    text = text.strip()
    dossier_formats = [form for form in formats or load_formats() if form.kind == "dossier"]
    for form in dossier_formats:
        # Imports hold millions of codes that are written properly.
        if (match := form.proper.fullmatch(text)) and _is_day(match["day"]):
            return text
    for form in dossier_formats:
        if match := form.regex.fullmatch(text):
            return form.canonical(match)
    return None


def as_stored(typed: str) -> str:
    """What the database would hold for ``typed``: its canonical spelling, or itself when it is no code."""
    # PostgreSQL refuses the null character even in a comparison.
    return dossier_code(typed) or typed.replace("\0", "").strip()


@cache
def load_formats(path: Path = FORMATS_FILE) -> tuple[CodeFormat, ...]:
    """The formats of a file, compiled once.

    Raises :class:`DataFileError` that names the row when one is wrong: each must find its own example.
    """
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))["formats"]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError) as error:
        raise DataFileError(path, "formats", f"a list of code formats is expected ({error})") from error
    formats = []
    for row in rows:
        name = row.get("name", "?") if isinstance(row, dict) else "?"
        try:
            form = _compiled(row["name"], row["kind"], row["pattern"], _between(row))
            match = form.regex.fullmatch(row["example"])
        except (TypeError, KeyError, ValueError) as error:
            wanted = f"name, kind, pattern and example are expected ({error})"
            raise DataFileError(path, f"formats: {name}", wanted) from error
        if match is None or form.canonical(match) != row["example"]:
            raise DataFileError(path, f"formats: {name}", "the pattern must match the row's own example")
        formats.append(form)
    return tuple(formats)


def _between(row: dict) -> str:
    """What may stand in place of a separator."""
    return _STRICT if row.get("strict") else _APART if row.get("apart") else _LOOSE


def _compiled(name: str, kind: Kind, pattern: str, between: str) -> CodeFormat:
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    tokens: list[str] = []
    regex: list[str] = []
    position = 0
    for match in _TOKEN.finditer(pattern):
        if match.start() != position:
            break
        position = match.end()
        token = match[0]
        tokens.append(token)
        regex.append(_token_regex(token, between))
    if position != len(pattern) or not tokens:
        raise ValueError(f"unknown sign in the pattern {pattern!r} at position {position + 1}")
    before = _BEFORE_LETTER if tokens[0] == "l" or tokens[0].isupper() else _BEFORE_DIGIT
    loosely = re.compile(before + "".join(regex) + _AFTER)
    return CodeFormat(name, kind, tuple(tokens), loosely, re.compile("".join(map(_proper_regex, tokens))))


def _token_regex(token: str, between: str) -> str:
    if token in ".-":
        return between
    if token == "l":
        return f"({_LETTER})"
    if token.isupper():
        # Not re.IGNORECASE, which would also let the Kelvin sign through for K.
        return "(" + "".join(f"[{sign}{sign.lower()}]" for sign in token) + ")"
    if token.startswith("y"):
        return f"({_DIGIT}{{{len(token)}}})"
    return f"({_DIGIT}{token[1:]})"


def _proper_regex(token: str) -> str:
    if token.startswith("y"):
        return f"(?P<day>[0-9]{{{len(token)}}})"
    if token.startswith("9"):
        return f"[0-9]{token[1:]}"
    return "[A-HJKMNP-Z]" if token == "l" else re.escape(token)


@lru_cache(maxsize=1 << 12)
def _is_day(digits: str) -> bool:
    year = digits[:-4] if len(digits) == 8 else "20" + digits[:-4]
    try:
        date(int(year), int(digits[-4:-2]), int(digits[-2:]))
    except ValueError:
        return False
    return True
