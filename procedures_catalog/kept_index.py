"""Indexes and classifiers as they were last built, so that only one process builds one, and that once.

Beside the kept entries (:mod:`procedures_catalog.cache`), with the same promise: without a folder to write
to, everything works, slower. Each is kept under what it was built from, wordings and program, so what is read
is always what would be built; a damaged one is built again. The index changes with every entry, the
classifier with those alone that it is taught: that of the entries that come with us is kept beside the
dialogue model as well, from its training on.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

import vietnamese
from procedures_catalog.background import background_bytes
from procedures_catalog.cache import WORTH_KEEPING, cache_folder
from procedures_catalog.classifier import Classifier, fit, lessons, taught
from procedures_catalog.index import Index, build_index
from procedures_catalog.learned import OUTSIDE
from procedures_catalog.life_events import LifeEvent
from procedures_catalog.model import Procedure
from procedures_catalog.wordings import Learnt, Target, searched

log = logging.getLogger(__name__)

# The newest ones stay: a hot reload and a command beside it may want different ones.
KEPT = 3
_LOCK = ".index.lock"
_BUILDERS = ("index.py", "classifier.py", "wordings.py", "ngrams.py")

Kept = TypeVar("Kept", Index, Classifier)
# Beside the dialogue model.
TRAINED = Path(__file__).parents[1] / "models"


def kept_index(
    procedures: Sequence[Procedure], events: Sequence[LifeEvent], learned: Learnt
) -> tuple[Index, Classifier, list[int]]:
    """The index of a catalogue, its classifier, and the places of the targets that it was taught (procedures,
    then life events); read where they were built before, else built and kept.

    Of several processes that want the same one, the first builds it and the others wait for that.
    """
    targets = [*procedures, *events]
    places = taught(targets, learned)
    pupils = [targets[place] for place in places]
    folder = cache_folder() if len(procedures) >= WORTH_KEEPING else None
    of_index = f"index-{_fingerprint(targets, learned)}.npz"
    of_classifier = f"classifier-{_fingerprint(pupils, learned)}.npz"

    def read() -> tuple[Index | None, Classifier | None]:
        return _read(Index, of_index, folder), _read(Classifier, of_classifier, folder, TRAINED)

    index, classifier = read()
    if index is None or classifier is None:
        with _alone(folder), ThreadPoolExecutor(1) as beside:
            index, classifier = read()
            norm = lru_cache(maxsize=None)(searched)
            learning = None if classifier else beside.submit(fit, lessons(pupils, learned, norm))
            if index is None:
                index = build_index(procedures, events, learned, norm)
                _keep(index, of_index, folder)
            if learning:
                classifier = learning.result()
                _keep(classifier, of_classifier, folder)
    return index, classifier, places


def keep_trained(targets: Sequence[Target], learned: Learnt) -> None:
    """Fits the classifier of these and keeps it where the dialogue model is, if it is not there already."""
    pupils = [targets[place] for place in taught(targets, learned)]
    name = f"classifier-{_fingerprint(pupils, learned)}.npz"
    if _read(Classifier, name, TRAINED) is None:
        _keep(fit(lessons(pupils, learned, searched)), name, TRAINED, kept=1)


def _fingerprint(targets: Sequence[Target], learned: Learnt) -> str:
    """Changes with whatever is built from these, the program included."""
    said = [[t.id, t.name, t.also_called, t.asked_as, list(learned.get(t.id, ()))] for t in targets]
    said.append([OUTSIDE, list(learned.get(OUTSIDE, ()))])
    return blake2b(_program() + msgspec.msgpack.encode(said), digest_size=12).hexdigest()


@lru_cache(maxsize=1)
def _program() -> bytes:
    digest, language = blake2b(), Path(vietnamese.__file__).parent
    builders = [Path(__file__).with_name(name) for name in _BUILDERS]
    for path in (*sorted([*language.glob("*.py"), *language.glob("data/*")]), *builders):
        digest.update(path.read_bytes())
    for part in background_bytes():
        digest.update(part)
    return digest.digest()


def _read(kind: type[Kept], name: str, *folders: Path | None) -> Kept | None:
    """From the first of the folders that has it whole."""
    for folder in filter(None, folders):
        try:
            # Opened here: NumPy leaves a damaged file open that it opened itself.
            with (folder / name).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return kind(**{part.name: arrays[part.name] for part in fields(kind)})
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            log.debug("%s is not there or damaged: %s", folder / name, error)
    return None


def _keep(built: Index | Classifier, name: str, folder: Path | None, kept: int = KEPT) -> None:
    if folder is None:
        return
    temporary = folder / f".{name}.{os.getpid()}"
    try:
        with temporary.open("wb") as file:
            np.savez(file, **built.arrays())
        temporary.replace(folder / name)
        alike = sorted(folder.glob(f"{name.partition('-')[0]}-*.npz"), key=lambda p: p.stat().st_mtime_ns)
        for old in alike[:-kept]:
            old.unlink(missing_ok=True)
    except OSError as error:
        log.debug("not kept: %s", error)
        with contextlib.suppress(OSError):
            temporary.unlink()


@contextlib.contextmanager
def _alone(folder: Path | None) -> Iterator[None]:
    """Holds the folder's lock; without one where it cannot be had."""
    with contextlib.ExitStack() as held:
        if folder:
            with contextlib.suppress(OSError):
                folder.mkdir(exist_ok=True)
                fcntl.flock(held.enter_context((folder / _LOCK).open("a")), fcntl.LOCK_EX)
        yield
