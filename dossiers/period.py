"""The statements of a report: what is counted of a period, and how."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, union_all

from dossiers.conditions import first_moment_not_late, open_late, stale
from dossiers.models import Dossier
from dossiers.working_days import WorkCalendar

ONLINE, POST = 2, 3
# Beyond these no calendar of ours counts working days.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 1, 1)
# Days since it was received; the last group is what has waited longer.
AGES = (5, 10, 20, 30, 60)
CAUSES = 10

COUNTED = (
    "new",
    "carried_over",
    "resolved",
    "early",
    "on_time",
    "open",
    "open_late",
    "late_without_new_date",
    "stale",
    "online",
    "by_post",
)


def can_be_reported(*days: date) -> bool:
    """Whether a report may begin or end on each of these days."""
    return all(FIRST_DAY <= day <= LAST_DAY for day in days)


class Period:
    """From ``start`` to ``end``, both days included, as known at ``now``: its statements, which count."""

    def __init__(
        self, start: date, end: date, now: datetime, calendar: WorkCalendar, stale_after_days: int
    ) -> None:
        self.start = datetime.combine(start, time())
        self.over = datetime.combine(end, time()) + timedelta(days=1)
        # Once a day is over, what was due on it is late.
        self.day = min(now.date(), self.over.date())
        self.moment = min(now, self.over)
        self.last_midnight = datetime.combine(min(now.date(), end), time())
        self.calendar, self.stale_after_days = calendar, stale_after_days

    def closed_rows(self) -> Select[Any]:
        """Dossiers closed since the period began; answered from the report's index alone."""
        closed, due = Dossier.closed_at, Dossier.due_at
        resolved = closed < self.over
        in_time = due.is_(None) | (func.date(closed) <= func.date(due))
        was_late = self.was_late
        return self._counted(
            resolved=resolved,
            early=and_(resolved, func.date(closed) < func.date(due)),
            on_time=and_(resolved, in_time),
            by_post=and_(resolved, Dossier.return_channel == POST),
            open=closed >= self.over,
            open_late=was_late,
            late_without_new_date=and_(was_late, Dossier.new_due_at.is_(None)),
        ).where(closed >= self.start)

    def open_rows(self) -> Select[Any]:
        """Dossiers that are open to this day."""
        late = self.is_late
        return self._counted(
            open=Dossier.closed_at.is_(None),
            open_late=late,
            late_without_new_date=and_(late, Dossier.new_due_at.is_(None)),
            stale=stale(self.moment, self.stale_after_days),
        ).where(Dossier.closed_at.is_(None))

    def _counted(self, **counts: ColumnElement[bool]) -> Select[Any]:
        counts |= {
            "new": Dossier.received_at >= self.start,
            "carried_over": Dossier.received_at < self.start,
            "online": Dossier.channel == ONLINE,
        }
        sums = [_number(counts[name]) if name in counts else literal(0) for name in COUNTED]
        return (
            select(Dossier.kind_id, Dossier.channel, *sums)
            .where(Dossier.received_at < self.over)
            .group_by(Dossier.kind_id, Dossier.channel)
        )

    @property
    def was_late(self) -> ColumnElement[bool]:
        """Of what was closed after the period: late when it ended, as far as the dates tell."""
        late = Dossier.due_at < first_moment_not_late(self.day, self.calendar)
        return and_(Dossier.closed_at >= self.over, late)

    @property
    def is_late(self) -> ColumnElement[bool]:
        """Open to this day, and late at the end of the period."""
        return open_late(self.day, self.calendar)

    def ages(self) -> Select[Any]:
        """Rows of (age group, open, of these late) of what was open when the period ended.

        A group is told by its number in :data:`AGES`; the last one has no end.
        """
        group = case(
            *(
                (Dossier.received_at >= self.last_midnight - timedelta(days=days), number)
                for number, days in enumerate(AGES)
            ),
            else_=len(AGES),
        )
        parts = [
            select(group.label("age"), func.count().label("open"), _number(late).label("late"))
            .where(Dossier.received_at < self.over, was_open)
            .group_by("age")
            for was_open, late in (
                (Dossier.closed_at.is_(None), self.is_late),
                (Dossier.closed_at >= self.over, self.was_late),
            )
        ]
        both = union_all(*parts).subquery()
        return select(both.c.age, func.sum(both.c.open), func.sum(both.c.late)).group_by(both.c.age)

    def causes(self) -> Select[Any]:
        """Rows of (cause, dossiers) of what was resolved late in the period or was late when it ended, the
        most frequent first."""
        closed_late = and_(
            Dossier.closed_at >= self.start,
            Dossier.closed_at < self.over,
            func.date(Dossier.closed_at) > func.date(Dossier.due_at),
        )
        parts = [
            select(Dossier.late_reason.label("cause"), func.count().label("dossiers"))
            .where(Dossier.late_reason.is_not(None), Dossier.received_at < self.over, late)
            .group_by(Dossier.late_reason)
            for late in (closed_late, self.was_late, and_(Dossier.closed_at.is_(None), self.is_late))
        ]
        all_of_them = union_all(*parts).subquery()
        total = func.sum(all_of_them.c.dossiers)
        query = select(all_of_them.c.cause, total).group_by(all_of_them.c.cause)
        return query.order_by(total.desc(), all_of_them.c.cause).limit(CAUSES)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows fulfil it."""
    return func.sum(case((condition, 1), else_=0))
