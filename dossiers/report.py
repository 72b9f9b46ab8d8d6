"""The report of a period (báo cáo kỳ): what came in, what was resolved and when, what is open.

``received`` = ``new`` (received within the period) + ``carried_over`` (came before it and was not finished
before it); ``resolved`` left the open ones within the period: finished, else returned, refused or
withdrawn. On time is by the day, against the date on the receipt; ``on_time`` includes ``early``. What is
open is told as of the end of the period, or of today when the period goes on.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from dossiers.lookup import STALE_AFTER_DAYS
from dossiers.models import Kind
from dossiers.period import AGES, COUNTED, Period
from dossiers.working_days import WorkCalendar

LABELS_FILE = Path(__file__).parent / "data" / "labels.yml"


class Figures:
    """Numbers of dossiers, in the order of :data:`COUNTED`."""

    def __init__(self) -> None:
        self.counts = [0] * len(COUNTED)

    def add(self, counts: Sequence[int]) -> None:
        self.counts = list(map(operator.add, self.counts, counts))

    def as_dict(self) -> dict[str, Any]:
        """With sums and rates: percent with two decimals, None where there is nothing to divide by."""
        count = dict(zip(COUNTED, self.counts, strict=True))
        received = count["new"] + count["carried_over"]
        resolved = count["resolved"]
        return {
            "received": received,
            "new": count["new"],
            "carried_over": count["carried_over"],
            "resolved": resolved,
            "early": count["early"],
            "on_time": count["on_time"],
            "late": resolved - count["on_time"],
            "on_time_rate": _rate(count["on_time"], resolved),
            "open": count["open"],
            "open_late": count["open_late"],
            "late_without_new_date": count["late_without_new_date"],
            "stale": count["stale"],
            "online": count["online"],
            "online_rate": _rate(count["online"], received),
            "by_post": count["by_post"],
            "by_post_rate": _rate(count["by_post"], resolved),
        }


@dataclass
class Report:
    """A period's figures, in all and by field, procedure, office and channel (the largest first).

    ``ages``: (open, of these late) by group of :data:`AGES`; ``causes``: (why, how many) of what is late.
    """

    start: date
    end: date
    total: Figures = field(default_factory=Figures)
    by_field: dict[Hashable, Figures] = field(default_factory=dict)
    by_procedure: dict[Hashable, Figures] = field(default_factory=dict)
    by_office: dict[Hashable, Figures] = field(default_factory=dict)
    by_channel: dict[Hashable, Figures] = field(default_factory=dict)
    ages: dict[int, tuple[int, int]] = field(default_factory=dict)
    causes: list[tuple[str, int]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data (JSON-ready)."""
        names = labels()["channels"]
        return {
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            **self.total.as_dict(),
            "by_field": _listed(self.by_field, lambda key: {"field": key}),
            "by_procedure": _listed(
                self.by_procedure, lambda key: {"procedure_code": key[0], "procedure_name": key[1]}
            ),
            "by_office": _listed(self.by_office, lambda key: {"agency": key[0], "department": key[1]}),
            "by_channel": _listed(self.by_channel, lambda key: {"channel": key, "name": names[key]}),
            "waiting_by_age": [self._age(number) for number in range(len(AGES) + 1)],
            "late_causes": [{"cause": cause, "dossiers": count} for cause, count in self.causes],
        }

    def _age(self, number: int) -> dict[str, int | None]:
        """What is open by how many days ago it was received; ``to_days`` None: or longer ago."""
        count, late = self.ages.get(number, (0, 0))
        start = AGES[number - 1] + 1 if number else 0
        end = AGES[number] if number < len(AGES) else None
        return {"from_days": start, "to_days": end, "open": count, "open_late": late}


def make_report(
    session: Session,
    start: date,
    end: date,
    now: datetime,
    calendar: WorkCalendar,
    stale_after_days: int = STALE_AFTER_DAYS,
) -> Report:
    """The report from ``start`` to ``end``, both days included, as known at ``now``."""
    period = Period(start, end, now, calendar, stale_after_days)
    # Plain rows, not entities: there may be ten thousand.
    kinds = {row.id: row for row in session.execute(select(*Kind.__table__.columns))}
    report = Report(start, end)
    for query in (period.closed_rows(), period.open_rows()):
        for kind_id, channel, *counts in session.execute(query):
            kind = kinds[kind_id]
            for figures in (
                report.total,
                report.by_field.setdefault(kind.field, Figures()),
                report.by_procedure.setdefault((kind.procedure_code, kind.procedure_name), Figures()),
                report.by_office.setdefault((kind.agency, kind.department), Figures()),
                report.by_channel.setdefault(channel, Figures()),
            ):
                figures.add(counts)
    report.ages = {age: (int(count), int(late)) for age, count, late in session.execute(period.ages())}
    report.causes = [(cause, int(count)) for cause, count in session.execute(period.causes())]
    return report


@cache
def labels() -> dict[str, Any]:
    """The report's words for the staff."""
    return yaml.safe_load(LABELS_FILE.read_text(encoding="utf-8"))


def _rate(part: int, whole: int) -> float | None:
    if not whole:
        return None
    return float((Decimal(100 * part) / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _listed(groups: dict[Any, Figures], named: Callable[[Any], dict[str, Any]]) -> list[dict[str, Any]]:
    rows = (named(key) | figures.as_dict() for key, figures in groups.items())
    return sorted(rows, key=lambda row: (-row["received"], *(str(value) for value in row.values())))
