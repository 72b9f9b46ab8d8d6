"""The ten statuses of a dossier, as the national portal numbers them (``data/statuses.yml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from dossiers.errors import DataFileError

STATUSES_FILE = Path(__file__).parent / "data" / "statuses.yml"
Clock = Literal["not_started", "running", "paused", "stopped"]

REGISTERED, RECEIVED, REFUSED, PROCESSING, PAPERS, PAYMENT, WITHDRAWN, HALTED, FINISHED, RETURNED = range(
    1, 11
)
# The clock stands still in these (the citizen's or somebody else's turn).
PAUSED = frozenset({PAPERS, PAYMENT, HALTED})
# These end a dossier without a result.
ENDED = frozenset({REFUSED, WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Status:
    """One status: its number, the portal's name, what a citizen reads, what its clock does."""

    number: int
    stage: str
    plain: str
    clock: Clock
    also: tuple[str, ...]


@cache
def statuses() -> dict[int, Status]:
    """The statuses by number, read once."""
    try:
        rows = yaml.safe_load(STATUSES_FILE.read_text(encoding="utf-8"))
        return {
            number: Status(number, row["stage"], row["plain"], row["clock"], tuple(row["also"]))
            for number, row in rows.items()
        }
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise DataFileError(STATUSES_FILE, "statuses", f"stage, plain, clock, also each ({error})") from error
