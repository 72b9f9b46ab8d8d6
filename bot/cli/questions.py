"""``motcua questions``: what was not understood, and what was learned of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Questions that were not understood, and what they mean.")


class State(StrEnum):
    WAITING = "waiting"
    LABELLED = "labelled"
    APPROVED = "approved"


@app.command("list")
def list_them(
    state: Annotated[State, typer.Option(help="Which.")] = State.WAITING,
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
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Where to; - is standard output.")],
) -> None:
    """The approved ones as questions for `motcua evaluate`: one JSON object a line."""
    from bot.desk.questions import approved

    asked = {row.plain: row for row in _read(approved) if row.verdict in ("procedure", "out_of_scope")}
    lines = [
        json.dumps(
            {"text": row.text, "procedure": row.procedure, "aspects": row.aspects or []}, ensure_ascii=False
        )
        for row in asked.values()
    ]
    text = "".join(f"{line}\n" for line in lines)
    if str(file) == "-":
        typer.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")
        typer.echo(f"{len(lines)} questions written to {file}.", err=True)


def _read(work: Callable[..., Any], *args: Any) -> Any:
    import time

    from bot.cli.desk import desk_database, settings_here

    with desk_database(settings_here()) as engine, engine.connect() as connection:
        return work(connection, time.time(), *args)
