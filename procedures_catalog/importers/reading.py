"""Which reader a file needs, and the entries in it, one after the other.

Kinds of files: the portal's list export (``.xlsx``), portal pages and structured records (``.json``,
``.jsonl``), a saved portal page (``.html``, ``.htm``) or its Word file (``.docx``).
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.entry import Draft
from procedures_catalog.importers.portal_list import list_drafts
from procedures_catalog.importers.portal_page import is_portal_page, page_draft
from procedures_catalog.importers.records import is_record, record_draft
from procedures_catalog.importers.saved_page import docx_draft, html_draft

MB = 1024 * 1024
MOST_BYTES = {".xlsx": 50 * MB, ".json": 100 * MB, ".jsonl": 200 * MB, ".html": 20 * MB, ".docx": 20 * MB}
MOST_LINE = 5 * MB
WHAT_IS_READ = f"an import reads {', '.join(MOST_BYTES)}"
_SAME = {".htm": ".html", ".ndjson": ".jsonl"}
_ADVICE = {
    ".xls": "open it and save it as .xlsx",
    ".doc": "open it and save it as .docx",
    ".pdf": "save the page itself (.html) or its Word file (.docx)",
    ".mhtml": "save the page as «web page, HTML only»",
    ".mht": "save the page as «web page, HTML only»",
    ".zip": "unpack it and import the folder",
    ".csv": "import the portal's own export (.xlsx)",
}

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

# (where in the file, the entry there or what is wrong with it)
Found = tuple[str, Draft | ImportFault]


def is_readable(path: Path) -> bool:
    """Whether the name of a file says that an importer can read it."""
    return _kind(path) in MOST_BYTES and not path.name.startswith((".", "~$"))


def read_file(path: Path, day: date) -> Iterator[Found]:
    """Every entry of a file as of ``day``. Where the file itself is faulty, that is what it yields."""
    try:
        _check_size(path)
        yield from _READERS[_kind(path)](path, day)
    except ImportFault as fault:
        yield "", fault
    except OSError as error:
        yield "", ImportFault(f"it cannot be read ({error.strerror or error})")


def speaks_in_full(path: Path) -> bool:
    """Whether the file's entries hold more than a list's columns."""
    return _kind(path) != ".xlsx"


def _kind(path: Path) -> str:
    ending = path.suffix.lower()
    return _SAME.get(ending, ending)


def _check_size(path: Path) -> None:
    kind = _kind(path)
    if kind not in MOST_BYTES:
        advice = _ADVICE.get(kind, WHAT_IS_READ)
        raise ImportFault(f"{kind or 'a file without an ending'} cannot be imported: {advice}")
    size = path.stat().st_size
    if size == 0:
        raise ImportFault("it is empty")
    if size > MOST_BYTES[kind]:
        raise ImportFault(f"it is too large ({size // MB} MB; a {kind} may have {MOST_BYTES[kind] // MB} MB)")


def _json(path: Path, day: date) -> Iterator[Found]:
    try:
        data = msgspec.json.decode(_utf8(path.read_bytes()))
    except _NOT_JSON as error:
        raise _no_json(error) from error
    if isinstance(data, list):
        for number, record in enumerate(data, 1):
            yield f"item {number}", _record(record, day)
    else:
        yield "", _record(data, day)


def _json_lines(path: Path, day: date) -> Iterator[Found]:
    with _lines_of(path) as file:
        number = 0
        while line := file.readline(MOST_LINE + 1):
            number += 1
            if len(line) > MOST_LINE:
                raise ImportFault(
                    f"line {number} is longer than {MOST_LINE // MB} MB: it is no JSON lines file"
                )
            if not (line := line.removeprefix(codecs.BOM_UTF8).strip()):
                continue
            try:
                record = msgspec.json.decode(line)
            except _NOT_JSON as error:
                yield f"line {number}", _no_json(error)
            else:
                yield f"line {number}", _record(record, day)


def _utf8(data: bytes) -> bytes:
    """The data of a file in UTF-8, as JSON has to be; also where it was saved as UTF-16."""
    if data.startswith(_UTF16):
        return data.decode("utf-16").encode()
    return data.removeprefix(codecs.BOM_UTF8)


def _lines_of(path: Path) -> BinaryIO:
    """The file to read line by line; one saved as UTF-16 is taken in whole."""
    with path.open("rb") as file:
        if not file.read(2).startswith(_UTF16):
            return path.open("rb")
    try:
        return BytesIO(_utf8(path.read_bytes()))
    except UnicodeDecodeError as error:
        raise _no_json(error) from error


def _no_json(error: Exception) -> ImportFault:
    if isinstance(error, UnicodeDecodeError):
        return ImportFault("it is not JSON in UTF-8: save it again in that encoding")
    return ImportFault(f"it is not JSON ({error})")


def _record(record: Any, day: date) -> Draft | ImportFault:
    """The entry of one JSON object, told apart by its keys."""
    try:
        if not isinstance(record, Mapping):
            raise ImportFault("it is no JSON object")
        if is_record(record):
            return record_draft(record, day)
        if is_portal_page(record):
            return page_draft(record, day)
        raise ImportFault(
            "it has neither a page's labels (ten_thu_tuc, …) nor a record's keys (proc_id, name, …)"
        )
    except ImportFault as fault:
        return fault


def _one(reader: Callable[[Path, date], Draft]) -> Callable[[Path, date], Iterator[Found]]:
    def read(path: Path, day: date) -> Iterator[Found]:
        yield "", reader(path, day)

    return read


_READERS: dict[str, Callable[[Path, date], Iterator[Found]]] = {
    ".xlsx": list_drafts,
    ".json": _json,
    ".jsonl": _json_lines,
    ".html": _one(html_draft),
    ".docx": _one(docx_draft),
}
