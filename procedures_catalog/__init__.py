"""The catalogue of administrative procedures (thủ tục hành chính): what they are, and finding them."""

from procedures_catalog.catalog import Catalog, CatalogStore
from procedures_catalog.errors import CatalogError, DuplicateEntry, EntryError, UnknownProcedure
from procedures_catalog.model import Procedure
from procedures_catalog.search import Hit

__all__ = [
    "Catalog",
    "CatalogError",
    "CatalogStore",
    "DuplicateEntry",
    "EntryError",
    "Hit",
    "Procedure",
    "UnknownProcedure",
]
