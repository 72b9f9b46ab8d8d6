"""``motcua ask`` and ``motcua chat``, with a running stack and without one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.channels.fake_telegram import FakeTelegram
from tests.bot.channels.fake_zalo import FakeZalo
from tests.bot.channels.rig import settings_for
from tests.bot.channels.serving import served
from tests.bot.running import SECRET, FakeEngine
from tests.warm import warm

MOTCUA = Path(sys.executable).parent / "motcua"


@pytest.fixture(scope="module")
def environment(steady_engine: FakeEngine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return {
        **kept,
        "MOTCUA_VAR": str(warm(tmp_path_factory.mktemp("var"))),
        "MOTCUA_ENGINE_URLS": steady_engine.url,
        "MOTCUA_ACTIONS_URL": steady_engine.url,
        "MOTCUA_ENGINE_SECRET": SECRET,
    }


@pytest.fixture(scope="module")
def stack(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of commands that find a running stack."""
    demo = subprocess.Popen(
        [MOTCUA, "demo", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert demo.stdout is not None and demo.stdout.readline().startswith("Ready: ")
    yield environment
    demo.terminate()
    demo.wait()
    demo.stdout.close()


def motcua(env: dict[str, str], *words: str, given: str | bytes = "") -> subprocess.CompletedProcess[str]:
    data = given.encode() if isinstance(given, str) else given
    done = subprocess.run([MOTCUA, *words], env=env, input=data, capture_output=True, timeout=90, check=False)
    return subprocess.CompletedProcess(words, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_one_question_in_words(stack: dict[str, str]) -> None:
    done = motcua(stack, "ask", "làm", "khai sinh", "cần gì")
    assert done.returncode == 0 and done.stderr == ""
    assert "1. Tờ khai đăng ký khai sinh (1 bản chính)" in done.stdout
    assert (
        "Nguồn: Cổng Dịch vụ công quốc gia https://dichvucong.gov.vn/x (kiểm tra ngày 20/11/2026)"
        in done.stdout
    )
    assert "\x1b" not in done.stdout


def test_a_file_of_questions_as_json_lines_in_order(
    stack: dict[str, str], tmp_path: Path, steady_engine: FakeEngine
) -> None:
    questions = ["wait 0.4 một", "hai", "", "khai sinh", "  bốn  "]
    file = tmp_path / "questions.txt"
    file.write_text("\r\n".join(questions), encoding="utf-8-sig")
    done = motcua(stack, "ask", "--file", str(file), "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [row["question"] for row in rows] == ["wait 0.4 một", "hai", "khai sinh", "bốn"]
    assert all(set(row) == {"question", "replies", "understood"} for row in rows)
    asked = [s for s in steady_engine.seen() if s.get("text") in ("hai", "bốn", "wait 0.4 một")]
    sessions = [s["conversation"] for s in asked if s["conversation"].startswith("web:ask-")]
    assert len(set(sessions)) == len(sessions) == 3


@pytest.mark.parametrize("words", [("ask", "--file", "-"), ("ask", "-")])
def test_standard_input(stack: dict[str, str], words: tuple[str, ...]) -> None:
    done = motcua(stack, *words, "--json", given="xin chào\n")
    assert json.loads(done.stdout)["replies"][0]["text"] == "Em nghe: xin chào"


def test_a_question_without_an_answer_is_told_and_the_others_are_answered(stack: dict[str, str]) -> None:
    done = motcua(stack, "ask", "--file", "-", "--json", given="fail\nhai\n" + "x" * 1001 + "\n")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [row.get("error", {}).get("code") for row in rows] == ["engine_error", None, "text_too_long"]


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("ask", "a", "--file", "b"),
        ("ask", "--nothing"),
        ("nothing",),
        ("chat", "--session", "quầy 1"),
    ],
)
def test_wrong_usage_is_status_2(stack: dict[str, str], words: tuple[str, ...]) -> None:
    done = motcua(stack, *words)
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_files_that_cannot_be_read(stack: dict[str, str], tmp_path: Path) -> None:
    done = motcua(stack, "ask", "--file", str(tmp_path / "none.txt"))
    assert done.returncode == 1 and "none.txt" in done.stderr and "Traceback" not in done.stderr
    done = motcua(stack, "ask", "--file", "-", given=b"\xff\xfe\n")
    assert done.returncode == 1 and "UTF-8" in done.stderr


def test_bytes_that_are_no_text_are_told_or_passed_over(stack: dict[str, str]) -> None:
    done = motcua(stack, "ask", "khai \udcff sinh")
    assert (
        done.returncode == 1 and done.stderr == "motcua: what was typed holds bytes that are not UTF-8 text\n"
    )
    done = motcua(stack, "chat", given=b"khai \xff sinh\nkhai sinh\n")
    assert done.returncode == 0 and "Nộp ở đâu" in done.stdout


def test_chat_taps_buttons_by_number_and_ends_with_its_input(
    stack: dict[str, str], steady_engine: FakeEngine
) -> None:
    done = motcua(stack, "chat", "--session", "quay-1", given="khai sinh\n\n2\n9\nfail\n")
    assert done.returncode == 0
    assert "2. Nộp ở đâu" in done.stdout
    assert "Nút ask: procedure=dang-ky-khai-sinh, aspect=place, aspect=time" in done.stdout
    assert "Em nghe: 9" in done.stdout
    assert "Trợ lý đang gặp lỗi" in done.stdout
    assert [s for s in steady_engine.seen() if s["conversation"] == "web:quay-1"]


def test_without_a_stack_one_is_started_for_the_call_and_stopped(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """It leaves the centre's channels alone: two that poll with one token end each other."""
    zalo, telegram = FakeZalo(), FakeTelegram()
    alone = {**environment, "MOTCUA_VAR": str(warm(tmp_path))}
    with served(zalo.app()) as zalo_url, served(telegram.app()) as telegram_url:
        alone |= settings_for(zalo_url, telegram_url, telegram_mode="polling").environment() | alone
        done = motcua(alone, "ask", "xin chào", "--json")
    assert (telegram.calls, telegram.polls, zalo.refreshes) == ([], 0, 0)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["question"] == "xin chào"
    assert "Starting" in done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(("call-", "stack-"))] == []
