"""The second proof: what turns a code, which anybody may guess, into somebody's own dossier.

Default: the last six digits of the phone or of the personal number on the dossier. A wrong proof, an
unknown code, a dossier without numbers and a caller who has tried too often get the same answer after
the same work.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dossiers.codes import as_stored
from dossiers.database import Database
from dossiers.models import Applicant, Dossier
from dossiers.throttle import DEFAULT_LIMITS, Limits, allow

DIGITS = 6
ProofKind = Literal["phone", "personal_number"]
BOTH: tuple[ProofKind, ...] = ("phone", "personal_number")

_NOT_DIGITS = re.compile(r"\D", re.ASCII)
# Compared against where there is no number; no six digits are equal to it.
_NOTHING = b"-" * DIGITS


@dataclass(frozen=True, slots=True)
class Proven:
    """What the person whose dossier it is may read beyond the public state."""

    dossier_id: int
    code: str
    masked_name: str | None
    department: str
    missing_papers: str | None
    late_reason: str | None
    paid: bool | None


def prove(
    database: Database,
    person: str,
    code: str,
    proof: str,
    now: datetime,
    accepts: Collection[ProofKind] = BOTH,
    limits: Limits = DEFAULT_LIMITS,
) -> Proven | None:
    """:func:`verify` behind the throttle; ``person`` is the conversation or address that asks."""
    with database.write() as session:
        allowed = allow(session, person, as_stored(code), now, limits)
        # Also when it is not allowed, so that both take the same time.
        proven = verify(session, code, proof, accepts)
    return proven if allowed else None


def verify(session: Session, code: str, proof: str, accepts: Collection[ProofKind] = BOTH) -> Proven | None:
    """What may be told when ``proof`` holds the six digits; None for anything else, in constant time.

    ``proof`` may have spaces and dots in it, or be the whole number. Does not count attempts: :func:`prove`.
    """
    # An aggregate gives one row whether or not there is such a dossier.
    found = session.execute(
        select(func.max(Dossier.id), func.max(Applicant.phone), func.max(Applicant.personal_number))
        .select_from(Dossier)
        .outerjoin(Applicant, Applicant.dossier_id == Dossier.id)
        .where(Dossier.code == as_stored(code))
    ).one()
    dossier_id, phone, personal_number = found
    given = _last_digits(proof)
    by_phone = hmac.compare_digest(_last_digits(phone) or _NOTHING, given or b"")
    by_number = hmac.compare_digest(_last_digits(personal_number) or _NOTHING, given or b"")
    if not ((by_phone and "phone" in accepts) | (by_number and "personal_number" in accepts)):
        return None
    dossier = session.get_one(Dossier, dossier_id)
    applicant = dossier.applicant
    return Proven(
        dossier_id=dossier.id,
        code=dossier.code,
        masked_name=masked(applicant.name) if applicant and applicant.name else None,
        department=dossier.department,
        missing_papers=dossier.missing_papers,
        late_reason=dossier.late_reason,
        paid=None if dossier.paid is None else bool(dossier.paid),
    )


def masked(name: str) -> str:
    """A name its bearer knows again and nobody else can read: ``Trần Thị Mẫu`` → ``T*** T*** M***``."""
    return " ".join(word[0] + "***" for word in name.split())


def _last_digits(number: str | None) -> bytes | None:
    digits = _NOT_DIGITS.sub("", number or "")
    return digits[-DIGITS:].encode() if len(digits) >= DIGITS else None
