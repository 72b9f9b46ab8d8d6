"""Rows out of CSV and Excel files, whatever their encoding, with their numbers as Excel shows them."""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dossiers.errors import ImportFileError

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

Row = list[object]
Rows = Iterator[tuple[int, Row]]

# The letters that the TCVN3 (ABC) fonts put into the upper half of Latin-1, as plain letters.
_TCVN3 = {
    "a": "¨©µ¶·¸¹»¼½¾ÆÇÈÉÊË", "A": "¡¢", "d": "®", "D": "§", "e": "ªÌÎÏÐÑÒÓÔÕÖ", "E": "£",
    "i": "×ØÜÝÞ", "o": "«¬ßáâãäåæçèéêëìíî", "O": "¤¥", "u": "­ïñòóôõö÷øù", "U": "¦", "y": "úûüýþ",
}  # fmt: skip
FROM_TCVN3 = {ord(sign): letter for letter, signs in _TCVN3.items() for sign in signs}
TCVN3_ADVICE = (
    "the text is written for TCVN3 (ABC) fonts such as .VnTime: convert it to Unicode first "
    "(in UniKey: Toolkit, TCVN3 to Unicode), nothing was imported"
)
# A cell may hold a whole paragraph, not a whole book.
_MAX_CELL = 1_000_000
_BLOCK = 1 << 20
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


def read_rows(path: Path) -> Iterator[Rows]:
    """The file's sheets (one for CSV), each as numbered rows.

    Raises :class:`ImportFileError`, also while rows are read: a file that breaks off has no good rows.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
            if start.startswith(b"PK\x03\x04"):
                yield from _excel(path)
            elif start.startswith(b"\xd0\xcf\x11\xe0"):
                raise ImportFileError(path, "this is an old .xls file: save it as .xlsx or CSV")
            elif not start:
                raise ImportFileError(path, "the file is empty")
            else:
                yield _csv(path, _encoding(path, file))
    except OSError as error:
        raise ImportFileError(path, f"the file cannot be read ({error.strerror or error})") from error


def _encoding(path: Path, file: BinaryIO) -> str:
    file.seek(0)
    head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        while block := file.read(_BLOCK):
            if b"\0" in block:
                raise ImportFileError(path, "this is neither CSV nor .xlsx")
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        # Whether it is TCVN3 shows in the headings.
        return "cp1258"
    return "utf-8-sig"


def _csv(path: Path, encoding: str) -> Rows:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = file.read(64 * 1024)
        file.seek(0)
        reader = csv.reader(file, delimiter=_delimiter(sample), strict=True)
        csv.field_size_limit(_MAX_CELL)
        widest, start = 0, 1
        last: Row = []
        try:
            for row in reader:
                number, start = start, reader.line_num + 1
                last = row
                widest = max(widest, len(row))
                yield number, row
        except csv.Error as error:
            raise ImportFileError(
                path,
                f"row {start} breaks off or is not CSV ({error}): is the file complete? nothing was imported",
            ) from error
    if last and len(last) < widest and not _ends_with_newline(path):
        where = f"row {start - 1} breaks off after {len(last)} columns"
        raise ImportFileError(path, f"{where}: is the file complete? nothing was imported")


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2))
        return file.read().rstrip(b"\0").endswith((b"\n", b"\r"))


def _delimiter(sample: str) -> str:
    """The separator that a row of headings has most of; title rows have few."""
    lines = sample.splitlines()[:40]
    return max(",;\t|", key=lambda sign: max((line.count(sign) for line in lines), default=0))


def _excel(path: Path) -> Iterator[Rows]:
    # Takes a while to load, and most exports are CSV.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
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


def _sheet(path: Path, sheet: ReadOnlyWorksheet) -> Rows:
    try:
        beginning = _merged_down(path, sheet._worksheet_path)
        running: list[tuple[int, int, object]] = []
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            row = list(cells)
            for last, column, value in running:
                if number <= last and column < len(row) and row[column] is None:
                    row[column] = value
            if number in beginning:
                running = [merge for merge in running if merge[0] > number]
                for last, column in beginning[number]:
                    running.append((last, column, row[column] if column < len(row) else None))
            yield number, row
    except _DAMAGED as error:
        raise ImportFileError(
            path, f"this .xlsx file is damaged or incomplete ({error}), nothing was imported"
        ) from error


def _merged_down(path: Path, part: str) -> dict[int, list[tuple[int, int]]]:
    """Cells merged over several rows, by their first row: last row, column from 0."""
    from openpyxl.utils import range_boundaries

    tail = b""
    with zipfile.ZipFile(path) as archive, archive.open(part.lstrip("/")) as xml:
        while block := xml.read(_BLOCK):
            # They stand behind the rows, which may be a gigabyte.
            tail = (tail + block)[-2 * _BLOCK :]
    merged: dict[int, list[tuple[int, int]]] = {}
    for match in re.finditer(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z0-9:]+)"', tail):
        left, top, right, bottom = range_boundaries(match[1].decode())
        if bottom > top:
            merged.setdefault(top, []).extend((bottom, column - 1) for column in range(left, right + 1))
    return merged
