"""What search and the dialogue model are told beside the entries: questions that name nothing, matters that
are not the centre's (``background.yml``, ``outside/``), and the words of the law for what people say.

``outside/<topic>.yml`` holds families of messages, each with the intent that refuses them. They stand in one
place for both: search learns that they are elsewhere, the dialogue model how to turn them down.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from procedures_catalog.errors import EntryError
from procedures_catalog.loading import read_yaml
from procedures_catalog.model import Row, Text

_HERE = Path(__file__).parent
BACKGROUND = _HERE / "background.yml"
OUTSIDE_FAMILIES = _HERE / "outside"
EVERYDAY = _HERE / "everyday.yml"

Shape = TypeVar("Shape")
Refusal = Literal["out_of_scope", "legal_advice", "others_data", "manipulation", "abuse"]


class Background(Row):
    """Messages that name no procedure: follow-ups, and matters that are not ours."""

    unnamed: list[str]
    elsewhere: list[str]
    topics_elsewhere: list[str]


class Family(Row):
    """Messages of one kind that are not for the centre; ``intent``: how they are turned down."""

    family: Text
    intent: Refusal
    messages: list[Text]


class Meaning(Row):
    """What people say (``said``), and the words of the law for it."""

    said: list[str]
    means: str


def read_background(path: Path = BACKGROUND) -> Background:
    """Raises EntryError when the file is not as it should be."""
    return _read(path, Background)


def read_outside(folder: Path = OUTSIDE_FAMILIES) -> list[Family]:
    """Raises EntryError when a file is not as it should be."""
    return [family for path in _files(folder) for family in _read(path, list[Family])]


def read_everyday(path: Path = EVERYDAY) -> list[Meaning]:
    """Raises EntryError when the file is not as it should be."""
    return _read(path, list[Meaning])


def background_bytes() -> Iterator[bytes]:
    """All of it as it is on disk: what is built from it changes with it."""
    for path in (BACKGROUND, EVERYDAY, *_files(OUTSIDE_FAMILIES)):
        yield path.read_bytes()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yml"))


def _read(path: Path, shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(read_yaml(path), shape)
    except msgspec.ValidationError as error:
        raise EntryError(path, "file", str(error)) from error
