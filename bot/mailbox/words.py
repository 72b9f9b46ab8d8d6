"""The mailbox's own words (``words.yml``) as replies, with the centre's facts in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.mailbox.model import Reply
from procedures_catalog.centre import Centre

WORDS = Path(__file__).parent / "words.yml"


def notice(text: str, buttons: list[dict[str, str]] | None = None) -> Reply:
    """A reply of kind ``notice`` with every key that a reply has."""
    return {
        "kind": "notice",
        "text": text,
        "buttons": buttons or [],
        "links": [],
        "procedure": None,
        "procedure_code": None,
        "aspects": [],
        "sources": [],
    }


@dataclass(frozen=True)
class Notices:
    """Replies by key: ``in_doubt``, ``engine_error``, ``empty_text``, ``old_button``, ``paused``,
    ``taken_over``, ``first_contact``."""

    by_key: dict[str, Reply]

    def __getitem__(self, key: str) -> Reply:
        return self.by_key[key]

    def paused(self, message: str | None) -> Reply:
        """The notice while the assistant is paused, in the words of whoever paused it if they gave some."""
        return notice(message) if message else self["paused"]


def load_notices(centre: Centre, path: Path = WORDS) -> Notices:
    """The notices of a centre."""
    entries = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    facts = {"centre": centre.name, "hotline": centre.hotline, "days": centre.keeps_days}
    return Notices(
        {key: notice(entry["text"].format(**facts), entry.get("buttons")) for key, entry in entries.items()}
    )
