"""The centre's own layer (``centre/overlay.yml``): what holds here and not in the whole country.

A mapping from an entry's id to what is replaced and what is added::

    thay-doi-cai-chinh-ho-tich:
      replace: {checked_on: 2026-10-08}
      add:
        fees: [{state: amount, amount: 25000, name: Lệ phí, basis: 06/2020/NQ-HĐND}]
        sources: [{title: Bảng lệ phí của thành phố}]

Every field of an entry can be replaced but its ``id``; rows can be added to every list. A fee row
that names no layer is ``provincial``. The entry's own file is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import asdict, fields, replace

from procedures_catalog.errors import EntryError
from procedures_catalog.loading import inner_faults, read_yaml, schema_fault
from procedures_catalog.model import Procedure, Row

_FIXED = ("id", "imported")


def _list_type(annotation: Any) -> Any:
    """The list behind a field's type, without its limits on length; None for another type."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation if get_origin(annotation) is list else None


# The fields of an entry, each optional: derived, so that a new field is known here at once.
_FIELDS = [f for f in fields(Procedure) if f.name not in _FIXED]
Replacement = msgspec.defstruct(
    "Replacement",
    [(f.name, f.type | UnsetType, UNSET) for f in _FIELDS],
    bases=(Row,),
    kw_only=True,
)
Addition = msgspec.defstruct(
    "Addition",
    [(f.name, _list_type(f.type) | UnsetType, UNSET) for f in _FIELDS if _list_type(f.type)],
    bases=(Row,),
    kw_only=True,
)


class Change(Row):
    """What the centre says of one procedure: fields in place of the entry's, and further rows."""

    replace: Replacement | None = None  # type: ignore[valid-type]
    add: Addition | None = None  # type: ignore[valid-type]


Overlay = Mapping[str, Change]


def read_overlay(path: Path) -> tuple[dict[str, Change], list[EntryError]]:
    """The changes of a file by id, and what is wrong with the others; nothing when there is no file."""
    if not path.exists():
        return {}, []
    try:
        data = read_yaml(path)
    except EntryError as error:
        return {}, [error]
    if data is None:
        return {}, []
    if not isinstance(data, dict):
        return {}, [EntryError(path, "file", "must be a mapping from an entry's id to its changes")]
    changes: dict[str, Change] = {}
    faults: list[EntryError] = []
    for key, value in data.items():
        try:
            changes[str(key)] = msgspec.convert(_provincial(value), Change)
        except msgspec.ValidationError as error:
            faults.append(schema_fault(path, error, str(key), within=str(key)))
    return changes, faults


def apply(procedure: Procedure, change: Change) -> Procedure:
    """The entry as it holds at this centre.

    Raises:
        ValueError: ``(field, what is expected)`` of a reference that leads nowhere.
    """
    given = _given(change.replace)
    for name, rows in _given(change.add).items():
        given[name] = [*given.get(name, getattr(procedure, name)), *rows]
    changed = replace(procedure, **given)
    for fault in inner_faults(changed):
        raise ValueError(*fault)
    return changed


def overlaid(
    procedures: list[Procedure], overlay: Overlay, path: Path | str
) -> tuple[list[Procedure], list[EntryError]]:
    """All entries as they hold at this centre; a change that leads nowhere is left out and named."""
    faults: list[EntryError] = []
    result: list[Procedure] = []
    for procedure in procedures:
        change = overlay.get(procedure.id)
        try:
            result.append(apply(procedure, change) if change else procedure)
        except ValueError as error:
            field, expected = error.args
            faults.append(EntryError(path, f"{procedure.id}.{_told_in(change, procedure, field)}", expected))
            result.append(procedure)
    known = {procedure.id for procedure in procedures}
    for key in overlay:
        if key not in known:
            of = next((p.id for p in procedures if key in p.codes), None)
            told = f"it is the code of {of}" if of else "no entry has it"
            faults.append(EntryError(path, key, f"must be the id of an entry; {told}"))
    return result, faults


def _told_in(change: Change | None, procedure: Procedure, field: str) -> str:
    """Where the overlay itself has a field of the changed entry: ``add.documents[0].when`` for the row that
    is the sixth of them all."""
    name, index = re.match(r"(\w+)(?:\[(\d+)\])?", field).groups()  # type: ignore[union-attr]
    replaced, added = (_given(part) for part in (change.replace, change.add)) if change else ({}, {})
    first = len(replaced.get(name, getattr(procedure, name, None) or ()))
    if name in added and index and int(index) >= first:
        return f"add.{name}[{int(index) - first}]{field[field.index(']') + 1 :]}"
    return f"replace.{field}" if name in replaced else field


def _given(part: Row | None) -> dict[str, Any]:
    return {} if part is None else {k: v for k, v in asdict(part).items() if v is not UNSET}


def _provincial(change: object) -> object:
    """The change with ``layer: provincial`` on each fee row that names no layer."""
    if not isinstance(change, dict):
        return change
    parts = dict(change)
    for name in ("replace", "add"):
        part = parts.get(name)
        if isinstance(part, dict) and isinstance(part.get("fees"), list):
            rows = [{"layer": "provincial", **r} if isinstance(r, dict) else r for r in part["fees"]]
            parts[name] = {**part, "fees": rows}
    return parts
