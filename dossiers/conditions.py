"""SQL conditions that the staff's list and the report share, so that their figures agree."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, or_

from dossiers.models import Dossier
from dossiers.statuses import PAUSED
from dossiers.working_days import WorkCalendar


def first_moment_not_late(today: date, calendar: WorkCalendar) -> datetime:
    """A last day before this moment is over on ``today``.

    One on a day off is not over before the working day it moves to.
    """
    last = today - timedelta(days=1)
    while not calendar.is_working_day(last):
        last -= timedelta(days=1)
    return datetime.combine(last + timedelta(days=1), time())


def open_late(today: date, calendar: WorkCalendar) -> ColumnElement[bool]:
    """Open, and the last day on the receipt is over; a pause that began in time holds it back."""
    return and_(
        Dossier.closed_at.is_(None),
        Dossier.due_at < first_moment_not_late(today, calendar),
        or_(
            Dossier.status.not_in(PAUSED),
            func.date(Dossier.status_since) > func.date(Dossier.due_at),
        ),
    )


def stale(now: datetime, after_days: int) -> ColumnElement[bool]:
    """Open, and the record has not moved for longer than ``after_days`` days."""
    return and_(Dossier.closed_at.is_(None), Dossier.updated_at < now - timedelta(days=after_days))
