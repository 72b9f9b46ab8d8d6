"""How often a second proof may be tried: per person, per code and in all, counted in the database.

Several gateways on one PostgreSQL count together. Who asked for what is not kept: keys are hashed, and
windows that are over are deleted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dossiers.clock import as_local
from dossiers.models import ThrottleWindow


@dataclass(frozen=True)
class Limits:
    """Attempts allowed within one window of ``minutes``.

    Six digits and ten tries an hour: a million guesses at one code take eleven years.
    """

    per_person: int = 5
    per_code: int = 10
    in_all: int = 1000
    minutes: int = 60


DEFAULT_LIMITS = Limits()


def allow(session: Session, person: str, code: str, now: datetime, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Counts one attempt; whether all three limits still hold. The same work whatever the answer."""
    window = _window(as_local(now), limits.minutes)
    counts = [
        _count(session, hashed("person", person), window),
        _count(session, hashed("code", code), window),
        _count(session, "all", window),
    ]
    if counts[-1] == 1:
        # The first of a new window clears the old ones away.
        session.execute(delete(ThrottleWindow).where(ThrottleWindow.began_at < window))
    return counts[0] <= limits.per_person and counts[1] <= limits.per_code and counts[2] <= limits.in_all


def _window(now: datetime, minutes: int) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0)
    passed = (now - midnight) // timedelta(minutes=minutes)
    return midnight + passed * timedelta(minutes=minutes)


def hashed(kind: str, value: str) -> str:
    """What is kept of a person or a code: enough to know it again, not to read it."""
    return f"{kind}:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _count(session: Session, key: str, window: datetime) -> int:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    once = dialect.insert(ThrottleWindow).values(key=key, began_at=window, attempts=1)
    again = once.on_conflict_do_update(
        index_elements=["key", "began_at"], set_={"attempts": ThrottleWindow.attempts + 1}
    )
    return session.execute(again.returning(ThrottleWindow.attempts)).scalar_one()
