"""Checking entries, life events and overlay for what a schema cannot see (``motcua catalog lint``).

Errors are faults that a citizen would notice or a reference that leads nowhere; warnings are facts
that are about to be wrong, or an entry that says less than it should.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import yaml

from procedures_catalog.catalog import Catalog
from procedures_catalog.errors import EntryError
from procedures_catalog.life_events import LIFE_EVENTS, LifeEvent, read_life_events
from procedures_catalog.lint_rules import RULES, Known
from procedures_catalog.loading import ENTRIES, read_entries
from procedures_catalog.model import Procedure
from procedures_catalog.overlay import Change, overlaid, read_overlay
from procedures_catalog.recognise import gone_bodies
from vietnamese import normalize

Level = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Finding:
    """One fault: the file, the field in it, what is wrong; ``rule`` names the check that found it."""

    place: str
    field: str
    level: Level
    words: str
    rule: str

    def __str__(self) -> str:
        return f"{self.place}: {self.field}: {self.words} [{self.rule}]"


@dataclass
class Result:
    """All findings, worst first by file, and how many entries were looked at."""

    findings: list[Finding] = field(default_factory=list)
    entries: int = 0
    full: int = 0

    def of(self, level: Level) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == level]


def lint(
    *directories: Path, today: date, overlay: Path | None = None, life_events: Path = LIFE_EVENTS
) -> Result:
    """Everything that is wrong with the entries below ``directories`` (default: the ones with us)."""
    found: list[Finding] = []
    paths: dict[str, Path] = {}
    procedures: list[Procedure] = []
    for directory in directories or (ENTRIES,):
        for path, file in read_entries(directory).items():
            found += _raw(path)
            if file.fault:
                found.append(_of_error(file.fault, "schema"))
            elif file.procedure:
                procedures.append(file.procedure)
                if file.procedure.id in paths:
                    words = f"{file.procedure.id!r} is also the id of {paths[file.procedure.id]}"
                    found.append(Finding(str(path), "id", "error", words, "duplicate-id"))
                paths.setdefault(file.procedure.id, path)
    try:
        found += _raw(life_events)
        events = read_life_events(life_events)
    except EntryError as error:
        events = []
        found.append(_of_error(error, "schema"))
    before: dict[str, Procedure] = {}
    if overlay is not None:
        found += _raw(overlay)
        changes, faults = read_overlay(overlay)
        before = {procedure.id: procedure for procedure in procedures if procedure.id in changes}
        procedures, inner = overlaid(procedures, changes, overlay)
        found += [_of_error(fault, "overlay") for fault in (*faults, *inner)]
        found += _unmatched_fees(procedures, changes, overlay)
    catalog = Catalog(procedures, events)
    found += _on_each(catalog, paths, today, before, overlay)
    found += _codes(catalog, paths)
    found += _same_wordings(catalog, paths)
    found += _steps(catalog, events, life_events, today)
    order = {"error": 0, "warning": 1}
    found.sort(key=lambda f: (order[f.level], f.place, f.field, f.words))
    return Result(found, len(catalog), sum(p.completeness == "full" for p in catalog))


def _of_error(error: EntryError, rule: str) -> Finding:
    return Finding(error.path, error.field, "error", error.expected, rule)


def _raw(path: Path) -> Iterator[Finding]:
    """What reading hides: letters in parts (not NFC), and keys told twice, of which YAML takes the last."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return  # the schema says so already
    if not unicodedata.is_normalized("NFC", text):
        line = next(
            n for n, part in enumerate(text.splitlines(), 1) if not unicodedata.is_normalized("NFC", part)
        )
        yield Finding(
            str(path), f"line {line}", "error", "must be NFC (letters with their marks whole)", "nfc"
        )
    for key, line in _twice(node):
        yield Finding(
            str(path), f"line {line}", "error", f"{key!r} is told twice; one of them is lost", "twice"
        )


