"""Papers and offices that no longer exist and that people still ask about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from procedures_catalog.errors import EntryError
from procedures_catalog.loading import read_yaml
from procedures_catalog.model import Row, Text
from vietnamese import fold, normalize_accented

OBSOLETE = Path(__file__).parent / "obsolete.yml"

# A word with its marks, and without.
Spellings = tuple[str, str]


class Obsolete(Row):
    """Gone since the day ``since``; ``words`` are its names, ``instead`` what holds now, ``how`` what
    became of it; ``procedures``: the ids of what people need in its place."""

    name: Text
    words: list[Text]
    since: date
    basis: Text
    instead: Text | None = None
    how: Text = "đã bỏ"
    procedures: list[str] = msgspec.field(default_factory=list)


def read_obsolete(path: Path = OBSOLETE) -> list[Obsolete]:
    """Every row of the file.

    Raises:
        EntryError: names the file, the field and what is expected there.
    """
    try:
        return msgspec.convert(read_yaml(path), list[Obsolete])
    except msgspec.ValidationError as error:
        expected, _, field = str(error).partition(" - at `$")
        raise EntryError(path, field.rstrip("`") or "file", expected) from error


def obsolete_in(text: str, rows: Sequence[Obsolete]) -> list[Obsolete]:
    """Those that ``text`` names, however it is typed; marks that are there count ("lên quản lý")."""
    said = normalize_accented(text).split()
    return [row for row in rows if any(_says(said, name) for name in _spelt(row.name, *row.words))]


def _says(said: Sequence[str], name: Sequence[Spellings]) -> bool:
    """Whether the words of ``name`` stand in a row in ``said``, each with its marks or without any."""
    return any(
        said[start] in name[0]
        and all(word in right for word, right in zip(said[start + 1 :], name[1:], strict=False))
        for start in range(len(said) - len(name) + 1)
    )


@cache
def _spelt(*names: str) -> tuple[tuple[Spellings, ...], ...]:
    return tuple(tuple((word, fold(word)) for word in normalize_accented(name).split()) for name in names)
