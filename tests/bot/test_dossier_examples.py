"""Every example of docs/dossiers.md, run."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from actions.texts import Texts
from bot.cli import app
from bot.gateway.push import Push
from bot.gateway.services import Services
from bot.settings import ROOT
from dossiers import WorkCalendar, lookup, open_database
from dossiers.view import LiveView
from tests.bot.running import FakeEngine, client_of

PAGE = (ROOT / "docs" / "dossiers.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: ([^>]+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))
TOKEN = "a-token-of-at-least-24-letters"


def test_every_example_is_run() -> None:
    code = Path(__file__).read_text("utf-8")
    assert len(EXAMPLES) == 8
    assert [name for name in EXAMPLES if f'"{name}"' not in code] == []


def test_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTCUA_DATABASE_URL", f"sqlite:///{tmp_path}/motcua.db")
    for name in ("export.csv", "mapping.yml"):
        Path(name).write_text(EXAMPLES[name], encoding="utf-8")
    command, *printed = EXAMPLES["dry run"].rstrip().splitlines()
    words = command.removeprefix("$ motcua ").split()
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0
    assert (done.stdout + done.stderr).rstrip().splitlines() == printed
    for expected in ("Done: 2 new, 0 changed, 0 unchanged", "Done: 0 new, 0 changed, 2 unchanged"):
        written = [word for word in words if word != "--dry-run"]
        done = CliRunner().invoke(app, written, catch_exceptions=False)
        assert done.stdout.startswith(expected)


def test_pushed(make_services: Callable[..., Services], steady_engine: FakeEngine, tmp_path: Path) -> None:
    push = Push(f"sqlite:///{tmp_path}/motcua.db", TOKEN)
    with client_of(replace(make_services(steady_engine.url), push=push)) as http:
        answer = http.put(
            "/api/v1/dossiers",
            content=EXAMPLES["batch.json"].encode(),
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
    assert answer.json() == json.loads(EXAMPLES["answer.json"])


def test_a_live_view(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "theirs.db") as theirs:
        theirs.executescript(EXAMPLES["theirs.sql"])
    theirs.close()
    (tmp_path / "view.yml").write_text(EXAMPLES["view.yml"], encoding="utf-8")
    now = datetime(2026, 11, 21, 10)
    view = LiveView(f"sqlite:///{tmp_path}/theirs.db", tmp_path / "view.yml", now=lambda: now, timeout=60)
    ours = open_database(f"sqlite:///{tmp_path}/motcua.db")
    with ours.read() as session:
        status = lookup(session, "h99.10.01.05 261102 0006", now, WorkCalendar(), view=view)
    assert Texts().say("dossiers", "status", status) == EXAMPLES["reply"].strip()
    view.close()
    ours.close()
