"""The desk's figures for a period: what was asked, what was answered, who waited how long.

Read from what is there already; nothing is counted twice and nobody is named. What people wrote is shown
only where at least :data:`FEWEST` asked alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median, quantiles
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, cast, func, select

from bot.desk import questions
from bot.desk.tables import cases, feedback, people, ratings
from bot.desk.tables import questions as asked
from bot.mailbox.tables import inbox, outbox
from procedures_catalog.centre import VIET_NAM

LONGEST_DAYS = 92
FEWEST = 5
MOST = 20
_ANSWERED = frozenset({"answer", "dossier", "notice", "question", "choice"})

_c, _i, _o, _r = cases.c, inbox.c, outbox.c, ratings.c


@dataclass(frozen=True)
class Period:
    """Whole days, both included."""

    first: date
    last: date

    def holds(self, column: ColumnElement[float]) -> ColumnElement[bool]:
        """Whether a moment (seconds since 1970) lies within."""
        end = self.last + timedelta(days=1)
        begin, until = (datetime.combine(day, time(), VIET_NAM) for day in (self.first, end))
        return (column >= begin.timestamp()) & (column < until.timestamp())

    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def figures(connection: Connection, now: float, period: Period) -> dict[str, Any]:
    """``{"messages", "handovers", "ratings", "feedback", "wanted"}``."""
    return {
        "messages": _messages(connection, period),
        "handovers": _handovers(connection, now, period),
        "ratings": _ratings(connection, period),
        "feedback": _feedback(connection, period),
        "wanted": _wanted(connection, now, period),
    }


def _messages(connection: Connection, period: Period) -> dict[str, Any]:
    # Of the first reply only its kind: replies are long.
    if connection.dialect.name == "postgresql":
        kind: Any = cast(_o.reply, JSON)["kind"].as_string()
    else:
        kind = func.json_extract(_o.reply, "$.kind")
    where = (_i.kind == "text") & period.holds(_i.accepted_at) & (_i.conversation != "")
    rows = connection.execute(
        select(_i.accepted_at, _i.channel, _i.conversation, _i.state, _i.understood, kind.label("said"))
        .outerjoin(outbox, (_o.inbox_id == _i.id) & (_o.position == 0))
        .where(where)
    )
    made: dict[str, Counter[Any]] = {
        name: Counter() for name in ("channel", "hour", "day", "outcome", "procedure")
    }
    persons: set[str] = set()
    for row in rows:
        at = datetime.fromtimestamp(row.accepted_at, VIET_NAM)
        made["channel"][row.channel] += 1
        made["hour"][at.hour] += 1
        made["day"][at.date()] += 1
        made["outcome"][_outcome(row.state, row.said)] += 1
        persons.add(row.conversation)
        seen = (row.understood or {}).get("procedures") or ()
        if row.said == "answer" and seen:
            made["procedure"][seen[0].get("id")] += 1
    total, known = made["channel"].total(), made["outcome"]["answered"]
    tried = known + made["outcome"]["unknown"]
    return {
        "total": total,
        "persons": len(persons),
        "understood_rate": _rate(known, tried),
        "by_outcome": made["outcome"],
        "by_channel": made["channel"],
        "by_hour": {hour: made["hour"][hour] for hour in range(24) if made["hour"][hour]},
        "by_day": {day: made["day"][day] for day in period.days()},
        "by_procedure": dict(made["procedure"].most_common(MOST)),
    }


def _outcome(state: str, said: str | None) -> str:
    if state == "kept":
        return "person"
    if state in ("apologised", "recorded"):
        return "failed"
    if said == "handover":
        return "handed"
    if said == "unknown":
        return "unknown"
    return "answered" if said in _ANSWERED else "talk"


def _handovers(connection: Connection, now: float, period: Period) -> dict[str, Any]:
    rows = connection.execute(
        select(cases, people.c.name)
        .outerjoin(people, people.c.id == _c.owner_id)
        .where(period.holds(_c.opened_at))
    ).all()
    took = [row.answered_at - row.opened_at for row in rows if row.answered_at is not None]
    promised = [row for row in rows if row.promised_at is not None]
    overdue = [
        row for row in promised if row.kept is None and row.state != "closed" and row.promised_at < now
    ]
    kept, broken = sum(row.kept is True for row in promised), sum(row.kept is False for row in promised)
    return {
        "total": len(rows),
        "answered": len(took),
        "waiting": sum(row.state == "waiting" for row in rows),
        "claimed": sum(row.state == "claimed" for row in rows),
        "median_seconds": median(took) if took else None,
        "most_seconds": quantiles(took, n=5)[-1] if len(took) > 1 else None,
        "promised": len(promised),
        "kept": kept,
        "broken": broken + len(overdue),
        "kept_rate": _rate(kept, kept + broken + len(overdue)),
        "by_channel": Counter(row.channel for row in rows),
        "by_hour": _hours(row.opened_at for row in rows),
        "by_reason": Counter(row.close_reason for row in rows if row.close_reason),
        "by_person": Counter(row.name for row in rows if row.name and row.answered_at is not None),
    }


def _ratings(connection: Connection, period: Period) -> dict[str, Any]:
    rows = connection.execute(select(_r.stars, _r.about).where(period.holds(_r.at))).all()
    made: dict[str, Any] = {}
    for about in ("answer", "person", "dossier"):
        stars = [row.stars for row in rows if row.about == about]
        made[about] = {
            "count": len(stars),
            "mean": round(sum(stars) / len(stars), 2) if stars else None,
            "by_stars": {n: stars.count(n) for n in (5, 4, 3, 2, 1)},
        }
    return made


def _feedback(connection: Connection, period: Period) -> dict[str, Any]:
    f = feedback.c
    rows = connection.execute(select(f.kind, f.category, f.state).where(period.holds(f.at))).all()
    return {
        "total": len(rows),
        "new": sum(row.state == "new" for row in rows),
        "by_kind": Counter(row.kind for row in rows),
        "by_category": Counter(row.category for row in rows if row.category),
    }


def _wanted(connection: Connection, now: float, period: Period) -> list[dict[str, Any]]:
    """What people wanted and did not get, in groups that hide each of them."""
    found = [
        group
        for state in ("waiting", "labelled", "approved")
        for group in questions.groups(connection, now, state, period.holds(asked.c.asked_at))
        if group["count"] >= FEWEST and group["verdict"] != "nothing"
    ]
    keys = ("text", "count", "verdict", "procedure")
    return [{key: group[key] for key in keys} for group in sorted(found, key=lambda g: -g["count"])[:MOST]]


def _hours(moments: Iterable[float]) -> dict[int, int]:
    return dict(sorted(Counter(datetime.fromtimestamp(at, VIET_NAM).hour for at in moments).items()))


def _rate(part: int, whole: int) -> float | None:
    """In percent, one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None
