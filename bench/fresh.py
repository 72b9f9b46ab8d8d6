"""A fresh clone: `make demo` from nothing but the package cache until it can answer."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.support.processes import started
from bench.support.report import Report
from bot.settings import ROOT
from bot.supervisor import free_port

AT_MOST, GIVEN_UP = 240.0, 900.0


def run(report: Report) -> None:
    """Both environments, the model, the database and the first answer; what is committed here is cloned."""
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        clone, port = Path(name) / "clone", free_port()
        report.say("cloning …")
        if subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=False).returncode:
            sys.exit(f"bench: {ROOT} is no clone that could be cloned")
        report.say("make demo …")
        log, url = Path(name) / "demo.log", f"http://127.0.0.1:{port}/readyz"
        argv = ["make", "-C", clone, "demo", f"ARGS=--port {port}"]
        with started(argv, url, log, within=GIVEN_UP) as process:
            seconds = process.seconds
    report.row("fresh clone to ready", stack=f"{seconds:.0f} s")
    report.limit("ready within 4 minutes", f"{seconds:.0f} s", seconds <= AT_MOST)
