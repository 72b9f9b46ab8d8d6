"""The channels' own words (``words.yml``) with the centre's facts in them."""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from bot.mailbox import Reply, notice
from procedures_catalog.centre import Centre

WORDS = Path(__file__).parent / "words.yml"


@dataclass(frozen=True)
class Words:
    """``words.say("location.distance", km="2,3")``; ``words["menu"]`` is what the file holds there."""

    entries: dict[str, Any]
    facts: dict[str, str]

    def __getitem__(self, key: str) -> Any:
        found: Any = self.entries
        for part in key.split("."):
            found = found[part]
        return found

    def say(self, key: str, **facts: object) -> str:
        """The words of ``key`` (dots lead into parts) with the centre's and the given facts."""
        return string.Formatter().vformat(self[key], (), {**self.facts, **facts})

    def notice(self, key: str, menu: bool = False, **facts: object) -> Reply:
        """A reply of kind ``notice``; with the menu of first steps below it if asked."""
        return notice(self.say(key, **facts), [dict(button) for button in self["menu"]] if menu else None)

    def clock(self, moment: datetime) -> str:
        """``7 giờ 30``."""
        key = "clock_minutes" if moment.minute else "clock"
        return self.say(key, hour=moment.hour, minute=moment.minute)


def day(value: date) -> str:
    """``20/11/2026``."""
    return f"{value:%d/%m/%Y}"


def load_words(centre: Centre, path: Path = WORDS) -> Words:
    """The words of a centre."""
    entries = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    facts = {
        "centre": centre.name,
        "short_name": centre.short_name,
        "address": centre.address,
        "hotline": centre.hotline,
        "days": str(centre.keeps_days),
    }
    return Words(entries, facts)
