"""``motcua questions``: what was not understood, and what was learned of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.say import say

app = typer.Typer(no_args_is_help=True, help="Questions that were not understood, and what they mean.")


class State(StrEnum):
    WAITING = "waiting"
    LABELLED = "labelled"
    APPROVED = "approved"


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    JSONL = "jsonl"


_Which = Annotated[State, typer.Option(help="Which.")]


@app.command("list")
def list_them(
    state: _Which = State.WAITING,
    limit: Annotated[int, typer.Option(min=1, help="At most so many groups.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Similar questions together, the most frequent first; without what could name a person."""
    from bot.desk.questions import groups

    found = _read(groups, state.value)[:limit]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for group in found:
        meaning = group["procedure"] or group["verdict"] or "/".join(group["why"])
        typer.echo(f"{group['count']:>4}  {meaning:<28} {group['text']}")


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="FILE.json, FILE.csv or FILE.jsonl; - is standard output.")
    ] = Path("-"),
    state: _Which = State.WAITING,
    form: Annotated[
        Format | None, typer.Option("--format", help="Default: as FILE is called, json on standard output.")
    ] = None,
) -> None:
    """The groups as JSON or as CSV for a spreadsheet; or, as JSONL, the approved questions for
    `motcua evaluate`, one object a line."""
    chosen = form or _called(file)
    if chosen is Format.JSONL:
        from bot.desk.questions import approved, labelled_lines

        rows = labelled_lines(_read(approved))
        text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    else:
        from bot.desk.questions import groups

        rows = _read(groups, state.value)
        # The mark tells spreadsheets that it is UTF-8.
        text = json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
        text = text if chosen is Format.JSON else "\ufeff" + _as_csv(rows)
    if str(file) == "-":
        typer.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8", newline="")
        say(f"{len(rows)} written to {file}.")


def _called(file: Path) -> Format:
    """The format that a file's name says."""
    if str(file) == "-":
        return Format.JSON
    try:
        return Format(file.suffix.removeprefix(".").lower())
    except ValueError:
        raise typer.BadParameter(
            f"{file}: call it .json, .csv or .jsonl, or say --format", param_hint="FILE"
        ) from None


def _as_csv(groups: list[dict[str, Any]]) -> str:
    """A row a group; nothing in it is a formula, whatever people wrote."""
    import csv
    import io
    from datetime import datetime

    from bot.cells import harmless
    from procedures_catalog.centre import VIET_NAM

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ("count", "text", "others", "why", "channels", "latest", "verdict", "procedure", "aspects")
    )
    for group in groups:
        latest = datetime.fromtimestamp(group["latest"], VIET_NAM)
        cells = (
            str(group["count"]),
            group["text"],
            " | ".join(group["others"]),
            " ".join(f"{why}:{count}" for why, count in group["why"].items()),
            " ".join(group["channels"]),
            f"{latest:%Y-%m-%d %H:%M}",
            group["verdict"] or "",
            group["procedure"] or "",
            " ".join(group["aspects"]),
        )
        writer.writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def _read(work: Callable[..., Any], *args: Any) -> Any:
    import time

    from bot.cli.desk import desk_database, settings_here

    with desk_database(settings_here()) as engine, engine.connect() as connection:
        return work(connection, time.time(), *args)
