"""Entries as they were last read, so that thousands of unchanged files need no parsing again.

One file for each folder of entries, below ``MOTCUA_VAR`` (default ``var``), and only if that folder
exists and can be written: without it everything works, slower. What is kept holds for one stamp
(times and size) of one file and for one version of the schema; a damaged cache is thrown away.
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

import msgspec

from procedures_catalog import model
from procedures_catalog.model import Procedure

log = logging.getLogger(__name__)

# Below this a folder is read in a moment; a cache would only be one more thing on the disk.
WORTH_KEEPING = 200

Stamp = tuple[int, int, int]


class _Kept(msgspec.Struct, array_like=True):
    path: str
    stamp: Stamp
    procedure: Procedure


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[_Kept])


class EntryCache:
    """What is kept of one folder. Never raises: a cache that cannot be used is an empty one."""

    def __init__(self, folder: Path) -> None:
        self._path = _file_for(folder)
        self._kept = self._read()

    def get(self, path: Path, stamp: Stamp) -> Procedure | None:
        """The entry of that file, if it was read at that stamp."""
        kept = self._kept.get(str(path))
        return kept.procedure if kept is not None and kept.stamp == stamp else None

    def keep(self, entries: dict[Path, tuple[Stamp, Procedure]]) -> None:
        """Replaces what is kept with ``entries``, if that changes anything and is worth it."""
        if self._path is None or len(entries) < WORTH_KEEPING:
            return
        kept = {str(path): _Kept(str(path), stamp, entry) for path, (stamp, entry) in entries.items()}
        if {p: k.stamp for p, k in kept.items()} == {p: k.stamp for p, k in self._kept.items()}:
            return
        body = _encoder.encode(list(kept.values()))
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(exist_ok=True)
            temporary.write_bytes(_header(body) + body)
            temporary.replace(self._path)
        except OSError as error:
            log.debug("catalogue cache not written: %s", error)
            temporary.unlink(missing_ok=True)
        self._kept = kept

    def _read(self) -> dict[str, _Kept]:
        if self._path is None:
            return {}
        try:
            header, _, body = self._path.read_bytes().partition(b"\n")
            if header + b"\n" != _header(body):
                return {}
            with no_collection():
                return {kept.path: kept for kept in _decoder.decode(body)}
        except (OSError, msgspec.DecodeError):
            return {}


@contextmanager
def no_collection() -> Iterator[None]:
    """Holds the garbage collector back: a hundred thousand rows that all stay cost it seconds."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _header(body: bytes) -> bytes:
    """One line: the version of the schema and a checksum of the body."""
    return f"motcua-catalog {_schema_version()} {blake2b(body, digest_size=16).hexdigest()}\n".encode()


def _schema_version() -> str:
    """Changes with the schema and with the checks on it, so that old readings are not believed."""
    readers = (Path(__file__).with_name(name) for name in ("loading.py", "plain_yaml.py"))
    sources = [Path(model.__file__), *readers]
    return blake2b(b"".join(path.read_bytes() for path in sources), digest_size=8).hexdigest()


def cache_folder() -> Path | None:
    """Where readings are kept (it may have to be made), or None where nothing can be."""
    var = Path(os.environ.get("MOTCUA_VAR") or "var").absolute()
    return var / "catalog-cache" if var.is_dir() and os.access(var, os.W_OK) else None


def _file_for(folder: Path) -> Path | None:
    name = blake2b(str(folder.absolute()).encode(), digest_size=8).hexdigest()
    within = cache_folder()
    return within / f"{name}.bin" if within else None
