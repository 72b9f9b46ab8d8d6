"""``/thong-ke``: the desk's figures as a page, to print, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot.cells import harmless
from bot.desk.accounts import Visit
from bot.desk.door import Door
from bot.desk.errors import Refusal
from bot.desk.figures import LONGEST_DAYS, Period, figures
from bot.gateway.figures import DossierFigures, show
from bot.gateway.templating import plain_name
from dossiers.period import can_be_reported

DAYS = 7


class Statistics:
    """The handlers; see the module."""

    def __init__(self, door: Door) -> None:
        self._door, self._desk = door, door.desk
        self._dossiers = DossierFigures(door.desk.database, door.desk.centre)
        self._desk.opened.callback(self._dossiers.close)

    async def page(self, request: Request, visit: Visit) -> Response:
        period = self._period(request)
        tables = await self._tables(period)
        report = await self._dossiers.of(period.first, period.last)
        shown = {"period": period, "tables": tables, "figures": show(report)}
        return self._door.page(request, "statistics.html", visit, **shown)

    async def csv(self, request: Request, visit: Visit) -> Response:
        period = self._period(request)
        text = as_csv(await self._tables(period))
        name = f"thong-ke-{period.first}-{period.last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        # The mark tells spreadsheets that it is UTF-8.
        return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)

    async def dossiers(self, request: Request, visit: Visit) -> Response:
        """The report on dossiers alone, of any period, and its files."""
        report = await self._dossiers.made(request)
        file = await self._dossiers.file(report, request.query_params.get("tai"))
        return file or self._door.page(request, "dossiers.html", visit, figures=show(report))

    def _period(self, request: Request) -> Period:
        last = _day(request.query_params.get("den"), self._desk.today())
        first = _day(request.query_params.get("tu"), last - timedelta(days=DAYS - 1))
        if not 0 <= (last - first).days < LONGEST_DAYS:
            raise Refusal(422, "bad_period", most=LONGEST_DAYS)
        return Period(first, last)

    async def _tables(self, period: Period) -> list[dict[str, Any]]:
        """``{"title", "rows": [(name, value, share of the largest or None)]}``, in words."""
        found = await self._desk.store.read(figures, period)
        catalog = await run_in_threadpool(self._desk.catalog.current)

        def named(number: object) -> str:
            entry = catalog.find(str(number))
            return plain_name(entry.name) if entry else str(number)

        return list(_in_words(found, self._desk.words["statistics"], self._desk.words, named))


def _in_words(
    found: Mapping[str, Any], words: Mapping[str, Any], all_words: Any, named: Any
) -> Iterator[dict]:
    messages, handovers, ratings = found["messages"], found["handovers"], found["ratings"]

    def table(key: str, rows: list[tuple[str, Any]], bars: bool = True) -> dict[str, Any]:
        numbers = [value for _, value in rows if isinstance(value, int)]
        most = max(numbers, default=0) if bars else 0
        shown = [
            (name, figure(value), value / most if most and isinstance(value, int) else None)
            for name, value in rows
        ]
        return {"title": words["titles"][key], "rows": shown}

    def group(
        key: str, counted: Mapping[Any, int], labels: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        return table(key, [((labels or {}).get(name, str(name)), count) for name, count in counted.items()])

    rows = words["rows"]
    yield table(
        "whole",
        [
            (rows["messages"], messages["total"]),
            (rows["persons"], messages["persons"]),
            (rows["busiest"], busiest(messages["by_hour"])),
            (rows["understood_rate"], percent(messages["understood_rate"])),
            (rows["handovers"], handovers["total"]),
            (rows["answered"], handovers["answered"]),
            (rows["still_waiting"], handovers["waiting"]),
            (rows["median"], minutes(handovers["median_seconds"])),
            (rows["most"], minutes(handovers["most_seconds"])),
            (rows["kept"], f"{handovers['kept']} / {handovers['kept'] + handovers['broken']}"),
            (rows["kept_rate"], percent(handovers["kept_rate"])),
            (rows["rating_answer"], stars(ratings["answer"])),
            (rows["rating_person"], stars(ratings["person"])),
            (rows["rating_dossier"], stars(ratings["dossier"])),
            (rows["feedback"], found["feedback"]["total"]),
        ],
        bars=False,
    )
    yield group("outcome", messages["by_outcome"], words["outcomes"])
    yield table("procedure", [(named(number), count) for number, count in messages["by_procedure"].items()])
    yield table("wanted", [(row["text"], row["count"]) for row in found["wanted"]])
    yield group("channel", messages["by_channel"], all_words["channels"])
    yield table("day", [(f"{day:%d/%m}", count) for day, count in messages["by_day"].items()])
    yield table("hour", [(f"{hour} giờ", count) for hour, count in messages["by_hour"].items()])
    yield table("handover_hour", [(f"{hour} giờ", count) for hour, count in handovers["by_hour"].items()])
    closed = all_words["close_reasons"] | all_words["system_reasons"]
    yield group("closed", handovers["by_reason"], closed)
    yield group("person", handovers["by_person"])
    for about in ("person", "answer", "dossier"):
        yield group(f"stars_{about}", ratings[about]["by_stars"], None)
    yield group("feedback", found["feedback"]["by_category"], all_words["categories"])


def as_csv(tables: list[dict[str, Any]]) -> str:
    """One row a figure: table, name, value. Nothing in it is a formula, whatever people wrote."""
    out = io.StringIO()
    writer = csv.writer(out)
    for made in tables:
        for name, value, _ in made["rows"]:
            writer.writerow([harmless(cell) for cell in (made["title"], name, value)])
    return out.getvalue()


def figure(value: Any) -> str:
    """1234 → ``1.234``; what is a text already stays."""
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else str(value)


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:g}".replace(".", ",") + " %"


def busiest(by_hour: Mapping[int, int]) -> str:
    """The hours with most questions, at most three: ``9 giờ, 10 giờ``."""
    most = sorted(by_hour, key=lambda hour: (-by_hour[hour], hour))[:3]
    return ", ".join(f"{hour} giờ" for hour in most) or "–"


def minutes(seconds: float | None) -> str:
    """``4 phút``, ``1 giờ 05``."""
    if seconds is None:
        return "–"
    whole = round(seconds / 60)
    return f"{whole} phút" if whole < 60 else f"{whole // 60} giờ {whole % 60:02d}"


def stars(rated: Mapping[str, Any]) -> str:
    """``4,6 / 5 (12)``."""
    if rated["mean"] is None:
        return "–"
    return f"{rated['mean']:g} / 5 ({rated['count']})".replace(".", ",")


def _day(text: str | None, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal(422, "bad_period", most=LONGEST_DAYS) from None
    if not can_be_reported(day):
        raise Refusal(422, "bad_period", most=LONGEST_DAYS)
    return day
