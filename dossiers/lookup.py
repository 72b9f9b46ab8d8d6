"""Look-up by code alone: how far a dossier has got, and nothing about the person.

A code is no secret (fewer than 10,000 a day and office), so :class:`PublicStatus` has no field that
could hold personal data, free text of the handling office included. An unknown code and a code of
another centre are the same: None, after the same one query (and one to the live view, where the centre
has one: :mod:`dossiers.view`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from dossiers.clock import as_local
from dossiers.codes import as_stored
from dossiers.models import Dossier
from dossiers.statuses import ENDED, Clock, statuses
from dossiers.working_days import WorkCalendar

if TYPE_CHECKING:
    from dossiers.view import LiveView

STALE_AFTER_DAYS = 10


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """What anybody who holds the code may read. Days are working days; times are Viet Nam's.

    ``due_at`` is the date on the receipt, ``new_due_at`` the one that came with an apology.
    ``days_left`` counts to the one in force (0 on its day), None when it has passed or there is none;
    while the clock is paused it is what was left when the pause began. ``due_moved_to``: where the one in
    force moves to, when it is a day off. ``late`` and ``days_late`` are against the first date, at its end
    or up to now. ``ended``: without a result (refused, withdrawn). ``stale``: an open record that has not
    moved for longer than the centre allows.
    """

    code: str
    status: int
    stage: str
    explanation: str
    procedure_code: str
    procedure_name: str
    field: str
    agency: str
    received_at: datetime | None
    due_at: datetime | None
    new_due_at: datetime | None
    finished_at: datetime | None
    returned_at: datetime | None
    updated_at: datetime
    open: bool
    ended: bool
    clock: Clock
    paused_since: datetime | None
    days_left: int | None
    due_today: bool
    due_moved_to: date | None
    late: bool
    days_late: int
    new_due_passed: bool
    stale: bool


def lookup(
    session: Session,
    code: str,
    now: datetime,
    calendar: WorkCalendar,
    stale_after_days: int = STALE_AFTER_DAYS,
    view: LiveView | None = None,
) -> PublicStatus | None:
    """The public state of the dossier with ``code``, as typed or canonical; None when there is none here.

    What the tracking database does not hold is looked up in ``view``. Raises :class:`ViewAway` when that
    cannot be asked.
    """
    dossier = session.scalar(select(Dossier).where(Dossier.code == as_stored(code)))
    if dossier is None and view is not None:
        dossier = view.find(code)
    return None if dossier is None else public_status(dossier, now, calendar, stale_after_days)


def public_status(
    dossier: Dossier, now: datetime, calendar: WorkCalendar, stale_after_days: int = STALE_AFTER_DAYS
) -> PublicStatus:
    """What :func:`lookup` tells of a dossier at ``now``."""
    now = as_local(now)
    status = statuses()[dossier.status]
    paused = status.clock == "paused"
    # The clock stands at the moment the pause began (a live view may not know it), or of the end.
    reckoned = dossier.closed_at or (dossier.status_since if paused else None) or now
    day = reckoned.date()
    due = calendar.on_or_after(dossier.due_at.date()) if dossier.due_at else None
    new_due = calendar.on_or_after(dossier.new_due_at.date()) if dossier.new_due_at else None
    in_force, written = new_due or due, dossier.new_due_at or dossier.due_at
    is_open = dossier.closed_at is None
    late = due is not None and day > due
    days_left = None
    if is_open and in_force is not None and day <= in_force:
        days_left = calendar.working_days_between(day, in_force)
    return PublicStatus(
        code=dossier.code,
        status=status.number,
        stage=status.stage,
        explanation=status.plain,
        procedure_code=dossier.procedure_code,
        procedure_name=dossier.procedure_name,
        field=dossier.field,
        agency=dossier.agency,
        received_at=dossier.received_at,
        due_at=dossier.due_at,
        new_due_at=dossier.new_due_at,
        finished_at=dossier.finished_at,
        returned_at=dossier.returned_at,
        updated_at=dossier.updated_at,
        open=is_open,
        ended=dossier.status in ENDED,
        clock=status.clock,
        paused_since=dossier.status_since if paused else None,
        days_left=days_left,
        due_today=is_open and not paused and in_force == day,
        due_moved_to=None if in_force is None or in_force == written.date() else in_force,
        late=late,
        # On a Saturday after a Friday no working day has passed yet, and still it is late.
        days_late=max(1, calendar.working_days_between(due, day)) if late and due else 0,
        new_due_passed=is_open and new_due is not None and day > new_due,
        stale=is_open and now - dossier.updated_at > timedelta(days=stale_after_days),
    )
