"""Starting the engine: what is missing is said in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.engine.project import ROOT, SECRET, Engine, send


def launch(model: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return subprocess.run(
        [sys.executable, "-m", "bot.engine.launcher", "--model", str(model), "--port", "1",
         "--actions-url", "http://127.0.0.1:1"],
        cwd=ROOT, env={**clean, "MOTCUA_ENGINE_DATABASE_URL": "sqlite://", **environment},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_without_a_secret_it_does_not_start(tmp_path: Path) -> None:
    done = launch(tmp_path)
    assert done.returncode == 1
    assert "MOTCUA_ENGINE_SECRET" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_database_it_does_not_start(tmp_path: Path) -> None:
    done = launch(tmp_path, MOTCUA_ENGINE_SECRET=SECRET, MOTCUA_ENGINE_DATABASE_URL="")
    assert done.returncode == 1
    assert "MOTCUA_ENGINE_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_model_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = launch(tmp_path / "models", MOTCUA_ENGINE_SECRET=SECRET)
    assert done.returncode == 1
    assert "motcua train" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_listens_on_this_machine_alone(engine: Engine) -> None:
    """In /proc/net/tcp a listener on every address is 00000000."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    mine = [
        row.split()[1]
        for row in lines
        if row.split()[1].endswith(f":{engine.port:04X}") and row.split()[3] == "0A"
    ]
    assert mine == [f"0100007F:{engine.port:04X}"]
    assert send(f"{engine.url}/")[0] == 200
