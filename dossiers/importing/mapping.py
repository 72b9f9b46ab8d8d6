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
    given = _read(path, ("columns", "statuses", "channels"))
    columns = dict(own.columns)
    for field, headings in _columns(path, given).items():
        listed = headings if isinstance(headings, list) else [headings]
        columns[field] = (*map(plain, listed), *columns[field])
    return replace(_with_words(path, given), columns=columns)


@dataclass(frozen=True)
class TableMapping:
    """Where a database of the centre's keeps dossiers: ``table`` (or view), and its column of each field."""

    table: str
    schema: str | None
    columns: dict[str, str]
    words: Mapping


def load_table_mapping(path: Path) -> TableMapping:
    """The mapping of a live view: ``table`` (``name`` or ``schema.name``), ``columns`` (field: column),
    ``statuses`` and ``channels`` as in :func:`load_mapping`.

    Raises :class:`DataFileError` that names what is wrong.
    """
    given = _read(path, ("table", "columns", "statuses", "channels"))
    table = given.get("table")
    if not isinstance(table, str) or not table.strip(". "):
        raise DataFileError(path, "table", "the name of a table or view is expected, or schema.name")
    columns = _columns(path, given)
    for field in NEEDED:
        if field not in columns:
            raise DataFileError(path, f"columns: {field}", "the column that holds it is expected")
    for field, column in columns.items():
        if not isinstance(column, str) or not column.strip():
            raise DataFileError(path, f"columns: {field}", f"the name of one column, not {column!r}")
    schema, _, name = table.strip().rpartition(".")
    return TableMapping(name, schema or None, columns, _with_words(path, given))


def _with_words(path: Path, given: dict[str, Any]) -> Mapping:
    """The room's own words with the centre's beside them."""
    own = _own()
    return replace(
        own,
        statuses=own.statuses | _numbers(path, given, "statuses", range(1, 11)),
        channels=own.channels | _numbers(path, given, "channels", range(1, 4)),
    )


def _columns(path: Path, given: dict[str, Any]) -> dict[str, Any]:
    known, columns = _own().columns, _section(path, given, "columns")
    for field in columns:
        if field not in known:
            raise DataFileError(path, f"columns: {field}", f"a field is one of {', '.join(known)}")
    return columns


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


def _read(path: Path, keys: Sequence[str] = ()) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataFileError(path, "mapping", f"a readable file is expected ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DataFileError(path, "mapping", "UTF-8 text is expected") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DataFileError(path, "mapping", f"YAML is expected ({' '.join(str(error).split())})") from error
    if not isinstance(content, dict):
        raise DataFileError(path, "mapping", "columns, statuses or channels are expected")
    unknown = sorted(str(key) for key in set(content) - set(keys)) if keys else []
    if unknown:
        allowed = f"{', '.join(keys[:-1])} and {keys[-1]} are the only keys"
        raise DataFileError(path, unknown[0], allowed)
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
