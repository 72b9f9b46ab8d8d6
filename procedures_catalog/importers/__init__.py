"""Feeding the catalogue from what the centre already has: the national portal's own files.

:func:`import_files` reads list exports, pages and records, and writes one entry each into a folder
beside the centre's file, where the catalogue finds it at once. Nothing written by hand is touched.
"""

from procedures_catalog.importers.running import Item, Report, import_files

__all__ = ["Item", "Report", "import_files"]
