"""One row of an export: read into a record, or rejected with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from typing import NamedTuple

from dossiers.codes import dossier_code
from dossiers.importing import values
from dossiers.importing.mapping import Mapping, plain
from dossiers.statuses import ENDED, FINISHED, RECEIVED, REFUSED, REGISTERED, RETURNED

KIND_FIELDS = ("procedure_code", "procedure_name", "field", "agency", "department")
NOTES_KEPT = 50
CLOSED = frozenset({*ENDED, FINISHED, RETURNED})
KindParts = tuple[str, str, str, str, str]


class Record(NamedTuple):
    """A row as it is staged; moments are ``YYYY-MM-DD HH:MM:SS``. ``kind`` numbers :attr:`RowReader.kinds`.

    ``status`` is None where neither a status nor an end date says it; ``status_since`` where no date does.
    """

    row: int
    code: str
    kind: int
    status: int | None
    status_since: str | None
    received_at: str | None
    due_at: str | None
    new_due_at: str | None
    finished_at: str | None
    returned_at: str | None
    updated_at: str | None
    channel: int | None
    return_channel: int | None
    applicant_kind: int | None
    paid: int | None
    late_reason: str | None
    missing_papers: str | None
    name: str | None
    phone: str | None
    personal_number: str | None
    address: str | None


class Rejected(NamedTuple):
    """A row that is not imported, and why. ``row`` counts from 1, as Excel shows it."""

    row: int
    code: str | None
    reason: str


class RowReader:
    """Reads rows of one file. ``columns``: where each field stands; ``headings``: what the file calls it.

    ``kinds`` gathers the distinct kinds of the file with their numbers; ``notes`` counts what was left out.
    ``quoting``: rejections quote what stood in the row, for the staff's eyes only.
    """

    def __init__(
        self,
        mapping: Mapping,
        columns: dict[str, int],
        headings: dict[str, str],
        notes: Counter[str],
        quoting: bool = True,
    ) -> None:
        self.mapping, self.headings, self.notes, self.quoting = mapping, headings, notes, quoting
        self.kinds: dict[KindParts, int] = {}
        self._width = max(columns.values()) + 1
        # A field that the file lacks is read from the empty cell put behind each row.
        self._at = {name: columns.get(name, -1) for name in mapping.columns}
        self._kind_cells = itemgetter(*(self._at[name] for name in KIND_FIELDS))
        self._kinds_seen: dict[tuple[object, ...], int] = {}

    def read(self, number: int, row: list[object]) -> Record | Rejected | None:
        """The row's record or rejection; None for an empty row and for one that only adds up."""
        cells = [*row[: self._width], *[None] * max(1, self._width - len(row) + 1)]
        code = canonical = None
        try:
            code = values.text(cells[self._at["code"]])
            canonical = dossier_code(code) if code else None
            if code is None:
                raise values.Unreadable("no dossier code")
            if canonical is None:
                raise values.Unreadable("is not written like a dossier code", code)
            return self._record(number, cells, canonical)
        except values.Unreadable as error:
            if canonical is None and self._passed_over(row):
                return None
            if not self.quoting:
                return Rejected(number, canonical, error.reason)
            return Rejected(number, canonical or code, str(error))

    def _record(self, number: int, cells: list[object], code: str) -> Record:
        at = self._at
        received = self._moment(cells, "received_at")
        due, new_due = self._moment(cells, "due_at"), self._moment(cells, "new_due_at")
        finished, returned = self._moment(cells, "finished_at"), self._moment(cells, "returned_at")
        updated = self._moment(cells, "updated_at")
        status = self._status(cells, finished, returned)
        if received is None and status not in (REGISTERED, REFUSED):
            raise values.Unreadable("no reception date")
        _in_order("reception", received, "due date", due)
        _in_order("reception", received, "end", finished)
        _in_order("reception", received, "return of the result", returned)
        _in_order("end", finished, "return of the result", returned)
        since = {RECEIVED: received, FINISHED: finished, RETURNED: returned}.get(status or 0) or updated
        if status in CLOSED and not (since or finished or returned):
            self._note("no date says when it ended: a new one ends with this import")
        return Record(
            row=number,
            code=code,
            kind=self._kind(cells),
            status=status,
            status_since=since,
            received_at=received,
            due_at=due,
            new_due_at=new_due,
            finished_at=finished,
            returned_at=returned,
            updated_at=updated,
            channel=self._word(cells, "channel", self.mapping.channels),
            return_channel=self._word(cells, "return_channel", self.mapping.channels),
            applicant_kind=self._word(cells, "applicant_kind", self.mapping.applicants),
            paid=self._word(cells, "paid", self.mapping.payments),
            late_reason=values.text(cells[at["late_reason"]]),
            missing_papers=values.text(cells[at["missing_papers"]]),
            name=values.text(cells[at["name"]]),
            phone=self._number(cells, "phone", values.phone),
            personal_number=self._number(cells, "personal_number", values.personal_number),
            address=values.text(cells[at["address"]]),
        )

    def _kind(self, cells: list[object]) -> int:
        raw = self._kind_cells(cells)
        number = self._kinds_seen.get(raw)
        if number is None:
            parts = tuple(values.text(cell) or "" for cell in raw)
            number = self._kinds_seen[raw] = self.kinds.setdefault(parts, len(self.kinds))  # type: ignore[arg-type]
        return number

    def _moment(self, cells: list[object], name: str) -> str | None:
        try:
            return values.moment(cells[self._at[name]])
        except values.Unreadable as error:
            raise values.Unreadable(error.words, error.value, self.headings[name]) from error

    def _status(self, cells: list[object], finished: str | None, returned: str | None) -> int | None:
        """What the status column says; without one, as far as the dates go."""
        written = cells[self._at["status"]]
        status = self.mapping.statuses.get(plain(written))
        if status is not None:
            return status
        written = values.text(written)
        if written is not None:
            raise values.Unreadable("is an unknown status: add it to `statuses` in a mapping", written)
        if returned:
            return RETURNED
        return FINISHED if finished else None

    def _word(self, cells: list[object], name: str, known: dict[str, int]) -> int | None:
        cell = cells[self._at[name]]
        if cell is None:
            return None
        number = known.get(plain(cell))
        if number is None and (written := values.text(cell)) is not None:
            word = values.shown(written) if self.quoting else "the value"
            self._note(f"{self.headings[name]}: {word} is not understood, left empty")
        return number

    def _number(self, cells: list[object], name: str, read: Callable[[object], str | None]) -> str | None:
        cell = cells[self._at[name]]
        number = read(cell)
        if number is None and values.text(cell) is not None:
            self._note(f"{self.headings[name]}: a number that a spreadsheet has rounded, left empty")
        return number

    def _note(self, words: str) -> None:
        if words not in self.notes and len(self.notes) >= NOTES_KEPT:
            words = "other words that are not understood, left empty"
        self.notes[words] += 1

    def _passed_over(self, row: list[object]) -> bool:
        """Empty, or a total below the data."""
        there = next((cell for cell in row if values.filled(cell)), None)
        if there is None:
            return True
        first = plain(there).rstrip(" :0123456789")
        return first in self.mapping.totals or first.startswith(("tong cong", "tong so"))


def _in_order(first_name: str, first: str | None, second_name: str, second: str | None) -> None:
    """By the day: one of them may lack the time."""
    if first is not None and second is not None and second[:10] < first[:10]:
        raise values.Unreadable(
            f"the {second_name} ({second[:10]}) lies before the {first_name} ({first[:10]})"
        )
