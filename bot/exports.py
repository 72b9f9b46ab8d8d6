"""The watched folder: the nightly export of the one-window software is imported when it has arrived.

``python -m bot.exports``, a process of its own beside the gateway, so that a large import slows nobody
down. A file is left alone until it has not changed for a while; then it is imported and moved to
``done/`` or ``failed/``, with a report beside it. Killed at any moment, the next start ends the same.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.errors import BotError, SettingsError
from bot.settings import load_settings
from bot.supervisor import EXIT_CONFIG
from dossiers.clock import VIET_NAM
from dossiers.database import Database, open_database
from dossiers.errors import DatabaseError, DataFileError, DossierError, ImportFileError
from dossiers.importing import import_file
from dossiers.importing.mapping import load_mapping

log = logging.getLogger("exports")
SETTING = "MOTCUA_DOSSIERS_FOLDER"
LOOK_SECONDS = 2.0
# Not changed for so long: whoever writes it has finished.
QUIET_SECONDS = 10.0
# A file that breaks off may only be slow in coming.
PATIENCE_SECONDS = 300.0
AFTER_FAILURE = 30.0
KINDS = {".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls"}
DONE, FAILED = "done", "failed"


@dataclass
class _Seen:
    """A file's size and time of change, and since when they are the same (by our own clock)."""

    state: tuple[int, int]
    since: float
    not_before: float = 0.0


@dataclass
class Folder:
    """``look()`` now and then; ``quiet`` and ``patience`` in seconds."""

    path: Path
    database: Database
    mapping: Path | None = None
    quiet: float = QUIET_SECONDS
    patience: float = PATIENCE_SECONDS
    _seen: dict[Path, _Seen] = field(default_factory=dict)
    _told: str = ""

    def look(self, now: float | None = None) -> int:
        """Imports what has become quiet, the oldest first; how many files were settled.

        ``now``: seconds of a clock that only goes forward.
        """
        now = time.monotonic() if now is None else now
        try:
            ready = list(self._ready(now))
        except OSError as error:
            # A network folder comes and goes.
            self._tell_once(f"{self.path} cannot be read ({error.strerror})")
            return 0
        settled = 0
        for path in ready:
            try:
                settled += self._take(path, now)
            except DatabaseError as error:
                self._tell_once(str(error))
                self._seen[path].not_before = now + AFTER_FAILURE
                break
            except OSError as error:
                # It could not be moved away: not again before it changes.
                log.error("%s: %s", path.name, error.strerror)
                self._seen[path].not_before = float("inf")
        return settled

    def _ready(self, now: float) -> Iterator[Path]:
        found = {}
        for entry in os.scandir(self.path):
            path = Path(entry.path)
            wanted = path.suffix.lower() in KINDS and not entry.name.startswith((".", "~"))
            if wanted and entry.is_file(follow_symlinks=False):
                found[path] = _state(path)
        self._seen = {path: seen for path, seen in self._seen.items() if path in found}
        for path, state in sorted(found.items(), key=lambda item: (item[1][1], item[0])):
            seen = self._seen.setdefault(path, _Seen(state, now))
            if seen.state != state:
                self._seen[path] = seen = _Seen(state, now)
            if now - seen.since >= self.quiet and now >= seen.not_before:
                yield path

    def _take(self, path: Path, now: float) -> bool:
        """Imports one file and moves it away; False when it is to be waited for.

        Raises:
            DatabaseError: nothing was imported.
            OSError: it was, and could not be moved.
        """
        try:
            report = import_file(self.database, path, self.mapping)
        except ImportFileError as error:
            seen = self._seen[path]
            if now - seen.since < self.patience:
                seen.not_before = seen.since + self.patience
                self._tell_once(f"{path.name} cannot be read yet; waiting for the rest of it")
                return False
            self._settle(path, FAILED, [str(error)])
            log.error("%s: failed; see %s/", path.name, FAILED)
            return True
        except DataFileError as error:
            self._tell_once(str(error))
            self._seen[path].not_before = now + AFTER_FAILURE
            return False
        if _state(path) != self._seen[path].state:
            # More of it came meanwhile: it is imported again, which changes nothing of what is there.
            return False
        where = FAILED if report.hopeless else DONE
        self._settle(path, where, [report.summary(), *report.remarks()])
        log.info("%s: %s", path.name, report.summary())
        self._told = ""
        return True

    def _settle(self, path: Path, where: str, lines: list[str]) -> None:
        """Moves a file away under the moment of its import, its report beside it."""
        stamp = datetime.now(VIET_NAM).strftime("%Y%m%d-%H%M%S")
        target = self.path / where / f"{stamp}-{path.name}"
        number = 1
        while target.exists():
            number += 1
            target = self.path / where / f"{stamp}-{number}-{path.name}"
        report = target.with_name(target.name + ".report.txt")
        report.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.replace(target)
        self._seen.pop(path, None)

    def _tell_once(self, words: str) -> None:
        if words != self._told:
            self._told = words
            log.warning("%s", words)


def prepare(folder: Path) -> Path:
    """The watched folder, with its sub-folders made.

    Raises:
        SettingsError: it is not there, or cannot be read and written.
    """
    folder = folder.absolute()
    if not folder.is_dir():
        raise SettingsError(f"{SETTING}: {folder} is not a folder")
    try:
        for name in (DONE, FAILED):
            (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{SETTING}: {folder} cannot be written ({error.strerror})") from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise SettingsError(f"{SETTING}: {folder} cannot be read and written by this user")
    return folder


def _state(path: Path) -> tuple[int, int]:
    status = path.stat(follow_symlinks=False)
    return status.st_size, status.st_mtime_ns


def main() -> None:
    try:
        settings = load_settings()
        if settings.dossiers_folder is None:
            raise SettingsError(f"{SETTING}: must be set to the folder of the exports")
        logging.basicConfig(
            level=settings.log_level.upper(),
            format="%(asctime)s %(levelname)s %(name)s %(message)s",
            stream=sys.stderr,
        )
        logging.getLogger("alembic").setLevel(logging.WARNING)
        load_mapping(settings.dossiers_mapping)
        path = prepare(settings.dossiers_folder)
        folder = Folder(path, open_database(settings.database), settings.dossiers_mapping)
    except DatabaseError as error:
        # It may be there soon: the supervisor starts this process again.
        sys.exit(str(error))
    except (BotError, DossierError) as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_CONFIG)
    log.info("watching %s", folder.path)
    while True:
        folder.look()
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
