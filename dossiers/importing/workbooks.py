"""Rows out of Excel workbooks: cells merged downwards, formulas without a value, damaged files."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dossiers.errors import ImportFileError

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

Row = list[object]
Rows = Iterator[tuple[int, Row]]
# What stands in a cell whose formula nobody has worked out; Excel does when it saves, programs do not.
FORMULA = "=…"
# No sheet of Excel's size comes near it, unpacked.
_MOST_UNPACKED = 8 << 30
_BLOCK = 1 << 20
# A cell with its formula is far shorter than this.
_OVERLAP = 1 << 14
_WITHOUT_VALUE = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]+)([0-9]+)"[^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z0-9:]+)"')
# What the parsers below openpyxl raise for a damaged file (SyntaxError: XML that breaks off).
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    EOFError,
    NotImplementedError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
)


class _Odd(NamedTuple):
    """Cells of a sheet that need care. ``merged``: over several rows, by their first row: (last row, column
    from 0); ``formulas``: columns from 0 of those without a value, by row."""

    merged: dict[int, list[tuple[int, int]]]
    formulas: dict[int, list[int]]


def read_workbook(path: Path) -> Iterator[Rows]:
    """The visible sheets, each as numbered rows.

    Raises :class:`ImportFileError`, also while rows are read.
    """
    # Takes a while to load, and most exports are CSV.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _check_size(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, *_DAMAGED) as error:
        raise ImportFileError(path, f"this .xlsx file is damaged or incomplete ({error})") from error
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                # Files made by programs often state a wrong size.
                sheet.reset_dimensions()
                yield _sheet(path, sheet)
    finally:
        book.close()


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > _MOST_UNPACKED:
        raise ImportFileError(path, f"it holds {unpacked >> 30} GB when unpacked: export it as CSV")


def _sheet(path: Path, sheet: ReadOnlyWorksheet) -> Rows:
    try:
        odd = _odd_cells(path, sheet._worksheet_path)
        running: list[tuple[int, int, object]] = []
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            row = list(cells)
            for column in odd.formulas.get(number, ()):
                if column < len(row) and row[column] is None:
                    row[column] = FORMULA
            for last, column, value in running:
                if number <= last and column < len(row) and row[column] is None:
                    row[column] = value
            if number in odd.merged:
                running = [merge for merge in running if merge[0] > number]
                for last, column in odd.merged[number]:
                    running.append((last, column, row[column] if column < len(row) else None))
            yield number, row
    except _DAMAGED as error:
        raise ImportFileError(
            path, f"this .xlsx file is damaged or incomplete ({error}), nothing was imported"
        ) from error


def _odd_cells(path: Path, part: str) -> _Odd:
    """In one pass over the sheet's XML, which may be a gigabyte: openpyxl tells neither while it streams."""
    from openpyxl.utils import column_index_from_string, range_boundaries

    odd = _Odd({}, {})
    seen: set[bytes] = set()
    carried = b""
    with zipfile.ZipFile(path) as archive, archive.open(part.lstrip("/")) as xml:
        while block := xml.read(_BLOCK):
            carried += block
            for match in _WITHOUT_VALUE.finditer(carried):
                column, row = column_index_from_string(match[1].decode()) - 1, int(match[2])
                columns = odd.formulas.setdefault(row, [])
                if column not in columns:
                    columns.append(column)
            seen.update(match[1] for match in _MERGED.finditer(carried))
            carried = carried[-_OVERLAP:]
    for cells in seen:
        left, top, right, bottom = range_boundaries(cells.decode())
        if bottom > top:
            odd.merged.setdefault(top, []).extend((bottom, column - 1) for column in range(left, right + 1))
    return odd
