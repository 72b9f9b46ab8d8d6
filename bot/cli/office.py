"""What commands about dossiers work with: the open database and the centre's own rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dossiers import Database, WorkCalendar


@dataclass(frozen=True)
class Office:
    """The open database, and what the centre's file says about time and codes."""

    database: Database
    calendar: WorkCalendar
    stale_after_days: int
    province_part: str


@contextmanager
def open_office() -> Iterator[Office]:
    """Opens what the settings and the centre's file name; closes the database at the end."""
    from bot.settings import load_settings
    from dossiers import WorkCalendar, open_database
    from procedures_catalog.centre import load_centre

    settings = load_settings()
    centre = load_centre(settings.centre)
    database = open_database(settings.database)
    try:
        calendar = WorkCalendar.of(centre)
        yield Office(database, calendar, centre.dossiers.stale_after_days, centre.dossiers.province_part)
    finally:
        database.close()
