"""Life events (sự kiện trong đời): what there is to do when a child is born, a house is bought, …"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import field

from procedures_catalog.errors import EntryError
from procedures_catalog.loading import read_yaml
from procedures_catalog.model import Id, Row, Text

LIFE_EVENTS = Path(__file__).parent / "life_events.yml"


class LifeStep(Row):
    """One thing to do: a procedure's id; ``linked``: it can be part of one linked filing."""

    procedure: Id
    note: Text | None = None
    linked: bool = False


class LifeEvent(Row):
    """A situation, how people tell of it, and what to do in which order."""

    id: Id
    name: Text
    intro: Text
    steps: list[LifeStep]
    also_called: list[Text] = field(default_factory=list)
    asked_as: list[Text] = field(default_factory=list)


def read_life_events(path: Path) -> list[LifeEvent]:
    """The life events of a file (a mapping from id to event); none when there is no file.

    Raises:
        EntryError: names the file, the field and what is expected there.
    """
    if not path.exists():
        return []
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise EntryError(path, "file", "must be a mapping from an id to a life event")
    try:
        return msgspec.convert([{"id": key, **event} for key, event in data.items()], list[LifeEvent])
    except msgspec.ValidationError as error:
        expected, _, field = str(error).partition(" - at `$")
        raise EntryError(path, field.rstrip("`") or "file", expected) from error
    except TypeError as error:
        raise EntryError(path, "file", "each life event must be a mapping") from error


def life_events_and_faults(path: Path) -> tuple[list[LifeEvent], list[EntryError]]:
    """(The life events of a file, what is wrong with it); none of them when it is faulty."""
    try:
        return read_life_events(path), []
    except EntryError as error:
        return [], [error]
