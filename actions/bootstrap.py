"""What the actions work with, built once when the action server starts.

Settings (environment): ``MOTCUA_DATABASE_URL``, ``MOTCUA_CENTRE_FILE``, ``MOTCUA_DOSSIERS_VIEW_URL``
with ``MOTCUA_DOSSIERS_VIEW_MAPPING``; ``MOTCUA_TODAY`` (``YYYY-MM-DD``) fixes the day in tests.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from actions.texts import Texts
from dossiers import Database, WorkCalendar, open_database
from dossiers.view import LiveView
from procedures_catalog import Catalog, CatalogStore
from procedures_catalog.centre import VIET_NAM, Centre, load_centre
from procedures_catalog.obsolete import Obsolete, read_obsolete

# The engine waits 8 s for an action: a locked or absent database is to be told by then, in words.
DATABASE_PATIENCE = 3.0


@dataclass(frozen=True)
class Services:
    """Catalogue, dossiers, centre and words, shared by all actions."""

    store: CatalogStore
    centre: Centre
    database: Database
    texts: Texts
    calendar: WorkCalendar
    obsolete: Sequence[Obsolete]
    today_is: date | None = None
    view: LiveView | None = None

    @property
    def catalog(self) -> Catalog:
        return self.store.current()

    @property
    def now(self) -> datetime:
        """The present moment in Viet Nam, on the fixed day when one is set."""
        present = datetime.now(VIET_NAM)
        if self.today_is is None:
            return present
        return present + timedelta(days=(self.today_is - present.date()).days)

    @property
    def today(self) -> date:
        return self.now.date()


@cache
def services() -> Services:
    """The services of this process. Raises the rooms' own errors, each one line for a person."""
    centre_file = Path(os.environ.get("MOTCUA_CENTRE_FILE", "centre.yml"))
    centre = load_centre(centre_file)
    fixed = os.environ.get("MOTCUA_TODAY")
    return Services(
        store=CatalogStore.of_centre(centre_file),
        centre=centre,
        database=open_database(
            os.environ.get("MOTCUA_DATABASE_URL", "sqlite:///var/motcua.db"), DATABASE_PATIENCE
        ),
        texts=Texts(),
        calendar=WorkCalendar.of(centre),
        obsolete=read_obsolete(),
        today_is=date.fromisoformat(fixed) if fixed else None,
        view=_live_view(),
    )


def _live_view() -> LiveView | None:
    """The centre's own database, where the settings name one."""
    url, mapping = (os.environ.get(f"MOTCUA_DOSSIERS_VIEW_{name}") for name in ("URL", "MAPPING"))
    return LiveView(url, Path(mapping)) if url and mapping else None
