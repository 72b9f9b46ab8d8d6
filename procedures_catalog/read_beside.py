"""A second process that reads entries while this one does something else: for thousands, as copied.

It is given paths and gives back what can be read; whatever is missing then, and why, the caller finds out by
reading it itself. So nothing depends on it: where it cannot be started, or ends too soon, it takes longer.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from procedures_catalog.errors import EntryError
from procedures_catalog.model import Procedure

log = logging.getLogger(__name__)

# Below this, starting a process takes longer than it saves.
WORTH_A_PROCESS = 1_000
GIVEN_UP = 60.0
_PROGRAM = "from procedures_catalog.read_beside import main; main()"
# The entries in the order of the paths; None for what could not be read.
Found = list[Procedure | None]


@contextlib.contextmanager
def read_beside(paths: Sequence[Path]) -> Iterator[Callable[[], Found] | None]:
    """Reads ``paths`` in a process of its own until the end of the ``with``, if they are many and there is a
    second processor. Gives a function that waits for what it read, or None where there is no such process."""
    process = _started(paths)
    if process is None:
        yield None
        return
    with process:
        try:
            yield lambda: _read_by(process)
        finally:
            process.kill()


def _started(paths: Sequence[Path]) -> subprocess.Popen[bytes] | None:
    if len(paths) < WORTH_A_PROCESS or len(os.sched_getaffinity(0)) < 2:
        return None
    try:
        with tempfile.TemporaryFile() as wanted:
            wanted.write("\0".join(str(path.absolute()) for path in paths).encode())
            wanted.seek(0)
            # A process that begins anew and no fork: this one may have threads.
            return subprocess.Popen(
                [sys.executable, "-c", _PROGRAM],
                cwd=Path(__file__).parents[1],
                stdin=wanted,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
    except OSError as error:
        log.debug("no second process: %s", error)
        return None


def _read_by(process: subprocess.Popen[bytes]) -> Found:
    try:
        body, _ = process.communicate(timeout=GIVEN_UP)
        return msgspec.msgpack.decode(body, type=Found)
    except (subprocess.TimeoutExpired, msgspec.DecodeError) as error:
        log.debug("entries could not be read by another process: %s", error)
        return []


def main() -> None:
    """The other process: paths on standard input, parted by zeros; entries on standard output."""
    # Here: it is loading that has entries read beside it.
    from procedures_catalog.loading import read_procedure

    def read(path: str) -> Procedure | None:
        try:
            return read_procedure(Path(path))
        except EntryError:
            return None

    gc.disable()
    paths = sys.stdin.buffer.read().decode().split("\0")
    sys.stdout.buffer.write(msgspec.msgpack.encode([read(path) for path in paths]))
