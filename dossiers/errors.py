"""What can go wrong with dossiers (hồ sơ).

DossierError
├── DatabaseError    the database cannot be opened, migrated or written (names MOTCUA_DATABASE_URL)
├── DataFileError    one of the room's own YAML files, or a centre's mapping, is wrong
├── ImportFileError  an export cannot be read: encoding, headings, half-written file
├── BatchError       what a program pushed is no batch of dossiers
└── ViewAway         the centre's own database cannot be asked now (names MOTCUA_DOSSIERS_VIEW_URL)
"""

from __future__ import annotations

from pathlib import Path


class DossierError(Exception):
    """Base of every error of this room; its text is meant for a person."""


class DatabaseError(DossierError):
    """The tracking database cannot be used."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(f"MOTCUA_DATABASE_URL: {reason}; {advice}")


class DataFileError(DossierError):
    """A YAML file of this room or of the centre is wrong."""

    def __init__(self, path: Path | str, field: str, expected: str) -> None:
        super().__init__(f"{path}: {field}: {expected}")


class ImportFileError(DossierError):
    """An export as a whole cannot be read; nothing was imported."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


class BatchError(DossierError):
    """What a program pushed is no batch of dossiers; nothing was imported."""


class ViewAway(DossierError):
    """The centre's own database gives no answer, or none that can be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"MOTCUA_DOSSIERS_VIEW_URL: {reason}")