def _twice(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _twice(value)


def _on_each(
    catalog: Catalog,
    paths: dict[str, Path],
    today: date,
    before: dict[str, Procedure],
    overlay: Path | None,
) -> Iterator[Finding]:
    """``before``: what the overlay changes, as it stands in its own file; what is wrong with it only since
    then is the overlay's fault."""
    known = Known({p.id: p for p in catalog}, frozenset(catalog.life_events), today)
    for procedure in catalog:
        original = before.get(procedure.id)
        for rule, check in RULES.items():
            own = set(check(original, known)) if original else None
            for fault in check(procedure, known):
                level, name, words = fault
                if own is None or fault in own:
                    yield Finding(str(paths[procedure.id]), name, level, words, rule)
                else:
                    yield Finding(str(overlay), f"{procedure.id}.{name}", level, words, rule)


def _codes(catalog: Catalog, paths: dict[str, Path]) -> Iterator[Finding]:
    """Codes told twice. A merged code covers several matters: their entries name each other as siblings."""
    first: dict[str, Procedure] = {}
    for procedure in catalog:
        for code in procedure.codes:
            other = first.setdefault(code, procedure)
            kin = other.id in procedure.siblings and procedure.id in other.siblings
            if other is not procedure and not kin:
                words = f"{code} is also the code of {other.id}"
                yield Finding(str(paths[procedure.id]), "code", "error", words, "duplicate-code")


def _same_wordings(catalog: Catalog, paths: dict[str, Path]) -> Iterator[Finding]:
    """Wordings that mean two entries: the assistant could only guess which."""
    owners: dict[str, tuple[Procedure, str]] = {}
    events = {normalize(t): e for e in catalog.life_events.values() for t in (*e.also_called, *e.asked_as)}
    for procedure in catalog:
        wordings = [(procedure.name, "name")]
        wordings += [(text, "also_called") for text in procedure.also_called]
        wordings += [(text, "asked_as") for text in procedure.asked_as]
        for text, name in wordings:
            norm = normalize(text)
            if norm in events and name != "name":
                words = f"{text!r} also means the life event {events[norm].id}"
                yield Finding(str(paths[procedure.id]), name, "warning", words, "same-wording")
            other, others_field = owners.setdefault(norm, (procedure, name))
            if other is procedure or _are_kin(procedure, other):
                continue
            official = name == others_field == "name"
            level: Level = "warning" if official else "error"
            words = f"{text!r} also means {other.id} ({others_field})"
            if official:
                words += "; make them siblings if a citizen can mean either"
            yield Finding(str(paths[procedure.id]), name, level, words, "same-wording")


def _are_kin(one: Procedure, other: Procedure) -> bool:
    return (
        other.id in one.siblings
        or one.id in other.siblings
        or one.replaced_by == other.id
        or other.replaced_by == one.id
        or (one.replaced_by is not None and one.replaced_by == other.replaced_by)
    )


def _steps(catalog: Catalog, events: Iterable[LifeEvent], path: Path, today: date) -> Iterator[Finding]:
    for event in events:
        for text in (event.intro, *(step.note or "" for step in event.steps)):
            for body in gone_bodies(text):
                yield Finding(str(path), event.id, "error", f"{body!r} no longer exists", "gone")
        for index, step in enumerate(event.steps):
            place = f"{event.id}.steps[{index}].procedure"
            procedure = catalog.find(step.procedure)
            if procedure is None or procedure.id != step.procedure:
                words = f"{step.procedure!r} is the id of no entry"
                yield Finding(str(path), place, "error", words, "reference")
            elif not procedure.in_force(today):
                words = f"{step.procedure!r} is not in force on {today}"
                yield Finding(str(path), place, "error", words, "reference")


def _unmatched_fees(procedures: list[Procedure], changes: dict[str, Change], path: Path) -> Iterator[Finding]:
    """Provincial fees beside a national line that they seem to answer under another name."""
    for procedure in procedures:
        if procedure.id not in changes:
            continue
        open_names = {
            row.name.casefold()
            for row in procedure.fees
            if row.layer == "national" and row.state in ("set_elsewhere", "not_published") and row.name
        }
        for index, row in enumerate(procedure.fees):
            own = (row.name or "").casefold()
            if row.layer == "provincial" and own and open_names and own not in open_names:
                words = (
                    f"{row.name!r} takes the place of no line; their names: {', '.join(sorted(open_names))}"
                )
                place = f"{procedure.id}.fees[{index}].name"
                yield Finding(str(path), place, "warning", words, "overlay")
