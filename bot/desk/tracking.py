"""Looking up a dossier at the counter: how far it has got, and more with the citizen's own proof.

Nothing of it is kept: not the proof, and not in the browser. The limits on wrong proofs are those of the
chat for a code; a volunteer serves many people and may try more of them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dossiers import Database, WorkCalendar, open_database
from dossiers.clock import local_now
from dossiers.lookup import PublicStatus, lookup
from dossiers.proof import details, prove
from dossiers.throttle import Caller, Limits
from procedures_catalog.centre import Centre

if TYPE_CHECKING:
    from dossiers.view import LiveView

LIMITS = Limits(per_person=60)


@dataclass
class Tracking:
    """The tracking database at ``url``, opened with the first look-up; ``view`` as the settings name it."""

    url: str
    centre: Centre
    view: LiveView | None = None
    _opening: threading.Lock = field(default_factory=threading.Lock)
    _database: Database | None = None

    def find(self, code: str, proof: str, person: int) -> dict[str, Any]:
        """``{"status", "proven", "asked"}``; blocks, so in a thread.

        ``status`` None: no such dossier here. ``proven`` None: no proof was given (``asked`` False), or it
        was none; which of code and proof was wrong is not told.

        Raises:
            DossierError: the database or the centre's own is away.
        """
        database, now = self._open(), local_now()
        if proof:
            accepts = self.centre.dossiers.proof
            who = f"desk:{person}"
            proven = prove(database, Caller(who), code, proof, now, accepts, LIMITS, view=self.view)
            if proven:
                # As it is now, and noted in the access log.
                proven = details(database, who, code, now, self.view)
            return {
                "status": self._status(database, code) if proven else None,
                "proven": proven,
                "asked": True,
            }
        return {"status": self._status(database, code), "proven": None, "asked": False}

    def close(self) -> None:
        if self._database is not None:
            self._database.close()

    def _status(self, database: Database, code: str) -> PublicStatus | None:
        calendar = WorkCalendar.of(self.centre)
        stale = self.centre.dossiers.stale_after_days
        with database.read() as session:
            return lookup(session, code, local_now(), calendar, stale, self.view)

    def _open(self) -> Database:
        with self._opening:
            self._database = self._database or open_database(self.url)
            return self._database
