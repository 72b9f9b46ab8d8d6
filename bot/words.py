"""The words that people read: ``words.yml``, loaded once by a bootstrap."""

from __future__ import annotations

from pathlib import Path

import yaml

WORDS = Path(__file__).parent / "words.yml"


def load_words(path: Path = WORDS) -> dict:
    """The words by part: ``errors`` (code → text), ``chat``, ``pages``, …"""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
