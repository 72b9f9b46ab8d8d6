"""Reading entries from disk: one YAML file each, checked against the schema and themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

from procedures_catalog import plain_yaml
from procedures_catalog.cache import EntryCache, Stamp, no_collection
from procedures_catalog.errors import EntryError
from procedures_catalog.model import Procedure
from procedures_catalog.read_beside import read_beside

ENTRIES = Path(__file__).parent / "entries"

# So much of very many new entries is read by another process, which has to begin first.
BESIDE = 0.45

_SPEAKING_FIELDS = ("documents", "fees", "processing_time", "cases")


def read_yaml(path: Path) -> object:
    """The content of one YAML file.

    Raises:
        EntryError: the file cannot be read, is not UTF-8, or is not YAML; names the line.
    """
    try:
        return plain_yaml.load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EntryError(path, "file", f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise EntryError(path, "file", f"must be UTF-8 text (byte {error.start} is not)") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "file"
        raise EntryError(path, where, f"must be YAML: {getattr(error, 'problem', error)}") from error
    except (ValueError, RecursionError) as error:
        raise EntryError(path, "file", f"must hold dates and numbers that exist ({error})") from error


def read_procedure(path: Path) -> Procedure:
    """One entry from its file.

    Raises:
        EntryError: names the file, the field and what is expected there.
    """
    data = read_yaml(path)
    try:
        procedure = msgspec.convert(data, Procedure)
    except msgspec.ValidationError as error:
        raise schema_fault(path, error, "entry") from error
    if procedure.id != path.stem:
        raise EntryError(path, "id", f"must equal the file's name ({path.stem!r}), is {procedure.id!r}")
    for field, expected in inner_faults(procedure):
        raise EntryError(path, field, expected)
    return procedure


def schema_fault(
    path: Path | str, error: msgspec.ValidationError, whole: str, within: str = ""
) -> EntryError:
    """The error as file, field, expectation; ``whole`` names the place when no field is named."""
    expected, _, place = str(error).partition(" - at `")
    # "$.fees[0].state`", or "key` in `$.hours`" where a key itself is wrong.
    field = place.rpartition("`$")[2] if "`$" in place else place.removeprefix("$")
    field = field.rstrip("`").lstrip(".")
    return EntryError(path, ".".join(part for part in (within, field) if part) or whole, expected)


def inner_faults(procedure: Procedure) -> Iterator[tuple[str, str]]:
    """(field, what is expected) for each reference inside the entry that leads nowhere."""
    choices = {case.id: {choice.id for choice in case.choices} for case in procedure.cases}
    for field in _SPEAKING_FIELDS:
        for index, row in enumerate(getattr(procedure, field)):
            yield from _when_faults(f"{field}[{index}].when", row.when, choices)
    forms = {form.id for form in procedure.forms}
    for index, document in enumerate(procedure.documents):
        if document.form is not None and document.form not in forms:
            yield f"documents[{index}].form", f"must be the id of a form of this entry, is {document.form!r}"
    for index, row in enumerate(procedure.fees):
        if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
            yield f"fees[{index}].valid_until", "must not lie before valid_from"
    if procedure.valid_from and procedure.valid_until and procedure.valid_until < procedure.valid_from:
        yield "valid_until", "must not lie before valid_from"


def _when_faults(
    field: str, when: Mapping[str, str | list[str]] | None, choices: Mapping[str, set[str]]
) -> Iterator[tuple[str, str]]:
    for case, wanted in (when or {}).items():
        if case not in choices:
            yield field, f"must name a case of this entry, {case!r} is none"
            continue
        for choice in [wanted] if isinstance(wanted, str) else wanted:
            if choice not in choices[case]:
                yield f"{field}.{case}", f"must be a choice of that case, {choice!r} is none"


@dataclass(frozen=True)
class EntryFile:
    """What is known of one file: its stamp, its last good entry, what is wrong with it now."""

    stamp: Stamp
    procedure: Procedure | None
    fault: EntryError | None = None


def read_entries(directory: Path, known: Mapping[Path, EntryFile] | None = None) -> dict[Path, EntryFile]:
    """Every entry file below ``directory``, in a stable order; none when there is no such folder.

    Files whose stamp is as in ``known`` are not read again; a file that became faulty keeps the
    last good entry that ``known`` holds of it.
    """
    stamps = entry_stamps(directory)
    if known:
        return {
            path: known[path] if path in known and known[path].stamp == stamp else _read(path, stamp, known)
            for path, stamp in stamps.items()
        }
    cache = EntryCache(directory)
    kept = {path: procedure for path, stamp in stamps.items() if (procedure := cache.get(path, stamp))}
    with no_collection():
        new = _read_new({path: stamp for path, stamp in stamps.items() if path not in kept})
    files = {p: EntryFile(stamp, kept[p]) if p in kept else new[p] for p, stamp in stamps.items()}
    cache.keep({p: (f.stamp, f.procedure) for p, f in files.items() if f.procedure and not f.fault})
    return files


def _read_new(stamps: Mapping[Path, Stamp]) -> dict[Path, EntryFile]:
    """The files. Another process reads some of very many."""
    paths = list(stamps)
    shared = paths[: round(BESIDE * len(paths))]
    files: dict[Path, EntryFile] = {}
    with read_beside(shared) as found_beside:
        if found_beside:
            files = {path: _read(path, stamps[path], {}) for path in paths[len(shared) :]}
            files |= {
                path: EntryFile(stamps[path], procedure)
                for path, procedure in zip(shared, found_beside(), strict=False)
                if procedure
            }
    return files | {path: _read(path, stamps[path], {}) for path in paths if path not in files}


def _read(path: Path, stamp: Stamp, known: Mapping[Path, EntryFile]) -> EntryFile:
    try:
        return EntryFile(stamp, read_procedure(path))
    except EntryError as error:
        before = known.get(path)
        return EntryFile(stamp, before.procedure if before else None, error)


def entry_stamps(directory: Path) -> dict[Path, Stamp]:
    """The stamp of every entry file below ``directory``, in a stable order."""
    found: dict[str, Stamp] = {}
    for folder, folders, names in os.walk(directory):
        folders.sort()
        for name in names:
            if name.endswith(".yml") and not name.startswith("."):
                path = os.path.join(folder, name)
                if (stamp := file_stamp(path)) is not None:
                    found[path] = stamp
    return {Path(path): found[path] for path in sorted(found)}


def file_stamp(path: Path | str) -> Stamp | None:
    """What changes whenever the file does: both its times (ns) and its size; None without a file."""
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size
