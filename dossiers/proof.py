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
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dossiers.clock import as_local
from dossiers.codes import as_stored
from dossiers.database import Database
from dossiers.errors import ViewAway
from dossiers.models import Access, Applicant, Dossier
from dossiers.statuses import ENDED, RETURNED
from dossiers.throttle import DEFAULT_LIMITS, Caller, Limits, allow, hashed, take_back

if TYPE_CHECKING:
    from dossiers.view import LiveView

DIGITS = 6
ProofKind = Literal["phone", "personal_number"]
BOTH: tuple[ProofKind, ...] = ("phone", "personal_number")

_NOT_DIGITS = re.compile(r"\D", re.ASCII)
# Compared against where there is no number; no six digits are equal to it.
_NOTHING = b"-" * DIGITS


@dataclass(frozen=True, slots=True)
class Proven:
    """What the person whose dossier it is may read beyond the public state.

    ``open``: it can still change; ``status`` and ``new_due_at`` are what a subscription starts from.
    """

    code: str
    status: int
    open: bool
    new_due_at: datetime | None
    masked_name: str | None
    department: str
    missing_papers: str | None
    late_reason: str | None
    paid: bool | None


def prove(
    database: Database,
    caller: Caller,
    code: str,
    proof: str,
    now: datetime,
    accepts: Collection[ProofKind] = BOTH,
    limits: Limits = DEFAULT_LIMITS,
    view: LiveView | None = None,
) -> Proven | None:
    """:func:`verify` behind the throttle.

    Raises :class:`ViewAway` when the dossier is not in the tracking database and ``view`` cannot be asked.
    """
    # Asked in any case, so that all take the same time; before the transaction, so that nobody waits for it.
    elsewhere, away = _in_view(view, code)
    with database.write() as session:
        allowed = allow(session, caller, as_stored(code), now, limits)
        # Also when it is not allowed, so that both take the same time.
        proven = verify(session, code, proof, accepts, elsewhere)
        if allowed and proven is not None:
            take_back(session, caller, as_stored(code), now, limits)
    if away is not None and proven is None:
        raise away
    return proven if allowed else None


def verify(
    session: Session,
    code: str,
    proof: str,
    accepts: Collection[ProofKind] = BOTH,
    elsewhere: Dossier | None = None,
) -> Proven | None:
    """What may be told when ``proof`` holds the six digits; None for anything else, in constant time.

    ``proof`` may have spaces and dots in it, or be the whole number. ``elsewhere``: the dossier as a live
    view has it, for a code that the tracking database does not hold. Does not count attempts: :func:`prove`.
    """
    # An aggregate gives one row whether or not there is such a dossier.
    found = session.execute(
        select(func.max(Dossier.id), func.max(Applicant.phone), func.max(Applicant.personal_number))
        .select_from(Dossier)
        .outerjoin(Applicant, Applicant.dossier_id == Dossier.id)
        .where(Dossier.code == as_stored(code))
    ).one()
    dossier_id, phone, personal_number = found
    if dossier_id is None and elsewhere is not None and elsewhere.applicant is not None:
        phone, personal_number = elsewhere.applicant.phone, elsewhere.applicant.personal_number
    given = _last_digits(proof)
    by_phone = hmac.compare_digest(_last_digits(phone) or _NOTHING, given or b"")
    by_number = hmac.compare_digest(_last_digits(personal_number) or _NOTHING, given or b"")
    if not ((by_phone and "phone" in accepts) | (by_number and "personal_number" in accepts)):
        return None
    dossier = elsewhere if dossier_id is None else session.get_one(Dossier, dossier_id)
    assert dossier is not None
    return _told(dossier)


def details(
    database: Database,
    person: str,
    code: str,
    now: datetime,
    view: LiveView | None = None,
    shown: bool = True,
) -> Proven | None:
    """What may be told to a person who has given the proof a moment ago, as it is now; None when there is no
    such dossier any more.

    That it is ``shown`` to them is noted in the access log. Raises :class:`ViewAway`.
    """
    with database.write() as session:
        dossier = session.scalar(select(Dossier).where(Dossier.code == as_stored(code)))
        if dossier is None and view is not None:
            dossier = view.find(code)
        if dossier is None:
            return None
        if shown:
            channel = person.partition(":")[0][:20]
            who = hashed("person", person)
            session.add(Access(at=as_local(now), code=dossier.code, channel=channel, person=who))
        return _told(dossier)


def _in_view(view: LiveView | None, code: str) -> tuple[Dossier | None, ViewAway | None]:
    if view is None:
        return None, None
    try:
        return view.find(code), None
    except ViewAway as away:
        return None, away


def _told(dossier: Dossier) -> Proven:
    applicant = dossier.applicant
    return Proven(
        code=dossier.code,
        status=dossier.status,
        open=dossier.status not in (*ENDED, RETURNED),
        new_due_at=dossier.new_due_at,
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
