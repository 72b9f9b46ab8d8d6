"""The store of the catalogue: it follows the files while a process runs."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from procedures_catalog.cache import Stamp
from procedures_catalog.catalog import Catalog
from procedures_catalog.centre import centre_entries, centre_learned, centre_overlay
from procedures_catalog.errors import CatalogError, EntryError
from procedures_catalog.learned import read_learned
from procedures_catalog.life_events import LIFE_EVENTS, life_events_and_faults
from procedures_catalog.loading import ENTRIES, EntryFile, entry_stamps, file_stamp, read_entries
from procedures_catalog.overlay import Change, overlaid, read_overlay

log = logging.getLogger(__name__)

# So many changed files are taken in at once; more are awaited to the end of the import they come from.
AT_ONCE = 40


class CatalogStore:
    """The catalogue as the files are now: looks for changes at most every ``interval`` seconds (0: at
    every call).

    A file that became faulty keeps nothing of the rest from answering: its last good entry stays
    until it is mended, and the fault is logged once and listed in ``current().problems``. The same
    holds for each entry's part of the overlay.
    """

    def __init__(
        self,
        *directories: Path | str,
        overlay: Path | str | None = None,
        interval: float = 1.0,
        life_events: Path = LIFE_EVENTS,
        learned: Path | None = None,
    ) -> None:
        self._directories = [Path(d) for d in directories or (ENTRIES,)]
        self._overlay_file = Path(overlay) if overlay else None
        self._events_file = life_events
        self._learned_file = learned
        self._interval = interval
        self._lock = threading.Lock()
        self._files: dict[Path, dict[Path, EntryFile]] = {}
        self._overlay: dict[str, Change] = {}
        self._told: set[str] = set()
        self._stamps = self._seen = self._look()
        self._catalog = self._build()
        self._look_again = time.monotonic() + interval

    @classmethod
    def of_centre(cls, centre_file: Path | str) -> CatalogStore:
        """The entries that come with us, and the entries and the overlay beside the centre's file."""
        own = {"overlay": centre_overlay(centre_file), "learned": centre_learned(centre_file)}
        return cls(ENTRIES, centre_entries(centre_file), **own)

    def current(self) -> Catalog:
        """The catalogue, read again if a file was added, changed or removed."""
        if time.monotonic() >= self._look_again and self._lock.acquire(blocking=False):
            try:
                started = time.monotonic()
                stamps = self._look()
                # With very many files looking itself takes time: spend a tenth of it at most.
                pause = self._interval and max(self._interval, 10 * (time.monotonic() - started))
                if stamps != self._stamps and self._is_settled(stamps):
                    self._stamps, self._catalog = stamps, self._build()
                self._look_again = time.monotonic() + pause
            finally:
                self._lock.release()
        return self._catalog

    def _look(self) -> dict[Path, Stamp]:
        stamps = {path: s for directory in self._directories for path, s in entry_stamps(directory).items()}
        others = [path for path in (self._events_file, self._overlay_file, self._learned_file) if path]
        return stamps | {path: stamp for path in others if (stamp := file_stamp(path))}

    def _is_settled(self, stamps: dict[Path, Stamp]) -> bool:
        """Whether to build now: at once for a few files, for many when none has changed since the last look.

        An import changes thousands of files one after the other; each build in between would only
        make citizens wait.
        """
        changed = sum(1 for _ in stamps.items() ^ self._stamps.items())
        before, self._seen = self._seen, stamps
        return changed <= AT_ONCE or stamps == before

    def _build(self) -> Catalog:
        self._files = {d: read_entries(d, self._files.get(d)) for d in self._directories}
        files = [file for known in self._files.values() for file in known.values()]
        problems: list[CatalogError] = [file.fault for file in files if file.fault]
        procedures = [file.procedure for file in files if file.procedure]
        if self._overlay_file:
            self._overlay, faults = _kept(read_overlay(self._overlay_file), self._overlay)
            procedures, inner = overlaid(procedures, self._overlay, self._overlay_file)
            problems += [*faults, *inner]
        events, faults = life_events_and_faults(self._events_file)
        learned, others = read_learned(self._learned_file)
        catalog = Catalog(procedures, events, [*problems, *faults, *others], learned)
        self._tell(catalog.problems)
        catalog.ranker  # noqa: B018  built here, so that no citizen waits for it
        return catalog

    def _tell(self, problems: list[CatalogError]) -> None:
        words = {str(problem) for problem in problems}
        for fault in sorted(words - self._told):
            log.error("catalogue: %s", fault)
        self._told = words


def _kept(
    read: tuple[dict[str, Change], list[EntryError]], before: dict[str, Change]
) -> tuple[dict[str, Change], list[EntryError]]:
    """The overlay just read; where a part of it is faulty, that part as it was before."""
    changes, faults = read
    for fault in faults:
        whole_file = fault.field == "file" or fault.field.startswith("line ")
        for key, change in before.items():
            if whole_file or fault.field == key or fault.field.startswith(f"{key}."):
                changes.setdefault(key, change)
    return changes, faults
