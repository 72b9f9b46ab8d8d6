"""Starting what is measured, and measuring how much memory it takes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bot.settings import ROOT
from bot.supervisor import die_with, free_port

READY_WITHIN = 180.0
STOPPED_WITHIN = 20.0
SECRET = "shared-for-the-bench"
APP_PYTHON = sys.executable
ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"
MODEL = ROOT / "models" / "motcua.tar.gz"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Started:
    """A process that is measured, and the seconds until it could answer."""

    process: subprocess.Popen[bytes]
    seconds: float

    def memory(self) -> int:
        """Bytes of it and everything below it; what is shared counts once (PSS)."""
        return sum(process.memory_full_info().pss for process in self._all())

    def resident(self) -> int:
        """Bytes of it and everything below it; what is shared counts in each (RSS)."""
        return sum(process.memory_info().rss for process in self._all())

    def _all(self) -> list[psutil.Process]:
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]


@contextlib.contextmanager
def started(
    argv: Sequence[object], ready_url: str, log: Path, within: float = READY_WITHIN, **env: str
) -> Iterator[Started]:
    """Runs a command until the end of the ``with``; entered when ``ready_url`` answers 200."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in argv],
            cwd=ROOT,
            env={**clean, "RASA_TELEMETRY_ENABLED": "false", **env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with(os.getpid()),
        )
    try:
        _until_ready(process, ready_url, log, within)
        yield Started(process, time.perf_counter() - began)
    finally:
        _stop(process)


def _until_ready(process: subprocess.Popen[bytes], url: str, log: Path, within: float) -> None:
    give_up = time.monotonic() + within
    while not answers(url):
        if process.poll() is not None or time.monotonic() > give_up:
            sys.exit(f"bench: {url} does not answer:\n{log.read_text('utf-8', 'replace')[-2000:]}")
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        with _DIRECT.open(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for left in below:
        with contextlib.suppress(psutil.NoSuchProcess):
            left.kill()


@contextlib.contextmanager
def actions(folder: Path) -> Iterator[str]:
    """The action server on data of its own; the address of its webhook."""
    port = free_port()
    argv = [APP_PYTHON, "-m", "actions.server", "--port", port]
    settings = {"MOTCUA_DATABASE_URL": f"sqlite:///{folder}/bench.db", "MOTCUA_VAR": str(folder)}
    with started(argv, f"http://127.0.0.1:{port}/health", folder / "actions.log", **settings):
        yield f"http://127.0.0.1:{port}/webhook"
