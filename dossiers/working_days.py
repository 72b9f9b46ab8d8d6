"""Working days (ngày làm việc) and the clock of a dossier (thời hạn giải quyết).

Rules: the day a dossier comes in is not counted; what comes in after 15:00 or on a day off counts as
received at the start of the next working day (Decree 309/2026); a last day on a day off moves to the
end of the next working day (Civil Code 2015, article 148(5)); the clock stands still in the paused
statuses. Public holidays come from the library ``holidays`` and ``data/holidays.yml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import holidays
import yaml

from dossiers.statuses import PAUSED

HOLIDAYS_FILE = Path(__file__).parent / "data" / "holidays.yml"
TimeUnit = Literal["working_days", "days", "hours", "same_day"]
Hours = tuple[tuple[time, time], ...]

_DAY = timedelta(days=1)
_SATURDAY = 5


class CentreDays(Protocol):
    """What the centre's file says of its own days."""

    closed_on: Sequence[date]
    worked_on: Sequence[date]
    half_days: Sequence[date]
    hours: Mapping[Any, Any]


@dataclass(frozen=True)
class WorkCalendar:
    """Viet Nam's working days with one centre's own.

    ``extra_closed``: further days off. ``extra_working``: days worked although they are a weekend or a
    holiday; they win over everything else. ``half_days``: working days with a morning only; they count
    as whole days in a time limit, and what comes in after their morning counts for the next day.
    ``hours``: when work is done, in order; ``cutoff``: the last moment that still counts as today.
    """

    extra_closed: frozenset[date] = frozenset()
    extra_working: frozenset[date] = frozenset()
    half_days: frozenset[date] = frozenset()
    hours: Hours = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
    cutoff: time = time(15, 0)

    @classmethod
    def of(cls, centre: CentreDays) -> WorkCalendar:
        """The calendar of a centre; its hours are those of a Monday, where it has them."""
        usual = tuple(
            (time.fromisoformat(r.opens), time.fromisoformat(r.closes)) for r in centre.hours.get("mon", ())
        )
        return cls(
            extra_closed=frozenset(centre.closed_on),
            extra_working=frozenset(centre.worked_on),
            half_days=frozenset(centre.half_days),
            hours=usual or cls.hours,
        )

    def is_working_day(self, day: date) -> bool:
        if day in self.extra_working:
            return True
        if day in self.extra_closed:
            return False
        closed, worked = _public_days(day.year)
        return day in worked or (day.weekday() < _SATURDAY and day not in closed)

    def on_or_after(self, day: date) -> date:
        """``day`` itself when it is worked, else the next working day: where a last day moves to."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``; with 0, :meth:`on_or_after`."""
        if count < 0:
            raise ValueError("count must not be negative")
        if count == 0:
            return self.on_or_after(day)
        while count:
            day = self.on_or_after(day + _DAY)
            count -= 1
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and with ``end``; negative when ``end`` comes first."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working_day(day) for day in _days(start + _DAY, end))

    def clock_start(self, received_at: datetime) -> date:
        """The working day on which a dossier counts as received (the 15:00 rule)."""
        day = received_at.date()
        if self.is_working_day(day) and received_at.time() <= self._last_moment(day):
            return day
        return self.on_or_after(day + _DAY)

    def due(self, received_at: datetime, amount: int, unit: TimeUnit) -> datetime:
        """The end of the time limit: the moment work ends on its last day, or some working hours later."""
        start = self.clock_start(received_at)
        if unit == "hours":
            begin = received_at if start == received_at.date() else datetime.combine(start, time.min)
            return self.after_working_time(begin, timedelta(hours=amount))
        if unit == "working_days":
            last = self.add_working_days(start, amount)
        elif unit == "days":
            last = self.on_or_after(start + timedelta(days=amount))
        else:
            last = start
        return datetime.combine(last, self._spans(last)[-1][1])

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """How much of the centre's hours lies between two moments; zero when ``end`` comes first."""
        total = timedelta()
        for day in _days(start.date(), end.date()):
            for opens, closes in self._spans(day):
                first, last = datetime.combine(day, opens), datetime.combine(day, closes)
                total += max(timedelta(), min(last, end) - max(first, start))
        return total

    def after_working_time(self, start: datetime, amount: timedelta) -> datetime:
        """The moment at which ``amount`` of working time has passed since ``start``."""
        day = start.date()
        while True:
            for opens, closes in self._spans(day):
                first = max(datetime.combine(day, opens), start)
                available = datetime.combine(day, closes) - first
                if available > timedelta():
                    if amount <= available:
                        return first + amount
                    amount -= available
            day += _DAY

    def paused_time(self, changes: Iterable[tuple[datetime, int]], until: datetime) -> timedelta:
        """Working time that a dossier spent in paused statuses, from its status changes in any order."""
        ordered = sorted(changes)
        total = timedelta()
        for index, (at, status) in enumerate(ordered):
            following = ordered[index + 1][0] if index + 1 < len(ordered) else until
            if status in PAUSED:
                total += self.working_time(at, min(following, until))
        return total

    def _spans(self, day: date) -> Hours:
        if not self.is_working_day(day):
            return ()
        return self.hours[:1] if day in self.half_days else self.hours

    def _last_moment(self, day: date) -> time:
        return min(self.cutoff, self._spans(day)[-1][1])


@cache
def _public_days(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Days off and worked weekend days of ``year``, as public servants have them."""
    # A day can be exchanged with one of the year before or after.
    library = holidays.country_holidays("VN", years=(year - 1, year, year + 1))
    own = yaml.safe_load(HOLIDAYS_FILE.read_text(encoding="utf-8"))
    closed = {*library.keys(), *own["closed"]}
    worked = {*library.weekend_workdays, *own["worked"]}
    return frozenset(d for d in closed if d.year == year), frozenset(d for d in worked if d.year == year)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY
