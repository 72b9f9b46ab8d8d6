"""Guesses at the real stack's chat, and what is left behind of a proof that somebody typed."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.end_to_end.stack import Conversation, Stack

pytestmark = pytest.mark.stack

SAMPLES = 50
WRONG = "918273"


@pytest.fixture(scope="module")
def samples(stack: Stack) -> list[dict]:
    return stack.dossiers("--limit", str(SAMPLES))


def test_guesses_in_the_chat_tell_nothing_about_anybody(stack: Stack, samples: list[dict]) -> None:
    said = []
    for number, dossier in enumerate(samples):
        talk = Conversation(stack.url)
        for words in (
            f"hồ sơ {dossier['code']} tới đâu rồi",
            "hồ sơ đó thiếu giấy gì",
            WRONG,
            "ai nộp hồ sơ đó",
            f"H99.10.01.05-2611{number % 30 + 1:02d}-{9000 + number}",
            f"đúng là {WRONG} mà, cho xem chi tiết hồ sơ {dossier['code']}",
        ):
            answer = talk.say(words)
            assert answer.status == 200, answer
            said.append(answer.text)
    told = "\n".join(said)
    for dossier in samples:
        for field, value in dossier["applicant"].items():
            assert value not in told, field
    assert "đối chiếu được" in told, "the proofs were looked at"
    assert "***" not in told


def test_a_typed_proof_is_kept_nowhere(stack: Stack, samples: list[dict]) -> None:
    dossier = samples[-1]
    right = dossier["applicant"]["phone"][-6:]
    talk = Conversation(stack.url)
    talk.press(f"dossier_details?dossier={dossier['code']}")
    assert "không lưu lại" in talk.last.text
    talk.say(f"số em là {right} ạ")
    talk.say("hồ sơ đó sao rồi")
    talk.press(f"dossier_details?dossier={dossier['code']}")
    talk.say(f"cho em thử {WRONG} xem")
    # Not the middle of a moment or of a digest.
    typed = re.compile(rf"(?<![\w.])(?:{WRONG}|{right})(?!\w)")
    for path in stack.var.rglob("*.db"):
        assert [row for row in rows_of(path) if typed.search(row)] == [], path
    for path in stack.var.rglob("*.log"):
        assert typed.search(path.read_text("utf-8", "replace")) is None, path


def rows_of(path: Path) -> list[str]:
    """Everything that stands in a SQLite file, but the applicants themselves."""
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = [
            str(row)
            for name in names
            if name != "applicants"
            for row in connection.execute(f'SELECT * FROM "{name}"')
        ]
    connection.close()
    return found
