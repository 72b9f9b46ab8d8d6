"""Opens and migrates the database, and fills an empty one: ``python -m bot.prepare [--samples N]``.

A process of its own, so that what it needs does not stay in the supervisor's memory.
"""

from __future__ import annotations

import argparse
import sys

from bot.errors import BotError
from bot.settings import load_settings
from dossiers.database import open_database
from dossiers.errors import DossierError
from dossiers.seed import seed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=0, help="sample dossiers for an empty database")
    samples = parser.parse_args().samples
    try:
        database = open_database(load_settings(None).database)
        try:
            if samples:
                seed(database, samples)
        finally:
            database.close()
    except (BotError, DossierError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
