"""Where an import takes its files from, and where it puts its entries."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def sources(tmp_path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    return folder


@pytest.fixture
def into(tmp_path) -> Path:
    return tmp_path / "centre" / "entries"
