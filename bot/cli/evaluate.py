"""``motcua evaluate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.say import say

ALL = "clean,folded,telex,vni,typos,teencode"


def evaluate(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.jsonl", help="Labelled questions, one JSON object a line.")
    ],
    variants: Annotated[str, typer.Option(help="How the questions are typed, with commas.")] = ALL,
    misses: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="Write each miss here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Figures and configuration as JSON.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Questions on their way at once.")] = 8,
    running: Annotated[
        bool,
        typer.Option(
            "--running", help="Ask the assistant that runs, not one of its own with an empty database."
        ),
    ] = False,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Fail when a figure is over a point worse than recorded here."),
    ] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Record the figures as a baseline.")
    ] = None,
) -> None:
    """How well questions are understood: accuracy by variant, wrong answers, calibration, misses."""
    from rich.console import Console

    from bot.evaluation.baseline import compare, read_baseline, record_baseline
    from bot.evaluation.report import results, show, write_misses
    from bot.evaluation.run import SEED, evaluate_file, keep, sha256_of
    from bot.settings import load_settings

    settings, chosen = load_settings(), _chosen(variants)
    for path in (misses, record):
        if path and not path.absolute().parent.is_dir():
            raise typer.BadParameter(f"the folder of {path} is not there")
    # Before the long work, so that a baseline of another set is told at once.
    recorded = read_baseline(baseline, file.name, sha256_of(file), SEED) if baseline else {}
    run = evaluate_file(file, chosen, workers, running, settings, say)
    found = results(run.rows)
    place = keep(run, found, settings.var.absolute() / "evaluation")
    if as_json:
        from dataclasses import asdict

        typer.echo(json.dumps({"config": asdict(run.configuration), **found}, ensure_ascii=False, indent=1))
    else:
        show(found, Console(highlight=False))
    if misses:
        count = write_misses(misses, run.rows, run.texts)
        say(f"{count} misses: {misses}")
    say(f"Kept in {place}")
    unanswered = [outcome.error for rows in run.rows.values() for _, outcome in rows if outcome.error]
    if unanswered:
        say(f"motcua: {len(unanswered)} message(s) got no answer ({', '.join(sorted(set(unanswered)))})")
    worse = compare(recorded, found["figures"])
    for line in worse:
        say(f"motcua: worse than recorded by more than a point: {line}")
    if record and not worse and not unanswered:
        record_baseline(record, file.name, run.configuration.sha256, SEED, found["figures"])
        say(f"Recorded in {record}")
    if worse or unanswered:
        raise typer.Exit(1)


def _chosen(variants: str) -> list[str]:
    """The named variants, each once.

    Raises:
        typer.BadParameter: one of them does not exist.
    """
    from vietnamese.noise import VARIANTS

    names = list(dict.fromkeys(name.strip() for name in variants.split(",") if name.strip()))
    unknown = [name for name in names if name not in VARIANTS]
    if unknown or not names:
        fault = f"{unknown[0]!r} is not a variant" if unknown else "no variant is named"
        raise typer.BadParameter(f"{fault}; choose from {','.join(VARIANTS)}", param_hint="--variants")
    return names
