"""``motcua catalog``: look into the catalogue, check it, feed it.

What is shown is the catalogue of this centre: the entries that come with us, those beside the
centre's file (``centre/entries``), and the centre's overlay.
"""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.cli.say import say
from bot.errors import BotError

if TYPE_CHECKING:
    from procedures_catalog import Catalog, Procedure

app = typer.Typer(no_args_is_help=True, help="The catalogue of procedures.")
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("must be a day such as 2026-11-21") from None


Day = Annotated[date | None, typer.Option(parser=parse_day, metavar="DAY", help="As if today were that day.")]


@app.command()
def lint(
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: AsJson = False,
    today: Day = None,
) -> None:
    """Check every entry; name file, field and what is wrong there. Status 1 if there are errors."""
    from dataclasses import asdict

    from bot.settings import load_settings
    from procedures_catalog.centre import centre_entries, centre_overlay
    from procedures_catalog.lint import lint as check
    from procedures_catalog.loading import ENTRIES

    centre = load_settings().centre
    result = check(ENTRIES, centre_entries(centre), overlay=centre_overlay(centre), today=today or this_day())
    errors, warnings = result.of("error"), result.of("warning")
    counted = f"{len(errors)} errors, {len(warnings)} warnings"
    if as_json:
        rows = {
            "entries": result.entries,
            "full": result.full,
            "findings": [asdict(f) for f in result.findings],
        }
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for finding in result.findings:
            typer.echo(f"{finding.level}: {_nearer(str(finding))}")
        typer.echo(f"{result.entries} entries, {result.full} of them full: {counted}.")
    if errors or (strict and warnings):
        say(f"motcua: {counted} in the catalogue")
        raise typer.Exit(1)


@app.command()
def stale(
    days: Annotated[int, typer.Option(min=0, help="Name what was not checked for so many days.")] = 180,
    soon: Annotated[int, typer.Option(min=0, help="Name what runs out within so many days.")] = 60,
    fail_on: Annotated[
        Literal["overdue", "unchecked"],
        typer.Option(help="What gives status 1: all that is overdue, or only what was not checked."),
    ] = "overdue",
    as_json: AsJson = False,
    today: Day = None,
) -> None:
    """Entries not checked for long, facts that ran out or soon will. Status 1 if any is overdue."""
    from dataclasses import asdict

    from procedures_catalog.stale import stale as look

    rows = look(_catalog(), today or this_day(), days, soon)
    overdue = sum(row.overdue for row in rows)
    if as_json:
        plain = [{**asdict(row), "day": row.day.isoformat(), "overdue": row.overdue} for row in rows]
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=1))
    else:
        for row in rows:
            typer.echo(
                f"{'overdue' if row.overdue else 'soon':<8}{row.id:<44} {row.field}: {row.words} ({row.day})"
            )
        typer.echo(f"{overdue} overdue, {len(rows) - overdue} soon.")
    if any(row.overdue if fail_on == "overdue" else row.kind == "unchecked" for row in rows):
        say(f"motcua: {overdue} facts of the catalogue are overdue")
        raise typer.Exit(1)


@app.command("list")
def list_entries(as_json: AsJson = False) -> None:
    """Every entry: id, code, field, name."""
    procedures = _catalog().all()
    if as_json:
        typer.echo(json.dumps([_row(p) for p in procedures], ensure_ascii=False, indent=1))
        return
    for procedure in procedures:
        typer.echo(f"{procedure.id:<44} {procedure.code or '-':<9} {procedure.field}: {procedure.name}")


@app.command()
def show(
    key: Annotated[str, typer.Argument(metavar="ID", help="An id or a national code.")],
    as_json: AsJson = False,
) -> None:
    """All that one entry holds, with what the centre's overlay changes."""
    import msgspec

    entry = msgspec.to_builtins(_catalog().get(key))
    if as_json:
        typer.echo(json.dumps(entry, ensure_ascii=False, indent=1))
    else:
        import yaml

        typer.echo(yaml.safe_dump(entry, allow_unicode=True, sort_keys=False, width=100), nl=False)


@app.command()
def search(
    text: Annotated[list[str], typer.Argument(help="What a citizen would call it.")],
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = 5,
) -> None:
    """What TEXT most likely means, best first."""
    from procedures_catalog.typing import named

    catalog, wanted = _catalog(), " ".join(text).strip()
    hits = [(procedure, 1.0) for procedure in named(catalog, wanted, this_day())[:limit]]
    hits = hits or [(hit.procedure, hit.score) for hit in catalog.search(wanted, limit)]
    if as_json:
        rows = [{**_row(procedure), "score": round(score, 4)} for procedure, score in hits]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for procedure, score in hits:
        typer.echo(f"{score:.2f}  {procedure.id:<44} {procedure.name}")
    if not hits:
        typer.echo("Nothing in the catalogue fits.", err=True)


@app.command("import")
def import_entries(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files, or folders with files.")],
    into: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Default: centre/entries beside the centre's file.")
    ] = None,
    checked_on: Annotated[
        date | None,
        typer.Option(
            parser=parse_day,
            metavar="DAY",
            help="The day the facts were checked. Default: the day each file was last changed.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in the portal's files: list exports (.xlsx), pages and records (.json, .jsonl), saved
    pages (.html, .docx). Entries written by hand are never changed: the report says what differs."""
    from bot.cli.catalog_import import run_import

    run_import(files, into, checked_on, dry_run, as_json, this_day())


def this_day() -> date:
    """Today in Viet Nam; ``MOTCUA_TODAY`` (ISO) takes its place in tests."""
    from procedures_catalog.centre import VIET_NAM

    given = os.environ.get("MOTCUA_TODAY")
    try:
        return date.fromisoformat(given) if given else datetime.now(VIET_NAM).date()
    except ValueError:
        raise BotError(f"MOTCUA_TODAY must be a day such as 2026-11-21 (it is {given!r})") from None


def _catalog() -> Catalog:
    from bot.settings import load_settings
    from procedures_catalog import Catalog

    return Catalog.of_centre(load_settings().centre)


def _nearer(text: str) -> str:
    """The text with paths below the working directory made relative."""
    return text.removeprefix(f"{Path.cwd()}{os.sep}")


def _row(procedure: Procedure) -> dict:
    return {
        "id": procedure.id,
        "code": procedure.code,
        "name": procedure.name,
        "field": procedure.field,
        "level": procedure.level,
        "completeness": procedure.completeness,
        "checked_on": procedure.checked_on.isoformat(),
    }
