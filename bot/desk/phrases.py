"""Ready phrases: ours, and the centre's own beside its file."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
import yaml

from bot.channels.words import Words

log = logging.getLogger(__name__)
PHRASES = Path(__file__).parent / "phrases.yml"


class Phrase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``title`` stands on the button, ``text`` goes into the box."""

    title: str
    text: str


def load_phrases(words: Words, centre_file: Path) -> list[Phrase]:
    """The centre's phrases, then ours, with the centre's facts in them. Read anew each time, so that
    a change shows at once; a faulty file is left out and the log says why."""
    own = centre_file.parent / "centre" / "phrases.yml"
    found = [*_read(own), *_read(PHRASES)] if own.exists() else _read(PHRASES)
    return [Phrase(row.title, _filled(row.text, words)) for row in found]


def _read(path: Path) -> list[Phrase]:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return msgspec.convert(data, list[Phrase])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        log.error("%s: %s", path, str(error).partition("\n")[0])
        return []


def _filled(text: str, words: Words) -> str:
    for name, value in words.facts.items():
        text = text.replace(f"{{{name}}}", value)
    return text
