from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers import WorkCalendar
from procedures_catalog.centre import VIET_NAM, Interval, load_centre

PLAIN = WorkCalendar()
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
# Whole minutes, day and night.
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(
    lambda m: m.replace(second=0, microsecond=0)
)
CALENDARS = st.builds(
    WorkCalendar,
    extra_closed=st.frozensets(DAYS, max_size=20),
    extra_working=st.frozensets(DAYS, max_size=20),
    half_days=st.frozensets(DAYS, max_size=20),
)


def days_off(year: int) -> set[date]:
    """Weekdays on which public servants did not work."""
    day, found = date(year, 1, 1), set()
    while day.year == year:
        if day.weekday() < 5 and not PLAIN.is_working_day(day):
            found.add(day)
        day += timedelta(days=1)
    return found


def weekends_worked(year: int) -> set[date]:
    day, found = date(year, 1, 1), set()
    while day.year == year:
        if day.weekday() >= 5 and PLAIN.is_working_day(day):
            found.add(day)
        day += timedelta(days=1)
    return found


def on(year: int, *days: tuple[int, int]) -> set[date]:
    return {date(year, month, day) for day, month in days}


def test_2025_as_announced() -> None:
    tet = [(27, 1), (28, 1), (29, 1), (30, 1), (31, 1)]
    assert days_off(2025) == on(2025, (1, 1), *tet, (7, 4), (30, 4), (1, 5), (2, 5), (1, 9), (2, 9))
    assert weekends_worked(2025) == on(2025, (26, 4))


def test_2026_as_announced() -> None:
    tet = [(16, 2), (17, 2), (18, 2), (19, 2), (20, 2)]
    national_day = [(31, 8), (1, 9), (2, 9)]
    assert days_off(2026) == on(2026, (1, 1), (2, 1), *tet, (27, 4), (30, 4), (1, 5), *national_day, (24, 11))
    assert weekends_worked(2026) == on(2026, (10, 1), (22, 8))


def test_2027_as_the_labour_code_has_it() -> None:
    tet = [(4, 2), (5, 2), (8, 2), (9, 2), (10, 2)]
    assert days_off(2027) == on(2027, (1, 1), *tet, (16, 4), (30, 4), (3, 5), (2, 9), (3, 9), (24, 11))
    assert weekends_worked(2027) == set()


@given(CALENDARS, DAYS, st.integers(0, 60))
def test_adding_agrees_with_a_plain_loop(calendar: WorkCalendar, start: date, count: int) -> None:
    day, left = start, count
    while left or (count == 0 and not calendar.is_working_day(day)):
        day += timedelta(days=1)
        if left and calendar.is_working_day(day):
            left -= 1
    assert calendar.add_working_days(start, count) == day


@given(CALENDARS, DAYS, st.integers(-200, 200))
def test_counting_agrees_with_a_plain_loop(calendar: WorkCalendar, start: date, span: int) -> None:
    end = start + timedelta(days=span)
    first, last = min(start, end), max(start, end)
    counted = 0
    day = first
    while day < last:
        day += timedelta(days=1)
        if calendar.is_working_day(day):
            counted += 1
    assert calendar.working_days_between(start, end) == (counted if end >= start else -counted)


@given(CALENDARS, DAYS, st.integers(1, 60))
def test_adding_and_counting_undo_each_other(calendar: WorkCalendar, start: date, count: int) -> None:
    end = calendar.add_working_days(start, count)
    assert calendar.is_working_day(end)
    assert calendar.working_days_between(start, end) == count


def loop_over_minutes(calendar: WorkCalendar, start: datetime, end: datetime) -> int:
    """Minutes of work from ``start`` to ``end``, one by one."""
    minutes = 0
    moment = start
    while moment < end:
        day = moment.date()
        spans = calendar.hours[:1] if day in calendar.half_days else calendar.hours
        if calendar.is_working_day(day) and any(opens <= moment.time() < closes for opens, closes in spans):
            minutes += 1
        moment += timedelta(minutes=1)
    return minutes


