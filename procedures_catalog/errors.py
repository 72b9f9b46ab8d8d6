"""What can go wrong in the catalogue.

CatalogError
├── EntryError        one file does not hold a valid entry (file, field, what is expected)
├── DuplicateEntry    two files claim one id or code
├── ImportFault       a file, or one record of it, cannot be imported
└── UnknownProcedure  no entry has that id or code
"""

from __future__ import annotations

from pathlib import Path


class CatalogError(Exception):
    """Base of every error of this room; its text is meant for a person."""


class EntryError(CatalogError):
    """A file does not hold a valid entry."""

    def __init__(self, path: Path | str, field: str, expected: str) -> None:
        self.path, self.field, self.expected = str(path), field, expected
        super().__init__(f"{path}: {field}: {expected}")


class DuplicateEntry(CatalogError):
    """Two files claim one id or one code in force."""


class ImportFault(CatalogError):
    """A file, or one record of it, cannot be imported; the text says why."""


class UnknownProcedure(CatalogError):
    """No entry has that id or code."""
