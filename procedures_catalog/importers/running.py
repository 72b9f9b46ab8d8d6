"""One import from start to end: which files, what becomes of each entry in them, and the report."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.entry import Draft
from procedures_catalog.importers.page import tidy
from procedures_catalog.importers.reading import WHAT_IS_READ, is_readable, read_file, speaks_in_full
from procedures_catalog.importers.target import Target, held
from procedures_catalog.model import Procedure

Status = Literal["new", "changed", "unchanged", "kept", "repeated", "rejected"]
STATUSES: tuple[Status, ...] = ("new", "changed", "unchanged", "kept", "repeated", "rejected")
_NEVER_COMPARED = ("id", "imported", "checked_on", "completeness", "sources", "also_called", "asked_as")

Progress = Callable[[int, int, int], None]
_TELL_EVERY = 50


@dataclass(frozen=True)
class Difference:
    """One field that is not as it was; values as in the entry's file, None where there is none."""

    field: str
    before: Any
    after: Any


@dataclass
class Item:
    """What became of one entry of a file.

    ``kept``: an entry written by hand stands in the catalogue; ``differences`` say what the file has
    otherwise. ``repeated``: the same run had read that procedure already. ``reason`` says why an entry
    was rejected, ``remarks`` what of it was left out or unclear.
    """

    origin: str
    status: Status
    id: str | None = None
    code: str | None = None
    name: str | None = None
    reason: str | None = None
    differences: list[Difference] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass
class Report:
    """An import's items, in the order they were read, and how many files they came from."""

    items: list[Item] = field(default_factory=list)
    files: int = 0

    @property
    def counts(self) -> dict[Status, int]:
        counted = Counter(item.status for item in self.items)
        return {status: counted[status] for status in STATUSES}


def import_files(
    paths: Iterable[Path],
    into: Path,
    *,
    today: date,
    beside: Iterable[Path] = (),
    checked_on: date | None = None,
    dry_run: bool = False,
    progress: Progress = lambda done, total, entries: None,
) -> Report:
    """Imports files, and all readable files below folders, into the folder ``into``.

    Args:
        today: the latest day that facts can be as of.
        beside: folders with entries of the same catalogue that an import never writes to.
        checked_on: the day the facts were checked; default: the day each file was last changed.
        progress: told (files done, files in all, entries read).

    Raises:
        ImportFault: a path does not exist, or ``into`` cannot be written or is in use.
    """
    files = list(_files(paths))
    report = Report(files=len(files))
    with nullcontext() if dry_run else held(into):
        target = Target(into, list(beside))
        run = _Run(target, report, write=not dry_run)
        for done, path in enumerate(files):
            for where, found in read_file(path, checked_on or _saved_on(path, today)):
                if len(report.items) % _TELL_EVERY == 0:
                    progress(done, len(files), len(report.items))
                origin = f"{path}: {where}" if where else str(path)
                report.items.append(run.one(origin, found))
        progress(len(files), len(files), len(report.items))
        if not dry_run:
            target.remember()
    return report


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files to read: those that hold more than a list's columns first, each once."""
    named: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = [p for p in sorted(path.rglob("*")) if is_readable(p) and p.is_file()]
            if not inside:
                raise ImportFault(f"{path}: no file below it can be imported; {WHAT_IS_READ}")
            named.update(dict.fromkeys(p for p in inside if not _belongs_to_a_page(p)))
        elif path.exists():
            named[path] = None
        else:
            raise ImportFault(f"{path}: no such file or folder")
    yield from sorted(named, key=lambda path: not speaks_in_full(path))


def _belongs_to_a_page(path: Path) -> bool:
    """Whether a browser put the file beside a page that it saved ("trang.html", "trang_files/…")."""
    folders = (folder for folder in path.parents if folder.name.endswith("_files"))
    pages = (folder.with_name(folder.name.removesuffix("_files")) for folder in folders)
    return any(page.with_suffix(end).exists() for page in pages for end in (".html", ".htm"))


def _saved_on(path: Path, today: date) -> date:
    """The day a file was last changed: that day its facts were as they stand there."""
    try:
        return min(datetime.fromtimestamp(os.stat(path).st_mtime).date(), today)
    except (OSError, OverflowError, ValueError):
        return today


class _Run:
    """What one import knows while it goes on."""

    def __init__(self, target: Target, report: Report, write: bool) -> None:
        self._target, self._report, self._write = target, report, write
        self._read_from: dict[str, str] = {}

    def one(self, origin: str, found: Draft | ImportFault) -> Item:
        """Takes in one entry of a file, and says what became of it."""
        if isinstance(found, ImportFault):
            return Item(origin, "rejected", reason=str(found))
        draft = found.procedure
        item = Item(origin, "new", code=draft.code, name=draft.name, remarks=found.remarks)
        key = draft.code or tidy(draft.name).lower()
        if key in self._read_from:
            item.status, item.reason = "repeated", f"read already from {self._read_from[key]}"
            return item
        self._read_from[key] = origin
        known = self._target.find(draft)
        if known is None:
            if fault := self._target.broken_at(draft.id):
                item.status, item.reason = "rejected", f"a faulty file stands in its place: {fault}"
                return item
            entry = replace(draft, id=self._target.new_id(draft))
        else:
            item.id = known.id
            entry = merged(known, found)
            item.differences = differences(known, entry, found.covers)
            if self._target.is_by_hand(known):
                item.status = "kept"
                item.differences = [d for d in item.differences if d.after is not None]
                return item
            item.status = "changed" if item.differences else "unchanged"
            if not item.differences:
                entry.checked_on = max(known.checked_on, entry.checked_on)
        try:
            item.id = self._put(entry, known)
        except ImportFault as fault:
            item.status, item.reason = "rejected", str(fault)
        return item

    def _put(self, entry: Procedure, known: Procedure | None) -> str:
        # An entry that did not change at all is not written: its file keeps its time.
        if known is None or replace(entry, imported=None) != replace(known, imported=None):
            self._target.put(entry, self._write)
        return entry.id


def merged(known: Procedure, found: Draft) -> Procedure:
    """The known entry with all that the new source speaks for; the rest stays as it is."""
    given = {name: getattr(found.procedure, name) for name in found.covers}
    given["code"] = found.procedure.code or known.code
    if given.get("agency") is None and not _speaks_of_all(found):
        given.pop("agency", None)
    if _speaks_of_all(found):
        given |= {"sources": found.procedure.sources}
        given["checked_on"] = found.procedure.checked_on
    return replace(known, **given)


def _speaks_of_all(found: Draft) -> bool:
    return "documents" in found.covers


def differences(before: Procedure, after: Procedure, covers: Iterable[str]) -> list[Difference]:
    """The fields of ``covers`` that differ, as plain values."""
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return [
        Difference(name, old.get(name), new.get(name))
        for name in old | new
        if name in covers and name not in _NEVER_COMPARED and old.get(name) != new.get(name)
    ]
