"""Which column of an export is which field, and what its words mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from dossiers.errors import DataFileError
from dossiers.statuses import statuses
from vietnamese import fold

WORDS_FILE = Path(__file__).parent.parent / "data" / "imports.yml"
NEEDED = ("code", "received_at")

_BRACKETS = re.compile(r"\([^)]*\)|\[[^]]*\]")
_TRIMMED = re.compile(r"[\s*:]+")


@dataclass(frozen=True)
class Mapping:
    """Headings by field, the preferred ones first; words by what they mean; all of them :func:`plain`."""

    columns: dict[str, tuple[str, ...]]
    statuses: dict[str, int]
    channels: dict[str, int]
    applicants: dict[str, int]
    payments: dict[str, int]
    totals: frozenset[str]

    def find(self, cells: Sequence[object]) -> dict[str, int]:
        """The column (from 0) of each field that a row of headings names."""
        headings = {}
        for index, cell in enumerate(cells):
            headings.setdefault(plain(cell), index)
        found = {}
        for field, names in self.columns.items():
            for name in names:
                if name in headings:
                    found[field] = headings[name]
                    break
        return found


def plain(cell: object) -> str:
    """A heading or word for comparing: no accents, lower case, single spaces, nothing in brackets."""
    return "" if cell is None else _plain(str(cell))


@lru_cache(maxsize=1 << 12)
def _plain(text: str) -> str:
    return _TRIMMED.sub(" ", _BRACKETS.sub(" ", fold(text))).strip(" .,'")


def load_mapping(path: Path | None = None) -> Mapping:
    """The room's own mapping, with a centre's file laid over it.

    The file may hold ``columns`` (field: heading or list of headings; they go before the known ones),
    ``statuses`` and ``channels`` (words: number). Raises :class:`DataFileError` that names what is wrong.
    """
    own = _own()
    if path is None:
        return own
    given = _read(path)
    unknown = set(given) - {"columns", "statuses", "channels"}
    if unknown:
        raise DataFileError(path, sorted(unknown)[0], "columns, statuses and channels are the only keys")
    columns = dict(own.columns)
    for field, headings in _section(path, given, "columns").items():
        if field not in columns:
            raise DataFileError(path, f"columns: {field}", f"a field is one of {', '.join(columns)}")
        listed = headings if isinstance(headings, list) else [headings]
        columns[field] = (*map(plain, listed), *columns[field])
    return replace(
        own,
        columns=columns,
        statuses=own.statuses | _numbers(path, given, "statuses", range(1, 11)),
        channels=own.channels | _numbers(path, given, "channels", range(1, 4)),
    )


@cache
def _own() -> Mapping:
    words = _read(WORDS_FILE)
    by_status = {}
    for number, status in statuses().items():
        for name in (str(number), status.stage, *status.also):
            by_status[plain(name)] = number
    return Mapping(
        columns={field: tuple(map(plain, names)) for field, names in words["columns"].items()},
        statuses=by_status,
        channels=_turned(words["channels"]),
        applicants=_turned(words["applicants"]),
        payments=_turned(words["payments"]),
        totals=frozenset(words["totals"]),
    )


def _turned(words: dict[int, list[str]]) -> dict[str, int]:
    return {plain(name): number for number, names in words.items() for name in names}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataFileError(path, "mapping", f"a readable file is expected ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DataFileError(path, "mapping", "UTF-8 text is expected") from error
    except yaml.YAMLError as error:
        raise DataFileError(path, "mapping", f"YAML is expected ({' '.join(str(error).split())})") from error
    if not isinstance(content, dict):
        raise DataFileError(path, "mapping", "columns, statuses or channels are expected")
    return content


def _section(path: Path, given: dict[str, Any], key: str) -> dict[Any, Any]:
    section = given.get(key) or {}
    if not isinstance(section, dict):
        raise DataFileError(path, key, "one `name: value` a line is expected")
    return section


def _numbers(path: Path, given: dict[str, Any], key: str, allowed: range) -> dict[str, int]:
    found = {}
    for words, number in _section(path, given, key).items():
        if not isinstance(number, int) or number not in allowed:
            wanted = f"a number from {allowed[0]} to {allowed[-1]} is expected, not {number!r}"
            raise DataFileError(path, f"{key}: {words}", wanted)
        found[plain(words)] = number
    return found