@given(CALENDARS, MOMENTS, st.integers(-100, 60 * 24 * 6))
def test_working_time_agrees_with_a_plain_loop(calendar: WorkCalendar, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    expected = loop_over_minutes(calendar, start, end)
    assert calendar.working_time(start, end) == timedelta(minutes=expected)


@given(CALENDARS, MOMENTS, st.integers(1, 60 * 40))
def test_after_working_time_is_the_first_such_moment(
    calendar: WorkCalendar, start: datetime, minutes: int
) -> None:
    amount = timedelta(minutes=minutes)
    end = calendar.after_working_time(start, amount)
    assert calendar.working_time(start, end) == amount
    assert calendar.working_time(start, end - timedelta(minutes=1)) < amount


@given(CALENDARS, MOMENTS, st.lists(st.tuples(st.integers(0, 60 * 24 * 4), st.integers(1, 10)), max_size=4))
def test_paused_time_is_the_working_time_spent_in_paused_statuses(
    calendar: WorkCalendar, start: datetime, steps: list[tuple[int, int]]
) -> None:
    changes, moment = [], start
    for minutes, status in steps:
        moment += timedelta(minutes=minutes + 1)
        changes.append((moment, status))
    until = moment + timedelta(days=2)
    expected = 0
    for (at, status), (following, _) in pairwise([*changes, (until, 0)]):
        if status in (5, 6, 8):
            expected += loop_over_minutes(calendar, at, following)
    assert calendar.paused_time(reversed(changes), until) == timedelta(minutes=expected)


@pytest.mark.parametrize(
    ("received_at", "counts_from"),
    [
        (datetime(2026, 11, 19, 8, 0), date(2026, 11, 19)),
        (datetime(2026, 11, 19, 15, 0), date(2026, 11, 19)),
        (datetime(2026, 11, 19, 15, 1), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 15, 1), date(2026, 11, 23)),  # Friday afternoon
        (datetime(2026, 11, 21, 9, 0), date(2026, 11, 23)),  # Saturday
        (datetime(2026, 11, 23, 16, 0), date(2026, 11, 25)),  # the day before Culture Day
    ],
)
def test_what_comes_after_three_counts_for_the_next_working_day(
    received_at: datetime, counts_from: date
) -> None:
    assert PLAIN.clock_start(received_at) == counts_from


@pytest.mark.parametrize(
    ("received_at", "amount", "unit", "due"),
    [
        (datetime(2026, 11, 18, 8, 0), 3, "working_days", datetime(2026, 11, 23, 17, 0)),
        (datetime(2026, 11, 20, 16, 0), 1, "working_days", datetime(2026, 11, 25, 17, 0)),
        (datetime(2026, 2, 13, 9, 0), 1, "working_days", datetime(2026, 2, 23, 17, 0)),  # over Tết
        (datetime(2026, 11, 18, 8, 0), 10, "days", datetime(2026, 11, 30, 17, 0)),  # a Saturday moves on
        (datetime(2026, 8, 17, 8, 0), 16, "days", datetime(2026, 9, 3, 17, 0)),  # National Day moves on
        (datetime(2026, 11, 18, 8, 0), 0, "same_day", datetime(2026, 11, 18, 17, 0)),
        (datetime(2026, 11, 18, 15, 30), 0, "same_day", datetime(2026, 11, 19, 17, 0)),
        (datetime(2026, 11, 18, 10, 30), 2, "hours", datetime(2026, 11, 18, 14, 30)),
        (datetime(2026, 11, 18, 15, 30), 2, "hours", datetime(2026, 11, 19, 9, 30)),
    ],
)
def test_due(received_at: datetime, amount: int, unit: str, due: datetime) -> None:
    assert PLAIN.due(received_at, amount, unit) == due  # type: ignore[arg-type]


@given(CALENDARS, MOMENTS, st.integers(1, 40), st.sampled_from(["working_days", "days", "same_day"]))
def test_a_last_day_is_always_a_working_day(
    calendar: WorkCalendar, received_at: datetime, amount: int, unit: str
) -> None:
    due = calendar.due(received_at, amount, unit)  # type: ignore[arg-type]
    assert calendar.is_working_day(due.date())
    assert due.date() >= calendar.clock_start(received_at) >= received_at.date()


def test_a_centres_own_days() -> None:
    friday, saturday, monday = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
    own = WorkCalendar(
        extra_closed=frozenset({friday}), extra_working=frozenset({saturday}), half_days=frozenset({monday})
    )
    assert [own.is_working_day(day) for day in (friday, saturday, monday)] == [False, True, True]
    assert own.clock_start(datetime.combine(monday, time(14, 0))) == date(2026, 11, 25)
    assert own.due(datetime(2026, 11, 19, 8), 2, "working_days") == datetime(2026, 11, 23, 11, 30)


def test_the_days_of_the_centres_file() -> None:
    friday, saturday, monday = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
    centre = load_centre(Path(__file__).parents[2] / "centre.yml")
    centre.closed_on, centre.worked_on, centre.half_days = [friday], [saturday], [monday]
    centre.hours["mon"] = [Interval("08:00", "12:00"), Interval("13:00", "16:30")]
    own = WorkCalendar.of(centre)
    assert [own.is_working_day(day) for day in (friday, saturday, monday)] == [False, True, True]
    assert own.due(datetime(2026, 11, 19, 8), 1, "working_days") == datetime(2026, 11, 21, 16, 30)
    assert own.due(datetime(2026, 11, 19, 8), 2, "working_days") == datetime(2026, 11, 23, 12, 0)
    noon = datetime(2026, 11, 23, 14, tzinfo=VIET_NAM)
    assert (centre.is_open(noon), centre.is_open(noon - timedelta(days=2))) == (False, True)


def test_counting_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        PLAIN.add_working_days(date(2026, 11, 20), -1)
