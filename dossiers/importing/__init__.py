"""Exports of one-window software into the tracking database (``motcua dossiers import``).

A file is read row by row into temporary tables, then brought in by one transaction: whatever stops it
leaves the database as it was, and the same file again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from dossiers.clock import as_local, local_now
from dossiers.database import Database, explained
from dossiers.errors import ImportFileError
from dossiers.importing import tcvn3
from dossiers.importing.mapping import NEEDED, Mapping, load_mapping, plain
from dossiers.importing.merge import merge
from dossiers.importing.rows import Record, Rejected, RowReader
from dossiers.importing.sheets import read_rows
from dossiers.importing.staging import create_tables, fill, reject_repeated
from dossiers.importing.workbooks import Row, Rows

HEADINGS_WITHIN = 40
# So many rejections are kept word by word; beyond that they are only counted.
REJECTIONS_KEPT = 1000

Progress = Callable[[int], None]


@dataclass
class ImportReport:
    """What an import did, or with ``dry_run`` would have done."""

    dry_run: bool = False
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejections: list[Rejected] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    columns: dict[str, str] = field(default_factory=dict)

    def reject(self, rejection: Rejected) -> None:
        self.rejected += 1
        if len(self.rejections) < REJECTIONS_KEPT:
            self.rejections.append(rejection)

    @property
    def hopeless(self) -> bool:
        """Whether there were rows and none of them could be imported."""
        return 0 < self.rejected == self.rows

    def summary(self) -> str:
        """The counts, in one line without anything from the rows."""
        done = "Would be done (nothing was written)" if self.dry_run else "Done"
        return (
            f"{done}: {self.new} new, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.rejected} rejected of {self.rows} rows."
        )

    def remarks(self) -> Iterator[str]:
        """Line by line, for the staff: columns, what was left out, which rows were rejected and why."""
        for name, heading in self.columns.items():
            yield f"  {name:<16} from {heading!r}"
        for note, times in self.notes.most_common():
            yield f"note: {note} ({times} rows)"
        for row, code, reason in self.rejections:
            yield f"rejected: row {row}: {code or '-'}: {reason}"
        if self.rejected > len(self.rejections):
            yield f"rejected: … and {self.rejected - len(self.rejections)} more"


def import_file(
    database: Database,
    path: Path,
    mapping_file: Path | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
    progress: Progress = lambda rows: None,
) -> ImportReport:
    """Imports a CSV or Excel export; ``progress`` is told the number of rows read, now and then.

    Rows that cannot be right are rejected, each with its reason, and the rest is brought in. Raises
    :class:`ImportFileError` when the file as a whole cannot be read and :class:`DataFileError` for a faulty
    mapping; nothing is imported then.
    """
    now = as_local(now) if now else local_now()
    report = ImportReport(dry_run)
    mapping = load_mapping(mapping_file)
    columns, headings, rows = _table(path, mapping)
    report.columns = {name: str(headings[index]).strip() for name, index in columns.items()}
    reader = RowReader(mapping, columns, report.columns, report.notes)
    with explained(database.engine), database.engine.connect() as connection:
        # Temporary tables belong to the connection; this one is not used again.
        connection.detach()
        with connection.begin():
            create_tables(connection)
            for count in fill(connection, _records(reader, rows, report)):
                progress(count)
            for rejection in reject_repeated(connection):
                report.reject(rejection)
        connection = connection.execution_options(sqlite_begin="IMMEDIATE")
        with connection.begin() as transaction:
            counts = merge(connection, reader.kinds, columns, now)
            if dry_run:
                transaction.rollback()
    report.new, report.changed, report.unchanged = counts
    report.rejections.sort()
    return report


def _records(reader: RowReader, rows: Rows, report: ImportReport) -> Iterator[Record]:
    for number, row in rows:
        result = reader.read(number, row)
        if result is None:
            continue
        report.rows += 1
        if isinstance(result, Rejected):
            report.reject(result)
        else:
            yield result


def _table(path: Path, mapping: Mapping) -> tuple[dict[str, int], Row, Rows]:
    """The first sheet with known headings: columns by field, the headings, the rows below them."""
    seen: list[Row] = []
    for sheet in read_rows(path):
        first = list(islice(sheet, HEADINGS_WITHIN))
        found = _headings(first, mapping)
        if found is not None:
            columns, headings, below = found
            if row := tcvn3.first_row_for_fonts(first[below:]):
                raise ImportFileError(path, f"row {row}: {tcvn3.ADVICE}")
            return columns, headings, chain(first[below:], sheet)
        seen += (row for _, row in first)
    if any(len(mapping.find([tcvn3.as_plain(cell) for cell in row])) > 2 for row in seen):
        raise ImportFileError(path, tcvn3.ADVICE)
    wanted = " and ".join(f"{name} ({mapping.columns[name][0]!r})" for name in NEEDED)
    best = max(seen, key=lambda row: len(mapping.find(row)), default=[])
    there = ", ".join(repr(str(cell)[:30]) for cell in best if cell is not None)[:300] or "nothing"
    raise ImportFileError(
        path,
        f"no row of headings with {wanted} within the first {HEADINGS_WITHIN} rows; the nearest has {there}. "
        "Name the columns in a mapping (--mapping); nothing was imported",
    )


def _headings(first: list[tuple[int, Row]], mapping: Mapping) -> tuple[dict[str, int], Row, int] | None:
    """Headings may stand on two rows, one heading over several: then what is written below it counts."""
    for index, (_, row) in enumerate(first):
        columns = mapping.find(row)
        if "code" not in columns:
            continue
        headings, below = list(row), index + 1
        second = first[below][1] if below < len(first) else []
        lower = mapping.find(second).values()
        place = columns["code"]
        if lower and (place >= len(second) or plain(second[place]) in ("", plain(row[place]))):
            headings += [None] * (len(second) - len(headings))
            for there in lower:
                headings[there] = second[there]
            columns = mapping.find(headings)
            below += 1
        if all(name in columns for name in NEEDED):
            return columns, headings, below
    return None


__all__ = ["ImportReport", "Rejected", "import_file"]
