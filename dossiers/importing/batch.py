"""Dossiers that a program pushes (``PUT /api/v1/dossiers``): a batch of records, each with its result.

Fields, words and checks are those of an import. What a record says replaces what is stored, what it does
not name stays; the same batch again changes nothing. Results never quote what stood in a record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, select

from dossiers.clock import as_local, local_now
from dossiers.codes import dossier_code
from dossiers.database import Database, explained, lock_dossiers
from dossiers.errors import BatchError
from dossiers.importing.mapping import load_mapping
from dossiers.importing.merge import merge
from dossiers.importing.rows import Record, Rejected, RowReader
from dossiers.importing.staging import changes, create_tables, fill, staged
from dossiers.models import Base

MOST = 1000
Outcome = Literal["new", "changed", "unchanged", "rejected"]

_dossiers = Base.metadata.tables["dossiers"]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record: ``row`` counts from 1; ``code`` is canonical, None when it is none.

    ``reason``: why it was rejected; ``notes``: what of it was left empty since it was not understood.
    """

    row: int
    code: str | None
    outcome: Outcome
    reason: str | None = None
    notes: tuple[str, ...] = ()


def put_records(
    database: Database, records: Sequence[Mapping[str, object]], now: datetime | None = None
) -> list[Result]:
    """Brings a batch in and tells the result of each record, in order.

    A record has the fields of ``data/imports.yml`` (``code``, ``received_at``, ``status``, …) with text,
    numbers or None. Raises :class:`BatchError` when there are more than 1,000.
    """
    if len(records) > MOST:
        raise BatchError(f"a batch holds at most {MOST} dossiers, this one {len(records)}")
    now = as_local(now) if now else local_now()
    results: dict[int, Result] = {}
    read: list[_Read] = []
    # Records that name the same fields are brought in together.
    readers: dict[frozenset[str], RowReader] = {}
    for row, given in enumerate(records, start=1):
        found = _fault(row, given) or _read(readers, row, given)
        if isinstance(found, _Read):
            read.append(found)
        else:
            results[row] = Result(row, found.code, "rejected", found.reason)
    for refused in _repeated(read):
        results[refused.row] = Result(refused.row, refused.code, "rejected", refused.reason)
    for fields, reader in readers.items():
        group = [one for one in read if one.fields == fields and one.record.row not in results]
        if group:
            results |= _bring_in(database, reader, group, fields, now)
    return [results[row] for row in sorted(results)]


class _Read(NamedTuple):
    fields: frozenset[str]
    record: Record
    notes: tuple[str, ...]


def _fault(row: int, given: Mapping[str, object]) -> Rejected | None:
    """What is wrong with a record before its values are looked at."""
    known, code = load_mapping().columns, given.get("code")
    canonical = dossier_code(code) if isinstance(code, str) else None
    if "code" not in given:
        return Rejected(row, None, "no dossier code")
    if unknown := [name for name in given if name not in known]:
        words = f"{len(unknown)} unknown fields; a field is one of {', '.join(known)}"
        return Rejected(row, canonical, words)
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
            return Rejected(row, canonical, f"{name}: text or a number is expected")
    return None


def _read(
    readers: dict[frozenset[str], RowReader], row: int, given: Mapping[str, object]
) -> _Read | Rejected:
    fields, names = frozenset(given), sorted(given)
    if fields not in readers:
        places = {name: index for index, name in enumerate(names)}
        headings = dict(zip(names, names, strict=True))
        readers[fields] = RowReader(load_mapping(), places, headings, Counter(), quoting=False)
    reader = readers[fields]
    reader.notes.clear()
    found = reader.read(row, [given[name] for name in names])
    if isinstance(found, Record):
        return _Read(fields, found, tuple(reader.notes))
    # An import passes over empty rows and totals; nobody pushes those on purpose.
    return found or Rejected(row, None, "no dossier code")


def _repeated(read: Iterable[_Read]) -> Iterator[Rejected]:
    """Of records with the same code all are refused, unless they say the same: then the first stays."""
    by_code: dict[str, list[_Read]] = {}
    for one in read:
        by_code.setdefault(one.record.code, []).append(one)
    for code, (first, *others) in by_code.items():
        row = first.record.row
        equal = all(
            (other.fields, other.record._replace(row=row)) == (first.fields, first.record)
            for other in others
            for other in others
        )
        if equal:
            yield from (Rejected(other.record.row, code, f"the same as record {row}") for other in others)
        else:
            group = [first, *others]
            rows = ", ".join(str(one.record.row) for one in group[:10])
            reason = f"the code stands in records {rows}, which differ"
            yield from (Rejected(one.record.row, code, reason) for one in group)


def _bring_in(
    database: Database, reader: RowReader, read: list[_Read], fields: frozenset[str], now: datetime
) -> dict[int, Result]:
    with explained(database.engine), database.engine.connect() as connection:
        # Temporary tables belong to the connection; this one is not used again.
        connection.detach()
        with connection.begin():
            create_tables(connection)
            for _ in fill(connection, [one.record for one in read]):
                pass
        connection = connection.execution_options(sqlite_begin="IMMEDIATE")
        with connection.begin():
            lock_dossiers(connection)
            known = _known(connection)
            merge(connection, reader.kinds, fields, now)
            changed = set(connection.scalars(select(changes.c.dossier_id)))
    results = {}
    for _, record, notes in read:
        outcome: Outcome = "changed" if known.get(record.code) in changed else "unchanged"
        if record.code not in known:
            outcome = "new"
        results[record.row] = Result(record.row, record.code, outcome, notes=notes)
    return results


def _known(connection: Connection) -> dict[str, int]:
    query = select(_dossiers.c.code, _dossiers.c.id).join(staged, staged.c.code == _dossiers.c.code)
    return {code: dossier_id for code, dossier_id in connection.execute(query)}
