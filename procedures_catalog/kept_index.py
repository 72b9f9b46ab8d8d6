"""Indexes as they were last built, so that only one process builds one, and that once.

Beside the kept entries (:mod:`procedures_catalog.cache`), with the same promise: without a folder
to write to, everything works, slower. An index is kept under what it was built from, entries and
program, so what is read is always what would be built; a damaged one is built again.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np

import vietnamese
from procedures_catalog.background import background_bytes
from procedures_catalog.cache import WORTH_KEEPING, cache_folder
from procedures_catalog.index import Index, Target, build_index
from procedures_catalog.learned import OUTSIDE
from procedures_catalog.life_events import LifeEvent
from procedures_catalog.model import Procedure

log = logging.getLogger(__name__)

# The newest ones stay: a hot reload and a command beside it may want different ones.
KEPT = 3
_LOCK = ".index.lock"


def kept_index(
    procedures: Sequence[Procedure], events: Sequence[LifeEvent], learned: Mapping[str, Sequence[str]]
) -> Index:
    """The index of a catalogue, read if it was built before, else built and kept.

    Of several processes that want the same one, the first builds it and the others wait for that.
    """
    folder = cache_folder() if len(procedures) >= WORTH_KEEPING else None
    if folder is None:
        return build_index(procedures, events, learned)
    path = folder / f"index-{_fingerprint([*procedures, *events], learned)}.npz"
    index = _read(path)
    if index is None:
        with _alone(folder):
            index = _read(path)
            if index is None:
                index = build_index(procedures, events, learned)
                _keep(index, path)
    return index


def _fingerprint(targets: Sequence[Target], learned: Mapping[str, Sequence[str]]) -> str:
    """Changes with whatever an index is built from, the program included."""
    said = [[t.id, t.name, t.also_called, t.asked_as, list(learned.get(t.id, ()))] for t in targets]
    said.append([OUTSIDE, list(learned.get(OUTSIDE, ()))])
    digest = blake2b(msgspec.msgpack.encode(said), digest_size=12)
    language = Path(vietnamese.__file__).parent
    program = sorted([*language.glob("*.py"), *language.glob("data/*")])
    builders = [Path(__file__).with_name(name) for name in ("index.py", "ngrams.py", "classifier.py")]
    for path in (*program, *builders):
        digest.update(path.read_bytes())
    for part in background_bytes():
        digest.update(part)
    return digest.hexdigest()


def _read(path: Path) -> Index | None:
    try:
        # Opened here: NumPy leaves a damaged file open that it opened itself.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return Index(**{part.name: arrays[part.name] for part in fields(Index)})
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return None


def _keep(index: Index, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            np.savez(file, **index.arrays())
        temporary.replace(path)
        kept = sorted(path.parent.glob("index-*.npz"), key=lambda p: p.stat().st_mtime_ns)
        for old in kept[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        log.debug("index not kept: %s", error)
        with contextlib.suppress(OSError):
            temporary.unlink()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds the folder's lock; without one where it cannot be had."""
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / _LOCK).open("a")
    except OSError:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
