"""The catalogue of administrative procedures (thủ tục hành chính): what they are, and finding them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procedures_catalog.catalog import Catalog
from procedures_catalog.errors import CatalogError, DuplicateEntry, EntryError, ImportFault, UnknownProcedure
from procedures_catalog.model import Procedure
from procedures_catalog.store import CatalogStore

if TYPE_CHECKING:
    from procedures_catalog.search import Hit

__all__ = [
    "Catalog",
    "CatalogError",
    "CatalogStore",
    "DuplicateEntry",
    "EntryError",
    "Hit",
    "ImportFault",
    "Procedure",
    "UnknownProcedure",
]


def __getattr__(name: str) -> object:
    """``Hit`` on first use: search loads the numeric libraries, which lists and checks do not need."""
    if name == "Hit":
        from procedures_catalog.search import Hit

        return Hit
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
