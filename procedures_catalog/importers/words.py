"""The words that importers put into entries (``words.yml``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from procedures_catalog.loading import read_yaml

_FILE = Path(__file__).with_name("words.yml")


@cache
def _words() -> dict[str, str]:
    data = read_yaml(_FILE)
    assert isinstance(data, dict)
    return data


def words(key: str, **given: object) -> str:
    """The words of ``key`` with ``given`` filled in."""
    return _words()[key].format(**given)
