from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app

LINES = [
    {"text": "làm khai sinh cần gì?", "procedure": "1.001193", "aspects": ["documents"]},
    {"text": "khai sinh bao nhiêu tiền?", "procedure": "dang-ky-khai-sinh", "aspects": ["fee"]},
    {"text": "thời tiết?", "procedure": None, "aspects": []},
]
Evaluate = Callable[..., Result]


@pytest.fixture
def evaluate(gateway: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evaluate:
    """The command in an empty folder, beside a running gateway whose engine knows "khai sinh" only."""
    monkeypatch.setenv("MOTCUA_VAR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "stack-1.json").write_text(json.dumps({"pid": os.getpid(), "url": gateway}))
    write(tmp_path / "q.jsonl", LINES)
    return lambda *argv: CliRunner().invoke(app, ["evaluate", *argv])


def write(path: Path, lines: list[dict]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def test_figures_misses_and_the_kept_run(evaluate: Evaluate, tmp_path: Path) -> None:
    variants = "clean,folded"
    result = evaluate("q.jsonl", "--running", "--variants", variants, "--misses", "m.csv", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    # Without diacritics "khai sinh" stays what it is.
    assert found["figures"]["folded"] == found["figures"]["clean"]
    assert found["figures"]["clean"]["procedure_top1"] == 100.0
    assert found["figures"]["clean"]["aspects"] == 50.0
    assert found["figures"]["clean"]["out_of_scope_caught"] == 100.0
    assert found["config"]["variants"] == ["clean", "folded"]
    with (tmp_path / "m.csv").open(encoding="utf-8-sig") as file:
        misses = [(row["variant"], row["cause"], row["typed"]) for row in csv.DictReader(file)]
    assert misses == [
        ("clean", "aspects", "khai sinh bao nhiêu tiền?"),
        ("clean", "kind", "thời tiết?"),
        ("folded", "aspects", "khai sinh bao nhieu tien?"),
        ("folded", "kind", "thoi tiet?"),
    ]
    (kept,) = (tmp_path / "var" / "evaluation").iterdir()
    assert json.loads((kept / "config.json").read_text()) == found["config"]
    assert json.loads((kept / "results.json").read_text())["figures"] == found["figures"]


def test_a_baseline_is_recorded_and_guards(evaluate: Evaluate, tmp_path: Path) -> None:
    clean = ("q.jsonl", "--running", "--variants", "clean")
    assert evaluate(*clean, "--record", "b.json").exit_code == 0
    assert evaluate(*clean, "--baseline", "b.json").exit_code == 0
    recorded = json.loads((tmp_path / "b.json").read_text())
    recorded["q.jsonl"]["figures"]["clean"]["aspects"] = 51.01
    (tmp_path / "b.json").write_text(json.dumps(recorded))
    worse = evaluate(*clean, "--baseline", "b.json", "--record", "b.json")
    assert worse.exit_code == 1
    assert "clean: aspects was 51.01, is 50.00" in worse.stderr
    # What is worse than recorded does not become the record.
    assert json.loads((tmp_path / "b.json").read_text()) == recorded


def test_messages_without_an_answer_fail_the_run(evaluate: Evaluate, tmp_path: Path) -> None:
    write(tmp_path / "q.jsonl", [*LINES, {"text": "fail", "procedure": None, "aspects": []}])
    result = evaluate("q.jsonl", "--running", "--variants", "clean", "--record", "b.json")
    assert result.exit_code == 1
    assert "1 message(s) got no answer" in result.stderr
    assert not (tmp_path / "b.json").exists()


def test_procedures_that_are_not_in_the_catalogue_are_told(evaluate: Evaluate, tmp_path: Path) -> None:
    write(tmp_path / "q.jsonl", [{"text": "khai sinh", "procedure": "9.999999", "aspects": ["documents"]}])
    result = evaluate("q.jsonl", "--running", "--variants", "clean")
    assert result.exit_code == 0
    assert "9.999999" in result.stderr


def test_without_a_running_assistant_running_is_refused_in_words(evaluate: Evaluate, tmp_path: Path) -> None:
    (tmp_path / "var" / "stack-1.json").unlink()
    result = evaluate("q.jsonl", "--running", "--variants", "clean")
    assert result.exit_code == 1
    assert result.stderr.startswith("motcua: no running assistant was found")


@pytest.mark.parametrize(
    ("argv", "status", "told"),
    [
        (["q.jsonl", "--variants", "clean,loud"], 2, "'loud' is not a variant"),
        (["q.jsonl", "--variants", ","], 2, "no variant is named"),
        (["q.jsonl", "--workers", "0"], 2, "workers"),
        (["q.jsonl", "--misses", "nowhere/m.csv"], 2, "the folder of nowhere/m.csv is not there"),
        (["absent.jsonl", "--running"], 1, "motcua: absent.jsonl: No such file"),
        (["q.jsonl", "--running", "--baseline", "absent.json"], 1, "motcua: absent.json: No such file"),
        (["bad.jsonl", "--running"], 1, "motcua: bad.jsonl, line 1: is not JSON"),
        ([], 2, "Missing argument"),
    ],
)
def test_wrong_use_is_told(evaluate: Evaluate, argv: list[str], status: int, told: str) -> None:
    Path("bad.jsonl").write_text("khai sinh")
    result = evaluate(*argv)
    assert result.exit_code == status
    assert told in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
