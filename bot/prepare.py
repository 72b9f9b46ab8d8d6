"""Reads what the settings name, opens and migrates the database, and fills an empty one:
``python -m bot.prepare [--samples N]``.

A process of its own, so that what it needs does not stay in the supervisor's memory.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import BotError, SettingsError
from bot.exports import prepare as prepare_folder
from bot.settings import PREFIX, Settings, load_settings
from dossiers.database import open_database
from dossiers.errors import DossierError
from dossiers.importing.mapping import load_mapping, load_table_mapping
from dossiers.seed import seed
from procedures_catalog import CatalogError
from procedures_catalog.centre import load_centre


def check_files(settings: Settings) -> None:
    """Reads the files and the folder that settings name, so that a fault stops the start at once.

    Raises:
        SettingsError: names the setting, the file, and what is expected there.
    """
    with _named("CENTRE_FILE"):
        load_centre(settings.centre)
    with _named("DOSSIERS_MAPPING"):
        load_mapping(settings.dossiers_mapping)
    if settings.dossiers_view_mapping is not None:
        with _named("DOSSIERS_VIEW_MAPPING"):
            load_table_mapping(settings.dossiers_view_mapping)
    if settings.dossiers_folder is not None:
        prepare_folder(settings.dossiers_folder)


@contextmanager
def _named(setting: str) -> Iterator[None]:
    try:
        yield
    except (CatalogError, DossierError) as error:
        raise SettingsError(f"{PREFIX}{setting}: {' '.join(str(error).split())}") from None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=0, help="sample dossiers for an empty database")
    samples = parser.parse_args().samples
    try:
        settings = load_settings(None)
        check_files(settings)
        database = open_database(settings.database)
        try:
            if samples:
                seed(database, samples)
        finally:
            database.close()
    except (BotError, DossierError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
