"""Office files are archives: whether one is whole and not too large, before anything unpacks it."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from procedures_catalog.errors import ImportFault

MOST_UNPACKED = 400 * 1024 * 1024

# A damaged archive makes its readers fail wherever its parts do not fit.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, LookupError, ValueError, TypeError, AttributeError,
    SyntaxError, NotImplementedError, RuntimeError,
)  # fmt: skip


def check_archive(path: Path, kind: str) -> None:
    """Raises ImportFault when the file is no archive, was cut off, or unpacks to too much."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except DAMAGED as error:
        raise no_file(kind) from error
    if unpacked > MOST_UNPACKED:
        most = MOST_UNPACKED // 2**20
        raise ImportFault(f"it unpacks to {unpacked // 2**20} MB; at most {most} MB are read")


def no_file(kind: str) -> ImportFault:
    return ImportFault(f"it is no {kind}, or it was cut off or damaged; download or save it again")
