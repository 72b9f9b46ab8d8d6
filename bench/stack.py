"""The whole stack: training, start-up, memory of all processes, answers through the gateway."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.support.citizens import talk
from bench.support.processes import APP_PYTHON, ENGINE_PYTHON, Started, started
from bench.support.report import Report
from bot.settings import ROOT
from bot.supervisor import die_with, free_port

TRAIN_WITHIN, START_WITHIN, MOST_MEMORY = 90.0, 30.0, 1.3e9
TRAINING_GIVEN_UP = 600.0
AT_ONCE, MOST_MESSAGES, MOST_SECONDS = 16, 3_000, 20.0
ALONE_MESSAGES, ALONE_SECONDS = 300, 15.0


def run(report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        folder, port = Path(name), free_port()
        report.say("training …")
        training = _train(folder)
        report.say("starting twice …")
        with _demo(folder, port) as first:
            pass
        with _demo(folder, port) as second:
            idle = second.memory()
            report.say("measuring …")
            talk(port, _ask, 4, 40, MOST_SECONDS)
            many = talk(port, _ask, AT_ONCE, MOST_MESSAGES, MOST_SECONDS)
            alone = talk(port, _ask, 1, ALONE_MESSAGES, ALONE_SECONDS)
            loaded, resident = second.memory(), second.resident()
    for what, found in (
        ("training", f"{training:.0f} s"),
        ("start with an empty folder", f"{first.seconds:.1f} s"),
        ("start again", f"{second.seconds:.1f} s"),
        ("memory of all processes, idle (PSS)", f"{idle / 1e6:.0f} MB"),
        ("memory of all processes, after the talk (PSS)", f"{loaded / 1e6:.0f} MB"),
        ("memory of all processes, after the talk (RSS)", f"{resident / 1e6:.0f} MB"),
        (f"messages/s through the gateway, {AT_ONCE} at once", f"{many.per_second:.0f}"),
        ("median through the gateway, 1 at once", f"{alone.percentile(50) * 1000:.1f} ms"),
        ("95th through the gateway, 1 at once", f"{alone.percentile(95) * 1000:.1f} ms"),
    ):
        report.row(what, stack=found)
    report.limit("training within 90 s", f"{training:.0f} s", training <= TRAIN_WITHIN)
    report.limit("a second start within 30 s", f"{second.seconds:.1f} s", second.seconds <= START_WITHIN)
    # What is shared counts in each process here, so this is more than they take.
    report.limit("all processes under 1.3 GB", f"{resident / 1e9:.2f} GB", resident < MOST_MEMORY)


def _train(folder: Path) -> float:
    began = time.perf_counter()
    with (folder / "training.log").open("wb") as log:
        code = subprocess.run(
            [ENGINE_PYTHON, "-m", "bot.engine.train", "--out", folder / "model.tar.gz"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=TRAINING_GIVEN_UP,
            preexec_fn=die_with(os.getpid()),
            check=False,
        ).returncode
    if code:
        sys.exit(
            f"bench: training failed:\n{(folder / 'training.log').read_text('utf-8', 'replace')[-2000:]}"
        )
    return time.perf_counter() - began


@contextlib.contextmanager
def _demo(folder: Path, port: int) -> Iterator[Started]:
    argv = [Path(APP_PYTHON).with_name("motcua"), "demo", "--port", port]
    url = f"http://127.0.0.1:{port}/readyz"
    with started(argv, url, folder / "demo.log", MOTCUA_VAR=str(folder / "var")) as process:
        yield process


def _ask(conversation: str, text: str) -> tuple[str, dict[str, str], dict]:
    return "/api/v1/messages", {}, {"session": conversation, "text": text}
