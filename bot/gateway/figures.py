"""The report on dossiers as a page shows it, and as files. Who may see it is for the desk to check.

``{% include "figures_body.html" %}`` shows ``figures=show(report)``.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.errors import BadRequest
from bot.gateway.charts import NARROW, bar_chart
from dossiers import WorkCalendar, local_now
from dossiers.database import Database, open_database
from dossiers.period import can_be_reported
from dossiers.report import labels, make_report
from dossiers.report_tables import Table, report_csv, report_xlsx, tables
from procedures_catalog.centre import Centre

CHARTED = 10
_CARDS = ("received", "resolved", "on_time_rate", "open", "open_late", "late_without_new_date", "stale")
_CARDS_OF_WAYS = ("online_rate", "by_post_rate")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Section:
    """A table with a picture of what is ``measured`` first; both charts are empty where there is none.

    ``narrow`` is the one for phones.
    """

    title: str
    measured: str
    headings: list[str]
    rows: list[list[str]]
    chart: Markup
    narrow: Markup


@dataclass(frozen=True)
class Figures:
    """What the page shows: ``start``, ``end`` (ISO), the figures that matter most, the sections."""

    title: str
    start: str
    end: str
    cards: list[tuple[str, str]]
    sections: list[Section]
    query: str


@dataclass
class DossierFigures:
    """Reports from the database at ``url``, one at a time; opened with the first."""

    url: str
    centre: Centre
    now: Callable[[], datetime] = local_now
    _opening: threading.Lock = field(default_factory=threading.Lock)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _database: Database | None = None

    async def made(self, request: Request) -> dict[str, Any]:
        """The report of the period that a request names; without one, of the quarter.

        Raises:
            BadRequest: 422 ``bad_period``.
            DatabaseError: the database is away.
        """
        return await self.of(*period(request, self.now().date()))

    async def of(self, start: date, end: date) -> dict[str, Any]:
        """The report of these days, both included. Raises DatabaseError when the database is away."""
        async with self._turn:
            return await run_in_threadpool(self._make, start, end)

    @staticmethod
    async def file(report: dict[str, Any], wanted: str | None) -> Response | None:
        """The report as ``json``, ``csv`` or ``xlsx``; None where nothing of that kind is wanted."""
        name = f"ho-so-{report['from']}-{report['to']}"
        if wanted == "json":
            return JSONResponse(report)
        if wanted == "csv":
            return _file(report_csv(report).encode(), "text/csv; charset=utf-8", f"{name}.csv")
        if wanted == "xlsx":
            return _file(await run_in_threadpool(report_xlsx, report), _XLSX, f"{name}.xlsx")
        return None

    def close(self) -> None:
        if self._database is not None:
            self._database.close()

    def _make(self, start: date, end: date) -> dict[str, Any]:
        with self._opening:
            self._database = self._database or open_database(self.url)
        calendar = WorkCalendar.of(self.centre)
        stale = self.centre.dossiers.stale_after_days
        with self._database.read() as session:
            return make_report(session, start, end, self.now(), calendar, stale).as_dict()


def period(request: Request, today: date) -> tuple[date, date]:
    """The first and last day that ``tu`` and ``den`` name; else this quarter up to today.

    Raises:
        BadRequest: 422 ``bad_period``.
    """
    try:
        end = date.fromisoformat(request.query_params.get("den") or today.isoformat())
        first = end.replace(month=(end.month - 1) // 3 * 3 + 1, day=1)
        start = date.fromisoformat(request.query_params.get("tu") or first.isoformat())
    except ValueError:
        raise BadRequest(422, "bad_period") from None
    if start > end or not can_be_reported(start, end):
        raise BadRequest(422, "bad_period")
    return start, end


def show(report: dict[str, Any]) -> Figures:
    """A report as the page shows it."""
    names = {
        key: _capital(label.removeprefix("- ").removesuffix(" (%)"))
        for key, label in labels()["figures"].items()
    }
    total, *groups = tables(report)
    return Figures(
        title=total.title,
        start=report["from"],
        end=report["to"],
        cards=[(names[key], _on_card(report[key])) for key in (*_CARDS, *_CARDS_OF_WAYS)],
        sections=[_section(table) for table in groups if table.rows],
        query=urlencode({"tu": report["from"], "den": report["to"]}),
    )


def written(value: str | int | float | None) -> str:
    """``69140`` → ``69.140``, ``98.7`` → ``98,70``, as Vietnamese writes numbers."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    text = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,"))


def _on_card(value: float | None) -> str:
    return written(value) + (" %" if isinstance(value, float) else "")


def _section(table: Table) -> Section:
    bars = [(_label(table, str(row[0])), int(row[1] or 0)) for row in table.rows[:CHARTED]]
    measured = _capital(table.headings[1])
    described = f"{table.title}: {measured}"
    return Section(
        table.title,
        measured,
        [_capital(heading) for heading in table.headings],
        [[written(cell) for cell in row] for row in table.rows],
        bar_chart(bars, described),
        bar_chart(bars, described, NARROW),
    )


def _label(table: Table, name: str) -> str:
    """Beside a bar there is room for what tells it from the others: no code, the department alone."""
    if table.key in ("by_procedure", "by_office"):
        name = name.rpartition(" · ")[2].removeprefix("Thủ tục ")
    return _capital(name)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _file(content: bytes, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media, headers=headers)
