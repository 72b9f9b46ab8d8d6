"""The rest of the command line: help, the catalogue, the doctor."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bot.cli.doctor
from bot.cli import app
from bot.mailbox import Mailbox, notice
from tests.warm import warm

MOTCUA = Path(sys.executable).parent / "motcua"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return {**kept, "MOTCUA_VAR": str(warm(tmp_path / "var"))}


def motcua(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MOTCUA, *words], env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "words",
    [(), ("demo",), ("serve",), ("chat",), ("ask",), ("train",), ("doctor",), ("catalog",), ("dossiers",)]
    + [("catalog", name) for name in ("lint", "list", "show", "search")],
)
def test_help_everywhere(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*words, "--help"])
    assert done.exit_code == 0 and "Usage" in done.stdout


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("bot.cli", ("httpx", "pydantic", "sqlalchemy", "sklearn")), ("bot.cli.run", ("sqlalchemy", "sklearn"))],
    ids=["--help is quick", "the supervisor is small"],
)
def test_nothing_heavy_is_loaded(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_catalog_list_show_and_search(environment: dict[str, str]) -> None:
    listed = json.loads(motcua(environment, "catalog", "list", "--json").stdout)
    assert "dang-ky-khai-sinh" in {row["id"] for row in listed}
    shown = json.loads(motcua(environment, "catalog", "show", "1.001193", "--json").stdout)
    assert shown["id"] == "dang-ky-khai-sinh" and shown["checked_on"]
    found = motcua(environment, "catalog", "search", "lam", "khai sinh", "--json", "--limit", "2")
    assert len(json.loads(found.stdout)) == 2
    plain = motcua(environment, "catalog", "show", "dang-ky-khai-sinh").stdout
    assert plain.startswith("id: dang-ky-khai-sinh\n") and "Tờ khai" in plain


def test_an_unknown_entry_is_one_line_and_status_1(environment: dict[str, str]) -> None:
    done = motcua(environment, "catalog", "show", "none-such")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "motcua: no procedure has the id or code 'none-such'\n"


def test_doctor_says_what_to_do_about_each_fault(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment["MOTCUA_DATABASE_URL"] = f"sqlite:///{tmp_path}"
    environment["MOTCUA_CENTRE_FILE"] = str(tmp_path / "none.yml")
    environment["MOTCUA_ZALO_APP_ID"] = "123"
    environment["MOTCUA_TELEGRAM_TOKN"] = "1:x"
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr(bot.cli.doctor, "ENGINE_PYTHON", tmp_path / "none")
    monkeypatch.setattr(bot.cli.doctor, "model_state", lambda learned: "missing")
    findings = {finding.subject: finding for finding in bot.cli.doctor.examine()}
    faults = {subject for subject, finding in findings.items() if finding.state == "fault"}
    assert faults == {"database", "centre", "engine", "model", "zalo"}
    assert all(findings[subject].advice for subject in faults)
    assert "make setup" in findings["engine"].advice and "motcua train" in findings["model"].advice
    assert "MOTCUA_TELEGRAM_TOKEN" in findings["settings"].advice


def test_doctor_tells_what_the_mailbox_gave_up_and_that_it_is_paused(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment["MOTCUA_DATABASE_URL"] = url = f"sqlite:///{tmp_path}/m.db"

    async def some_days_later() -> None:
        mailbox = Mailbox(url, tmp_path)
        for person, reason in (("zalo:a", "-221: not verified"), ("zalo:b", "blocked")):
            await mailbox.accept("zalo", person, person, "text", {"text": "chào"})
            await mailbox.letters.post(person, [notice("một")])
            (letter,) = await mailbox.letters.claim("zalo", 1)
            await mailbox.letters.dead(letter, reason)
        await mailbox.people.pause()
        with mailbox.core.ledger.engine().begin() as connection:
            connection.exec_driver_sql("UPDATE inbox SET accepted_at = accepted_at - 7200")
        await mailbox.close()

    asyncio.run(some_days_later())
    monkeypatch.setattr(os, "environ", environment)
    told = [(f.state, f.words) for f in bot.cli.doctor.examine() if f.subject == "mailbox"]
    assert told == [
        ("note", "the assistant is paused on every channel"),
        ("note", "1 replies on zalo were given up: -221: not verified"),
        ("note", "2 messages and replies wait, the oldest for 120 minutes"),
    ]


def test_doctor_ends_with_status_1_on_a_fault(environment: dict[str, str]) -> None:
    done = motcua({**environment, "MOTCUA_PORT": "x"}, "doctor")
    assert done.returncode == 1 and "MOTCUA_PORT" in done.stdout and "→" in done.stdout
