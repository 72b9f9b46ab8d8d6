"""Small catalogues on the disk; nothing here reads or writes outside the test's own folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

WriteEntry = Callable[..., Path]


@pytest.fixture(autouse=True)
def own_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    var = tmp_path / "var"
    var.mkdir()
    monkeypatch.setenv("MOTCUA_VAR", str(var))
    return var


@pytest.fixture
def entries(tmp_path: Path) -> Path:
    folder = tmp_path / "entries"
    folder.mkdir()
    return folder


def entry(id: str, **fields: Any) -> dict[str, Any]:
    """The plain form of a small valid entry."""
    return {
        "id": id,
        "name": f"Thủ tục {id.replace('-', ' ')}",
        "field": "Hộ tịch",
        "level": "commune",
        "completeness": "listed",
        "checked_on": "2026-11-20",
        "sources": [{"title": "Cổng Dịch vụ công quốc gia"}],
        **fields,
    }


@pytest.fixture
def write_entry(entries: Path) -> WriteEntry:
    """Writes a small valid entry below ``entries``; keyword arguments are its fields."""

    def write(id: str, folder: Path = entries, **fields: Any) -> Path:
        path = folder / f"{id}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(entry(id, **fields), allow_unicode=True), encoding="utf-8")
        return path

    return write
