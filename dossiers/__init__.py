"""The tracking database of dossiers (hồ sơ): look-up with its privacy rules, codes, working days."""

from __future__ import annotations

from dossiers.clock import local_now
from dossiers.codes import FoundCode, dossier_code, find_codes
from dossiers.database import Database, open_database
from dossiers.errors import DossierError
from dossiers.handover import list_handovers, record_handover, waiting_request
from dossiers.lookup import PublicStatus, lookup
from dossiers.statuses import statuses
from dossiers.working_days import WorkCalendar

__all__ = [
    "Database",
    "DossierError",
    "FoundCode",
    "PublicStatus",
    "WorkCalendar",
    "dossier_code",
    "find_codes",
    "list_handovers",
    "local_now",
    "lookup",
    "open_database",
    "record_handover",
    "statuses",
    "waiting_request",
]
