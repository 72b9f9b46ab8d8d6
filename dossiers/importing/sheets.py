"""Rows out of CSV and Excel files, whatever their encoding, with their numbers as Excel shows them."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from dossiers.errors import ImportFileError
from dossiers.importing.workbooks import Row, Rows, read_workbook

# A line of a CSV file may hold a few cells with a whole paragraph each, not a whole book.
_MAX_LINE = 4_000_000
# A cell may hold a whole paragraph, not a whole book.
_MAX_CELL = 1_000_000
_BLOCK = 1 << 20


def read_rows(path: Path) -> Iterator[Rows]:
    """The file's sheets (one for CSV), each as numbered rows.

    Raises :class:`ImportFileError`, also while rows are read: a file that breaks off has no good rows.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
            if start.startswith(b"PK\x03\x04"):
                yield from read_workbook(path)
            elif start.startswith(b"\xd0\xcf\x11\xe0"):
                raise ImportFileError(path, "this is an old .xls file: save it as .xlsx or CSV")
            elif not start:
                raise ImportFileError(path, "the file is empty")
            elif _is_web_page(start + file.read(1024)):
                raise ImportFileError(
                    path,
                    "this is a web page, not a spreadsheet: open it in Excel and save it as .xlsx or CSV",
                )
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
        reader = csv.reader(_lines(path, file), delimiter=_delimiter(sample), strict=True)
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


def _is_web_page(start: bytes) -> bool:
    """Much software calls a table in HTML an Excel file."""
    return start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    """The lines, none of which may fill the memory."""
    number = 0
    while line := file.readline(_MAX_LINE):
        number += 1
        if len(line) == _MAX_LINE:
            raise ImportFileError(path, f"line {number} does not end: this is no table; nothing was imported")
        yield line


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2))
        return file.read().rstrip(b"\0").endswith((b"\n", b"\r"))


def _delimiter(sample: str) -> str:
    """The separator that a row of headings has most of; title rows have few."""
    lines = sample.splitlines()[:40]
    return max(",;\t|", key=lambda sign: max((line.count(sign) for line in lines), default=0))
