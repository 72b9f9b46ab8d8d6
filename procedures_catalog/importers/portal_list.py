"""The portal's list export (``.xlsx``): one row a procedure, with code, name, agency and field."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.archives import DAMAGED, check_archive, no_file
from procedures_catalog.importers.entry import LIST_COVERS, Draft, draft_of
from procedures_catalog.importers.labels import labels_of
from procedures_catalog.importers.page import Page, tidy
from procedures_catalog.importers.words import words
from procedures_catalog.model import Source
from vietnamese import fold

_HEADER_WITHIN = 20
_COLUMNS = {
    "code": (*labels_of("code"), "ma so", "ma"),
    "name": (*labels_of("name"), "ten"),
    "domain": (*labels_of("domain"), "linh vuc tthc"),
    "agencies": (*labels_of("agency"), "co quan thuc hien tthc"),
    "level": labels_of("level"),
}
_NEEDED = ("code", "name", "domain")
_KIND = ".xlsx workbook"
_TITLES = "«Mã số», «Tên», «Lĩnh vực»"

_NUMBERING = re.compile(r"\d{1,5}|[IVX]{1,6}|[A-Z]")

Row = Sequence[Any]


def list_drafts(path: Path, day: date) -> Iterator[tuple[str, Draft | ImportFault]]:
    """(where in the file, entry or what is wrong with it) of each row.

    Raises:
        ImportFault: the file is no workbook, or no sheet of it has the columns of a list export.
    """
    found = False
    for title, rows in _sheets(path):
        columns, at = _header(rows)
        if columns:
            found = True
            yield from _drafts(rows[at:], columns, at, title, day)
    if not found:
        raise ImportFault(f"no sheet has the columns {_TITLES} in its first {_HEADER_WITHIN} rows")


def _sheets(path: Path) -> list[tuple[str, list[Row]]]:
    """Title and rows of every sheet."""
    from openpyxl import load_workbook

    check_archive(path, _KIND)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and the like that nobody reads here
            book = load_workbook(path, read_only=True, data_only=True)
            try:
                return [(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in book.worksheets]
            finally:
                book.close()
    except DAMAGED as error:
        raise no_file(_KIND) from error


def _header(rows: list[Row]) -> tuple[dict[str, int], int]:
    """The column of each field, and how many rows lie above the data; empty without such a row."""
    for number, row in enumerate(rows[:_HEADER_WITHIN], 1):
        titles = [fold(tidy(cell)) for cell in row]
        columns = {
            name: index
            for name, known in _COLUMNS.items()
            for index, title in enumerate(titles)
            if title in known
        }
        if all(name in columns for name in _NEEDED):
            return columns, number
    return {}, 0


def _drafts(
    rows: list[Row], columns: dict[str, int], header: int, sheet: str, day: date
) -> Iterator[tuple[str, Draft | ImportFault]]:
    source = Source(title=words("source_list"))
    for number, row in enumerate(rows, header + 1):
        filled = [text for cell in row if (text := tidy(cell))]
        if len([text for text in filled if not _NUMBERING.fullmatch(text)]) < 2:
            continue  # empty, or a heading between the rows
        where = f"{sheet}, row {number}"

        def cell(name: str, row: Row = row) -> Any:
            index = columns.get(name)
            return row[index] if index is not None and index < len(row) else None

        page = Page(
            name=tidy(cell("name")),
            code=_code(cell("code")),
            domain=tidy(cell("domain")),
            level=tidy(cell("level")),
            agencies=[line for line in str(cell("agencies") or "").splitlines() if line.strip()],
        )
        try:
            yield where, draft_of(page, source, day, LIST_COVERS)
        except ImportFault as fault:
            yield where, fault


def _code(value: Any) -> str:
    """The code as text; a spreadsheet may have taken 1.001940 for a number and lost its zeros."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:.6f}"
    return re.sub(r"^'", "", tidy(value))
