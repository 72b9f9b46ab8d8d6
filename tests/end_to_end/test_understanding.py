"""What is understood of the development questions does not get worse than what was recorded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.warm import warm

ROOT = Path(__file__).parents[2]


def test_no_figure_falls_by_more_than_a_point(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MOTCUA_")}
    run = subprocess.run(
        [
            Path(sys.executable).with_name("motcua"),
            *("evaluate", "evaluation/development.jsonl", "--variants", "clean,folded,typos"),
            *("--baseline", "evaluation/baseline.json", "--misses", str(tmp_path / "misses.csv")),
        ],
        cwd=ROOT,
        env={**environment, "MOTCUA_VAR": str(warm(tmp_path))},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
