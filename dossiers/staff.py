"""Dossiers as the staff sees them: every field, the applicant's too. Never for a citizen's eyes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from dossiers.codes import as_stored
from dossiers.conditions import open_late
from dossiers.lookup import STALE_AFTER_DAYS, public_status
from dossiers.models import Applicant, Dossier
from dossiers.statuses import statuses
from dossiers.working_days import WorkCalendar

STAFF_COLUMNS = (
    "department",
    "channel",
    "return_channel",
    "applicant_kind",
    "paid",
    "status_since",
    "closed_at",
    "late_reason",
    "missing_papers",
)
PERSONAL_COLUMNS = ("name", "phone", "personal_number", "address")


def find_dossier(session: Session, code: str) -> Dossier | None:
    """The dossier with ``code``, as typed or canonical, with its applicant and events."""
    query = select(Dossier).where(Dossier.code == as_stored(code))
    return session.scalar(query.options(joinedload(Dossier.applicant), selectinload(Dossier.events)))


def list_dossiers(
    session: Session,
    now: datetime,
    calendar: WorkCalendar,
    status: int | None = None,
    late: bool = False,
    limit: int = 200,
) -> list[Dossier]:
    """Dossiers with a status; with ``late`` the open ones past their date, the longest overdue first."""
    query = select(Dossier).options(joinedload(Dossier.applicant)).limit(limit)
    if status is not None:
        query = query.where(Dossier.status == status)
    if late:
        query = query.where(open_late(now.date(), calendar)).order_by(Dossier.due_at, Dossier.id)
    else:
        query = query.order_by(Dossier.id.desc())
    return list(session.scalars(query))


def staff_record(
    dossier: Dossier,
    now: datetime,
    calendar: WorkCalendar,
    stale_after_days: int = STALE_AFTER_DAYS,
    with_events: bool = False,
) -> dict[str, Any]:
    """One dossier as plain data (JSON-ready, times in ISO 8601, Viet Nam's): public state, staff's fields,
    ``applicant`` and, when asked for, ``events`` in order of time."""
    record = asdict(public_status(dossier, now, calendar, stale_after_days))
    record |= {name: getattr(dossier, name) for name in STAFF_COLUMNS}
    record["applicant"] = _personal(dossier.applicant)
    if with_events:
        record["events"] = [
            {"at": event.at, "status": event.status, "stage": statuses()[event.status].stage}
            for event in dossier.events
        ]
    return _plain(record)


def _personal(applicant: Applicant | None) -> dict[str, Any] | None:
    return applicant and {name: getattr(applicant, name) for name in PERSONAL_COLUMNS}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
