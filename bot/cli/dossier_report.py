"""``motcua dossiers report``: a period's figures as text, JSON, CSV or Excel."""

from __future__ import annotations

import io
import json
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.office import open_office
from bot.cli.say import say


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


def _day(value: str) -> datetime:
    from dossiers.period import can_be_reported

    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            day = datetime.strptime(value, form)
        except ValueError:
            continue
        if can_be_reported(day.date()):
            return day
    raise typer.BadParameter(f"{value!r} is no day such as 2026-09-30 or 30/09/2026")


def report(
    start: Annotated[
        datetime | None,
        typer.Option("--from", metavar="D", parser=_day, help="First day; default: of the quarter."),
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", metavar="D", parser=_day, help="Last day; default: today.")
    ] = None,
    form: Annotated[Format | None, typer.Option("--format", help="How it is written; default: text.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="F", help="A file; default: standard output.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """What came in, was resolved and is open, within a period (days as 2026-09-30 or 30/09/2026)."""
    from dossiers import local_now
    from dossiers.report import make_report

    form = form or _by_name(output) or (Format.JSON if as_json else Format.TEXT)
    if as_json and form is not Format.JSON:
        raise typer.BadParameter(f"--json and --format {form} contradict each other")
    if form is Format.XLSX and output is None and sys.stdout.isatty():
        raise typer.BadParameter("a workbook needs a file: name it with --output")
    now = local_now()
    last = (end or now).date()
    first = start.date() if start else last.replace(month=(last.month - 1) // 3 * 3 + 1, day=1)
    if first > last:
        raise typer.BadParameter("--from lies behind --to")
    with open_office() as opened, opened.database.read() as session:
        made = make_report(session, first, last, now, opened.calendar, opened.stale_after_days).as_dict()
    if form is Format.TEXT and output is None:
        _print(made)
        return
    content = _content(made, form)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(content)
        say(f"Written: {output}")


def _by_name(output: Path | None) -> Format | None:
    """The form that a file's name asks for."""
    suffix = output.suffix.lower().lstrip(".") if output else ""
    return Format(suffix) if suffix in list(Format) else None


def _content(made: dict[str, Any], form: Format) -> bytes:
    from dossiers.report_tables import report_csv, report_xlsx

    if form is Format.XLSX:
        return report_xlsx(made)
    if form is Format.CSV:
        return report_csv(made).encode()
    if form is Format.JSON:
        return (json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode()
    out = io.StringIO()
    _print(made, out)
    return out.getvalue().encode()


def _print(made: dict[str, Any], file: io.StringIO | None = None) -> None:
    """The figures in all, then a table for each way to divide them."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from dossiers.report import labels
    from dossiers.report_tables import GROUPS, name_of, tables

    words = labels()
    console = Console(file=file, width=160 if file else None)
    by_key = {table.key: table for table in tables(made)}
    figures = words["figures"]
    shown = ("received", "resolved", "on_time_rate", "open", "open_late")

    def table(title: str, headings: list[str], rows: list[list[str]]) -> None:
        made_table = Table(title=title, show_header=any(headings), box=SIMPLE_HEAD, title_justify="left")
        first, *others = headings
        made_table.add_column(first, min_width=22)
        for heading in others:
            made_table.add_column(heading, justify="right", max_width=12 if console.width > 99 else 7)
        for row in rows:
            made_table.add_row(*row)
        console.print(made_table)

    table(by_key["total"].title, ["", ""], [[label, _figure(made[name])] for name, label in figures.items()])
    names = [figures[name].removeprefix("- ") for name in shown]
    for group in GROUPS:
        rows = [[name_of(part), *(_figure(part[name]) for name in shown)] for part in made[group]]
        table(words["groups"][group], ["", *names], rows)
    for key in ("waiting_by_age", "late_causes"):
        rows = [[str(name), *map(_figure, counts)] for name, *counts in by_key[key].rows]
        if rows:
            table(by_key[key].title, by_key[key].headings, rows)


def _figure(value: float | None) -> str:
    """With a point between thousands and a comma before decimals, as Vietnamese writes numbers."""
    if value is None:
        return "-"
    text = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,"))
