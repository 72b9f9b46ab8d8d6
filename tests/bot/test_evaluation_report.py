from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.cells import harmless
from bot.evaluation.outcome import Outcome
from bot.evaluation.questions import Question
from bot.evaluation.report import results, show, write_misses

RIGHT = Question("làm khai sinh?", (frozenset({"khai-sinh"}),), (frozenset({"documents"}),), ("answer",))
NOT_OURS = Question('=HYPERLINK("http://x")', (), (frozenset(),), ("unknown",), "angry")
HIT = Outcome(("answer",), ("khai-sinh",), 0.9, ("khai-sinh",), (), frozenset({"documents"}))
ROWS = {"clean": [(RIGHT, HIT), (NOT_OURS, HIT)], "folded": [(RIGHT, Outcome(error="busy")), (NOT_OURS, HIT)]}
TEXTS = {"clean": [RIGHT.text, NOT_OURS.text], "folded": ["lam khai sinh?", "-1+1"]}


def test_results_survive_json() -> None:
    found = results(ROWS)
    assert json.loads(json.dumps(found)) == found
    assert found["questions"] == 2
    assert found["figures"]["clean"]["procedure_top1"] == 100.0
    assert found["causes"] == {
        "clean": {"out of scope, answered": 1},
        "folded": {"no answer": 1, "out of scope, answered": 1},
    }
    assert {"meant": "-", "taken_for": "khai-sinh", "count": 2} in found["confusions"]


def test_the_tables_name_every_variant_and_figure() -> None:
    out = io.StringIO()
    show(results(ROWS), Console(file=out, width=120))
    printed = out.getvalue()
    for words in (
        "clean",
        "folded",
        "right procedure first",
        "wrongly answered",
        "100.0",
        "0.9",
        "no answer",
    ):
        assert words in printed


def test_misses_are_written_with_what_was_typed_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "misses.csv"
    assert write_misses(path, ROWS, TEXTS) == 3
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["variant"], row["cause"], row["typed"]) for row in rows] == [
        ("clean", "out of scope, answered", "'" + NOT_OURS.text),
        ("folded", "no answer", "lam khai sinh?"),
        ("folded", "out of scope, answered", "'-1+1"),
    ]
    assert rows[0]["understood"] == "khai-sinh"
    assert rows[1]["replied"] == "busy"


@given(st.text())
def test_no_cell_can_be_a_formula(cell: str) -> None:
    safe = harmless(cell)
    assert safe.endswith(cell)
    assert not safe.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
