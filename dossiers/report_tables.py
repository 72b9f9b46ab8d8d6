"""A report as tables, and these as CSV and as an Excel workbook.

Both are opened in spreadsheets, and what stands in them came from elsewhere: no text of theirs is ever
taken for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from dossiers.report import labels

Cell = str | int | float | None

GROUPS = ("by_field", "by_procedure", "by_office", "by_channel")
NAMES = ("field", "procedure_code", "procedure_name", "agency", "department", "name")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """``key`` as in ``labels.yml``; each row begins with its name and goes on with its figures."""

    key: str
    title: str
    headings: list[str]
    rows: list[list[Cell]]


def tables(report: dict[str, Any]) -> Iterator[Table]:
    """The tables of a report (:meth:`dossiers.report.Report.as_dict`): in all, by group, waiting, causes."""
    words = labels()
    figures = words["figures"]
    headings = [label.removeprefix("- ") for label in figures.values()]

    def row(name: str, part: dict[str, Any]) -> list[Cell]:
        return [name, *(part[figure] for figure in figures)]

    period = words["period"].format(start=shown_day(report["from"]), end=shown_day(report["to"]))
    yield Table("total", period, [words["group"], *headings], [row(words["total"], report)])
    for group in GROUPS:
        rows = [row(name_of(part), part) for part in report[group]]
        yield Table(group, words["groups"][group], [words["name"], *headings], rows)
    waiting = ["open", "open_late"]
    yield Table(
        "waiting_by_age",
        words["waiting_by_age"],
        [words["name"], *(figures[name].removeprefix("- ") for name in waiting)],
        [[age_of(part), *(part[name] for name in waiting)] for part in report["waiting_by_age"]],
    )
    yield Table(
        "late_causes",
        words["late_causes"],
        [words["cause"], words["dossiers"]],
        [[part["cause"], part["dossiers"]] for part in report["late_causes"]],
    )


def name_of(part: dict[str, Any]) -> str:
    """What a row of a group is called."""
    return " · ".join(str(part[key]) for key in NAMES if part.get(key)) or labels()["unknown"]


def age_of(part: dict[str, Any]) -> str:
    """How long a group of open dossiers has waited, in words."""
    if part["to_days"] is None:
        return labels()["days_and_more"].format(end=part["from_days"] - 1)
    return labels()["days"].format(start=part["from_days"], end=part["to_days"])


def shown_day(iso: str) -> str:
    """``2026-09-30`` → ``30/09/2026``."""
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def report_csv(report: dict[str, Any]) -> str:
    """All tables below each other, with an empty line between; with the mark that makes Excel read UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    for number, table in enumerate(tables(report)):
        if number:
            writer.writerow([])
        writer.writerow([table.title])
        writer.writerow(table.headings)
        writer.writerows([[_harmless(cell) for cell in row] for row in table.rows])
    return out.getvalue()


def report_xlsx(report: dict[str, Any]) -> bytes:
    """A workbook with a sheet for each table; figures are numbers."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    for table in tables(report):
        sheet = book.create_sheet(labels()["sheets"][table.key])
        for row in ([table.title], table.headings, *table.rows):
            sheet.append([ILLEGAL_CHARACTERS_RE.sub("", c) if isinstance(c, str) else c for c in row])
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.data_type = "s"
        for cell in (sheet["A1"], *sheet[2]):
            cell.font = Font(bold=True)
        sheet.freeze_panes = "B3"
        sheet.column_dimensions["A"].width = 60 if table.rows else 24
        for number in range(2, len(table.headings) + 1):
            sheet.column_dimensions[get_column_letter(number)].width = 14
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula, with a mark that it is none."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
