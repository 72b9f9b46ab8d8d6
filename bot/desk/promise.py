"""When a person can expect an answer: from the queue, the last weeks' answers and the opening hours.

Pure arithmetic but for :func:`patience`, which reads the figures.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median, quantiles

from sqlalchemy import Connection, func, select

from bot.channels.words import Words
from bot.desk.accounts import here
from bot.desk.tables import cases
from procedures_catalog.centre import VIET_NAM, Centre

# Where nothing is known yet: how long until an answer, how long one conversation takes.
FIRST_GUESS, HANDLING_GUESS = 15 * 60.0, 6 * 60.0
ENOUGH, LATEST = 10, 200
WEEKS = 3
SHORTEST, LONGEST = 5 * 60.0, 8 * 3600.0
STEP = 300
# Who has used the desk so lately is there.
HERE_SECONDS = 600.0
_DAYS = 15

_c = cases.c


def open_seconds(centre: Centre, start: datetime, end: datetime) -> float:
    """How much of the time between two moments the centre is open."""
    start, end = start.astimezone(VIET_NAM), end.astimezone(VIET_NAM)
    total, day = 0.0, start.date()
    while day <= end.date():
        for opens, closes in centre.intervals(day):
            first = max(start, datetime.combine(day, opens, VIET_NAM))
            last = min(end, datetime.combine(day, closes, VIET_NAM))
            total += max(0.0, (last - first).total_seconds())
        day += timedelta(days=1)
    return total


def after_open(centre: Centre, start: datetime, seconds: float) -> datetime | None:
    """When the centre will have been open for so long since ``start``; None if not within two weeks."""
    start = start.astimezone(VIET_NAM)
    for ahead in range(_DAYS):
        day = start.date() + timedelta(days=ahead)
        for opens, closes in centre.intervals(day):
            first = max(start, datetime.combine(day, opens, VIET_NAM))
            there = (datetime.combine(day, closes, VIET_NAM) - first).total_seconds()
            if there > 0 and seconds <= there:
                return first + timedelta(seconds=seconds)
            seconds -= max(0.0, there)
    return None


def rounded_up(moment: datetime) -> datetime:
    """The next full five minutes."""
    past = (moment.minute * 60 + moment.second + moment.microsecond / 1e6) % STEP
    return moment + timedelta(seconds=(STEP - past) % STEP)


def patience(connection: Connection, now: float, centre: Centre) -> float:
    """Seconds of opening time within which the next one who asks can be answered.

    Four in five of the last weeks' answers came within it, and the queue before them is worked off by
    those who are here now.
    """
    since = now - WEEKS * 7 * 86_400
    lately = select(_c.opened_at, _c.answered_at).where(_c.answered_at > since)
    rows = connection.execute(lately.order_by(_c.answered_at.desc()).limit(LATEST)).all()
    took = [open_seconds(centre, moment_of(row.opened_at), moment_of(row.answered_at)) for row in rows]
    usual = quantiles(took, n=5)[-1] if len(took) >= ENOUGH else FIRST_GUESS
    handled = select(_c.closed_at - _c.claimed_at).where(_c.closed_at > since, _c.answered_at.is_not(None))
    lengths = list(connection.scalars(handled.order_by(_c.closed_at.desc()).limit(LATEST)))
    handling = median(lengths) if len(lengths) >= ENOUGH else HANDLING_GUESS
    waiting = connection.scalar(select(func.count()).where(_c.state == "waiting")) or 0
    hands = max(1, len(here(connection, now, HERE_SECONDS)))
    return min(max(usual, waiting * handling / hands, SHORTEST), LONGEST)


def promise(connection: Connection, now: float, centre: Centre) -> float | None:
    """Until when to promise an answer to somebody who has just been put into the queue."""
    until = after_open(centre, moment_of(now), patience(connection, now, centre))
    return None if until is None else rounded_up(until).timestamp()


def spoken(words: Words, now: float, until: float) -> str:
    """``trước 9 giờ 40``, ``trước 8 giờ ngày mai``, ``trước 8 giờ thứ Hai 23/11``."""
    moment, today = moment_of(until), moment_of(now).date()
    clock, days = words.clock(moment), (moment.date() - today).days
    if days <= 0:
        return words.say("promise.today", clock=clock)
    if days == 1:
        return words.say("promise.tomorrow", clock=clock)
    weekday = words["weekdays"][moment.weekday()]
    return words.say("promise.later", clock=clock, weekday=weekday, day=f"{moment:%d/%m}")


def moment_of(seconds: float) -> datetime:
    """The local time of seconds since 1970."""
    return datetime.fromtimestamp(seconds, VIET_NAM)
