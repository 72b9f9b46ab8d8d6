"""A second process of our own program, for the seconds in which a large catalogue is read and indexed.

Nothing depends on it: where it cannot be started, or fails, its work is done here, and takes longer.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)


def started_beside(program: str, stdin: int | IO[bytes]) -> subprocess.Popen[bytes] | None:
    """A process that runs ``program``, its output to be read; None without a second processor for it."""
    if len(os.sched_getaffinity(0)) < 2:
        return None
    try:
        # A process that begins anew and no fork: this one may have threads.
        return subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[1],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        log.debug("no second process: %s", error)
        return None
