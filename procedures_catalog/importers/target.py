"""The folder that imports write to: whose each entry is, and writing them whole or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec.structs import replace

from procedures_catalog.cache import EntryCache
from procedures_catalog.errors import EntryError, ImportFault
from procedures_catalog.importers.naming import slug
from procedures_catalog.loading import file_stamp, read_entries
from procedures_catalog.model import Procedure

_ID_MOST = 80


class Target:
    """The entries below ``folder`` and those that come with us, as an import finds and changes them.

    Identity is the national code, or the name where there is none: the same code is always the same
    file. An entry is *written by hand* when it stands outside ``folder``, carries no fingerprint, or
    is not as the import left it.
    """

    def __init__(self, folder: Path, others: list[Path]) -> None:
        self.folder = folder
        self._paths: dict[str, Path] = {}
        self._entries: dict[str, Procedure] = {}
        self._by_key: dict[str, str] = {}
        self._by_name: dict[str, list[str]] = {}
        self._broken: dict[str, EntryError] = {}
        for directory in [*others, folder]:
            for path, file in read_entries(directory).items():
                if file.fault or file.procedure is None:
                    self._broken[path.stem] = file.fault or EntryError(path, "file", "cannot be read")
                else:
                    self._take(path, file.procedure)

    def find(self, draft: Procedure) -> Procedure | None:
        """The entry of the same code; where one of the two has no code, the only one of the same name."""
        known = self._by_key.get(_key(draft))
        if known is None:
            named = [self._entries[id] for id in self._by_name.get(_name(draft), ())]
            if len(named) == 1 and (draft.code is None or named[0].code is None):
                return named[0]
        return self._entries[known] if known else None

    def is_by_hand(self, entry: Procedure) -> bool:
        """Whether somebody wrote the entry, or changed it since it was imported."""
        within = self.folder in self._paths[entry.id].parents
        return not within or entry.imported != fingerprint(entry)

    def broken_at(self, id: str) -> EntryError | None:
        """What is wrong with the file of that id, if there is one that cannot be read."""
        return self._broken.get(id)

    def new_id(self, draft: Procedure) -> str:
        """An id for a new entry: the slug of its name; with the code after it where that is taken."""
        if draft.id not in self._entries:
            return draft.id
        end = (draft.code or "").replace(".", "-") or "2"
        candidate = f"{draft.id[: _ID_MOST - len(end) - 1].rstrip('-')}-{end}"
        while candidate in self._entries or candidate in self._broken:
            candidate = f"{candidate[: _ID_MOST - 2]}-x"
        return candidate

    def put(self, entry: Procedure, write: bool) -> Procedure:
        """Takes an imported entry in, with its fingerprint; on the disk too if ``write``."""
        entry = replace(entry, imported=None)
        entry.imported = fingerprint(entry)
        path = self._paths.get(entry.id) or self.folder / slug(entry.field, 50) / f"{entry.id}.yml"
        if write:
            write_entry(path, entry)
        self._take(path, entry)
        return entry

    def remember(self) -> None:
        """Keeps what the folder holds now as read, so that the catalogue need not parse it again."""
        own = [(path, self._entries[id]) for id, path in self._paths.items() if self.folder in path.parents]
        stamped = {path: (stamp, entry) for path, entry in own if (stamp := file_stamp(path))}
        EntryCache(self.folder).keep(stamped)

    def _take(self, path: Path, entry: Procedure) -> None:
        if entry.id not in (named := self._by_name.setdefault(_name(entry), [])):
            named.append(entry.id)
        known = self._by_key.get(_key(entry))
        # Of two with one code (an import from before we had an entry of our own) the first stays.
        if known is None or known == entry.id:
            self._by_key[_key(entry)] = entry.id
        if entry.id not in self._entries or known == entry.id:
            self._entries[entry.id], self._paths[entry.id] = entry, path


def fingerprint(entry: Procedure) -> str:
    """What an entry says, in 16 characters; ``imported`` itself does not count."""
    plain = msgspec.to_builtins(replace(entry, imported=None))
    return blake2b(msgspec.json.encode(plain, order="deterministic"), digest_size=8).hexdigest()


def write_entry(path: Path, entry: Procedure) -> None:
    """Writes the file whole or not at all: under another name first, then in one step its own."""
    plain: Mapping[str, Any] = msgspec.to_builtins(entry, builtin_types=(date,))
    text = yaml.dump(plain, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=110)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ImportFault(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)  # nothing half-written stays, whatever stopped it


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Holds the folder for one import; what an import that was killed left behind is swept away.

    Raises:
        ImportFault: the folder cannot be made or written, or another import is at work in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".import.lock").open("a")
    except OSError as error:
        raise ImportFault(f"{folder}: cannot be written ({error.strerror})") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ImportFault(f"{folder}: another import is at work there; wait until it is done") from error
        for left in folder.rglob(".*.yml.*"):
            left.unlink(missing_ok=True)
        yield


def _key(entry: Procedure) -> str:
    return entry.code or f"name {_name(entry)}"


def _name(entry: Procedure) -> str:
    return slug(entry.name, 500)
