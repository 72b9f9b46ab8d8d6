"""The figures for people (tables), for programs (JSON), and the misses (CSV)."""

from __future__ import annotations

import csv
import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cells import harmless
from bot.evaluation.metrics import CAUSES, Figures, Row, cause, confusions, figures, reliability

LABELS = {
    "procedure_top1": "right procedure first",
    "procedure_top3": "right procedure offered",
    "several_found": "all of several procedures",
    "aspects": "aspects, exactly",
    "aspects_f1": "aspects, F1",
    "answered": "answered",
    "wrongly_answered": "wrongly answered",
    "out_of_scope_caught": "out of scope caught",
    "kind": "kind of reply",
    "calibration_error": "calibration error",
    "no_answer": "no answer at all",
}
MOST_CONFUSIONS = 20
_COLUMNS = (
    "variant", "cause", "asked", "typed", "voice", "procedure", "understood", "score", "answered", "offered",
    "aspects", "understood_aspects", "kind", "replied",
)  # fmt: skip

Rows = Mapping[str, Sequence[Row]]


def results(rows: Rows) -> dict[str, Any]:
    """Everything that was measured, ready for JSON."""
    return {
        "questions": len(next(iter(rows.values()))),
        "figures": {variant: figures(of_variant) for variant, of_variant in rows.items()},
        "calibration": {
            variant: [dataclasses.asdict(b) for b in reliability(of_variant)]
            for variant, of_variant in rows.items()
        },
        "causes": {variant: _causes(of_variant) for variant, of_variant in rows.items()},
        "confusions": [
            {"meant": meant, "taken_for": taken, "count": count} for (meant, taken), count in _confused(rows)
        ],
    }


def show(found: dict[str, Any], console: Console) -> None:
    """Prints the tables."""
    console.print(_figures_table(found["figures"], found["questions"]))
    console.print(_causes_table(found["causes"]))
    variant, bins = next(iter(found["calibration"].items()))
    console.print(_calibration_table(variant, bins))
    if found["confusions"]:
        console.print(_confusions_table(found["confusions"]))


def write_misses(path: Path, rows: Rows, texts: Mapping[str, Sequence[str]]) -> int:
    """Writes each miss as a line of CSV, harmless in a spreadsheet; how many there are.

    ``texts``: by variant, the questions as they were typed, in the order of ``rows``.
    """
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for variant, of_variant in rows.items():
            for (question, outcome), text in zip(of_variant, texts[variant], strict=True):
                if (why := cause(question, outcome)) is None:
                    continue
                count += 1
                cells = (
                    variant, why, question.text, text, question.voice,
                    " + ".join("/".join(sorted(ids)) for ids in question.meant), " ".join(outcome.ranked),
                    "" if outcome.score is None else f"{outcome.score:.3f}", " ".join(outcome.answered),
                    " ".join(outcome.offered), " or ".join(" ".join(sorted(a)) for a in question.aspects),
                    " ".join(sorted(outcome.aspects)), "/".join(question.kinds),
                    outcome.error or " ".join(outcome.kinds),
                )  # fmt: skip
                writer.writerow([harmless(cell) for cell in cells])
    return count


def _confused(rows: Rows) -> list[tuple[tuple[str, str], int]]:
    total: Counter[tuple[str, str]] = Counter()
    for of_variant in rows.values():
        total.update(confusions(of_variant))
    return sorted(total.items(), key=lambda item: (-item[1], item[0]))


def _causes(rows: Iterable[Row]) -> dict[str, int]:
    counted = Counter(cause(question, outcome) for question, outcome in rows)
    return {name: counted[name] for name in CAUSES if counted[name]}


def _figures_table(by_variant: Mapping[str, Figures], questions: int) -> Table:
    table = Table(title=f"{questions} questions, %", title_justify="left")
    table.add_column("")
    for variant in by_variant:
        table.add_column(variant, justify="right")
    for name, label in LABELS.items():
        values = [by_variant[variant][name] for variant in by_variant]
        table.add_row(label, *("-" if value is None else f"{value:.1f}" for value in values))
    return table


def _causes_table(by_variant: Mapping[str, Mapping[str, int]]) -> Table:
    table = Table(title="Misses by cause", title_justify="left")
    table.add_column("")
    for variant in by_variant:
        table.add_column(variant, justify="right")
    for name in CAUSES:
        if any(name in counted for counted in by_variant.values()):
            table.add_row(name, *(str(counted.get(name, 0)) for counted in by_variant.values()))
    return table


def _calibration_table(variant: str, bins: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(
        title=f"Score of the best procedure and how often it was right ({variant})", title_justify="left"
    )
    for heading in ("score", "questions", "mean score", "right"):
        table.add_column(heading, justify="right")
    for b in bins:
        span = f"{b['low']:.1f}–{b['high']:.1f}"
        table.add_row(span, str(b["count"]), f"{100 * b['mean_score']:.1f}", f"{100 * b['right']:.1f}")
    return table


def _confusions_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title="Taken for another procedure, all variants", title_justify="left")
    table.add_column("meant", max_width=60)
    table.add_column("taken for")
    table.add_column("times", justify="right")
    for row in rows[:MOST_CONFUSIONS]:
        table.add_row(row["meant"], row["taken_for"], str(row["count"]))
    return table
