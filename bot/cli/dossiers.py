"""``motcua dossiers``: the tracking database, for staff: all fields are shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.dossier_report import report
from bot.cli.office import open_office
from bot.cli.say import say

app = typer.Typer(no_args_is_help=True, help="The tracking database (for staff: all fields are shown).")
app.command()(report)
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
def seed() -> None:
    """Put 200 invented dossiers into an empty database."""
    from dossiers.seed import seed as sow

    with open_office() as office:
        made = sow(office.database, province_part=office.province_part)
    if made:
        typer.echo(f"{made} sample dossiers made.")
    else:
        typer.echo("The database holds dossiers already; nothing was added.")


@app.command()
def show(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A dossier's code, however typed.")],
    as_json: AsJson = False,
) -> None:
    """All that is known of one dossier, the applicant included."""
    from dossiers import local_now
    from dossiers.staff import find_dossier, staff_record

    with open_office() as office, office.database.read() as session:
        dossier = find_dossier(session, code)
        if dossier is None:
            say(f"motcua: no dossier has the code {code!r} here.")
            raise typer.Exit(1)
        record = staff_record(
            dossier, local_now(), office.calendar, office.stale_after_days, with_events=True
        )
    typer.echo(_json(record) if as_json else _sheet(record))


@app.command("list")
def list_them(
    status: Annotated[int | None, typer.Option(min=1, max=10, help="Only with this status.")] = None,
    late: Annotated[bool, typer.Option("--late", help="Only open ones past their date.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Dossiers, the newest first; with --late the longest overdue first."""
    from dossiers import local_now
    from dossiers.staff import list_dossiers, staff_record

    now = local_now()
    with open_office() as office, office.database.read() as session:
        found = list_dossiers(session, now, office.calendar, status, late, limit)
        records = [staff_record(d, now, office.calendar, office.stale_after_days) for d in found]
    if as_json:
        typer.echo(_json(records))
        return
    for record in records:
        due = (record["new_due_at"] or record["due_at"] or "-")[:10]
        mark = f"late {record['days_late']}" if record["open"] and record["late"] else ""
        stage, name = record["stage"], (record["applicant"] or {}).get("name") or "-"
        typer.echo(
            f"{record['code']:<26} {due:<10} {mark:<8} {stage:<34} {name:<24} {record['procedure_name']}"
        )
    if not records:
        say("No dossier fits.")


@app.command("import")
def import_export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An export: CSV or .xlsx.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="M.yml", help="Columns and words of your software.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
) -> None:
    """Bring in an export of the one-window software. The same file again changes nothing."""
    from dossiers.importing import import_file

    with open_office() as office, _row_counter() as count:
        report = import_file(office.database, file, mapping, dry_run, progress=count)
    for line in report.remarks():
        say(line)
    typer.echo(report.summary())
    if report.hopeless:
        say("motcua: no row could be imported.")
        raise typer.Exit(1)


@contextmanager
def _row_counter() -> Iterator[Callable[[int], None]]:
    """Rows read so far, on stderr, when somebody watches."""
    from rich.console import Console

    with Console(stderr=True).status("Reading …") as status:
        yield lambda rows: status.update(f"{rows:,} rows read …")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _sheet(record: dict[str, Any]) -> str:
    """A record as ``name: value`` lines; the parts of a person and the events are indented."""
    import yaml

    return yaml.safe_dump(record, allow_unicode=True, sort_keys=False, width=100).rstrip()
