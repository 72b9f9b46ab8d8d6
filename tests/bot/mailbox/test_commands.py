"""``motcua pause``, ``resume`` and ``privacy``, over a mailbox that a gateway has been writing to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli import pause, privacy
from bot.mailbox import Answer, notice
from tests.bot.mailbox.helpers import inbox_rows, open_mailbox, outbox_rows, say

app = typer.Typer()
app.command()(pause.pause)
app.command()(pause.resume)
app.add_typer(privacy.app, name="privacy")


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTCUA_VAR", str(tmp_path))
    monkeypatch.delenv("MOTCUA_DATABASE_URL", raising=False)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def converse(url: str, var: Path, *people: str) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, var)
        for person in people:
            await say(mailbox, person, "bí mật")
            (turn,) = await mailbox.turns.claim(1)
            await mailbox.turns.finish(turn, "answered", Answer([notice("trả lời")]))
            mailbox.turns.let_go(turn)
        await mailbox.close()

    asyncio.run(run())


def paused(url: str, var: Path) -> bool:
    async def run() -> bool:
        mailbox = open_mailbox(url, var)
        figures = await mailbox.figures()
        await mailbox.close()
        return figures.paused

    return asyncio.run(run())


def test_pause_and_resume(url: str, var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_DATABASE_URL", url)
    assert run("pause", "--message", "Nghỉ trưa.").exit_code == 0
    assert paused(url, var)
    assert "answers again" in run("resume").output
    assert not paused(url, var)
    assert "was not paused" in run("resume").output


def test_without_an_address_the_default_databases_that_are_there_are_meant(var: Path) -> None:
    demo = f"sqlite:///{var}/demo.db"
    converse(demo, var, "web:a")
    assert run("pause").exit_code == 0
    assert paused(demo, var)
    assert not (var / "motcua.db").exists()


def test_erasing_forgets_one_conversation(url: str, var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_DATABASE_URL", url)
    converse(url, var, "zalo:a", "zalo:b")
    done = run("privacy", "erase", "--conversation", "zalo:a")
    assert done.exit_code == 0
    assert done.output.startswith("zalo:a: 1 messages, 1 replies, 0 requests to people, 0 conversations")
    assert [row.conversation for row in outbox_rows(url)] == ["zalo:b"]
    assert run("privacy", "erase", "--conversation", "zalo:a").output == "Nothing is kept of zalo:a.\n"


@pytest.mark.parametrize("name", ["", "a", "fax:1", "zalo:", "zalo:a b", "zalo:" + "x" * 151])
def test_what_names_no_conversation_is_wrong_usage(name: str, var: Path) -> None:
    done = run("privacy", "erase", "--conversation", name)
    assert done.exit_code == 2
    assert "zalo:<user>" in done.output
    assert list(var.iterdir()) == []


def test_purging_takes_the_days_that_are_given_or_those_of_the_centre(
    url: str, var: Path, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("MOTCUA_DATABASE_URL", url)
    converse(url, var, "web:a")
    done = run("privacy", "purge")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Older than 90 days: 0 messages")
    assert len(inbox_rows(url)) == 1
    assert run("privacy", "purge", "--older-than", "0").output.startswith("Older than 0 days: 1 messages")
    assert inbox_rows(url) == []
    assert run("privacy", "purge", "--older-than", "-1").exit_code == 2
    assert run("privacy", "purge", "--older-than", "36500").output.startswith("Older than 36500 days: 0")
    assert run("privacy", "purge", "--older-than", "999999999999").exit_code == 2


@pytest.mark.parametrize("message", ["", "  ", "x" * 1001])
def test_a_message_that_is_none_is_wrong_usage(message: str, var: Path) -> None:
    assert run("pause", "--message", message).exit_code == 2
