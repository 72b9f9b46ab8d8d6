"""``motcua dossiers``: the tracking database, for staff: all fields are shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.say import say

if TYPE_CHECKING:
    from dossiers import Database, WorkCalendar

app = typer.Typer(no_args_is_help=True, help="The tracking database (for staff: all fields are shown).")
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@dataclass(frozen=True)
class _Office:
    """The open database, and what the centre's file says about time and codes."""

    database: Database
    calendar: WorkCalendar
    stale_after_days: int
    province_part: str


@app.command()
def seed() -> None:
    """Put 200 invented dossiers into an empty database."""
    from dossiers.seed import seed as sow

    with _office() as office:
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

    with _office() as office, office.database.read() as session:
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
    with _office() as office, office.database.read() as session:
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

    with _office() as office, _row_counter() as count:
        report = import_file(office.database, file, mapping, dry_run, progress=count)
    for field, heading in report.columns.items():
        say(f"  {field:<16} from {heading!r}")
    for note, times in report.notes.most_common():
        say(f"note: {note} ({times} rows)")
    for row, code, reason in report.rejections:
        say(f"rejected: row {row}: {code or '-'}: {reason}")
    if report.rejected > len(report.rejections):
        say(f"rejected: … and {report.rejected - len(report.rejections)} more")
    done = "Would be done (nothing was written)" if dry_run else "Done"
    typer.echo(
        f"{done}: {report.new} new, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.rejected} rejected of {report.rows} rows."
    )
    if report.rejected and report.rejected == report.rows:
        say("motcua: no row could be imported.")
        raise typer.Exit(1)


def _day(value: str) -> datetime:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(value, form)
        except ValueError:
            continue
    raise typer.BadParameter(f"{value!r} is no day such as 2026-09-30 or 30/09/2026")


@app.command()
def report(
    start: Annotated[
        datetime | None,
        typer.Option("--from", metavar="D", parser=_day, help="First day; default: of the quarter."),
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", metavar="D", parser=_day, help="Last day; default: today.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What came in, was resolved and is open, within a period (days as 2026-09-30 or 30/09/2026)."""
    from dossiers import local_now
    from dossiers.report import make_report

    now = local_now()
    last = (end or now).date()
    first = start.date() if start else last.replace(month=(last.month - 1) // 3 * 3 + 1, day=1)
    if first > last:
        raise typer.BadParameter("--from lies behind --to")
    with _office() as office, office.database.read() as session:
        made = make_report(session, first, last, now, office.calendar, office.stale_after_days).as_dict()
    if as_json:
        typer.echo(_json(made))
    else:
        _print_report(made)


@contextmanager
def _office() -> Iterator[_Office]:
    """Opens what the settings and the centre's file name; closes the database at the end."""
    from bot.settings import load_settings
    from dossiers import WorkCalendar, open_database
    from procedures_catalog.centre import load_centre

    settings = load_settings()
    centre = load_centre(settings.centre)
    database = open_database(settings.database)
    try:
        calendar = WorkCalendar(extra_closed=frozenset(centre.closed_on))
        yield _Office(database, calendar, centre.dossiers.stale_after_days, centre.dossiers.province_part)
    finally:
        database.close()


@contextmanager
def _row_counter() -> Iterator[Callable[[int], None]]:
    """Rows read so far, on stderr, when somebody watches."""
    from rich.console import Console

    with Console(stderr=True).status("Reading …") as status:
        yield lambda rows: status.update(f"{rows:,} rows read …")


def _print_report(made: dict[str, Any]) -> None:
    """The figures in all, then a table for each way to divide them."""
    from rich.console import Console
    from rich.table import Table

    from dossiers.report import labels

    words = labels()
    console = Console()
    table = Table(title=f"{made['from']} – {made['to']}", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, label in words["figures"].items():
        table.add_row(label, _figure(made[name]))
    console.print(table)
    shown = ("received", "resolved", "on_time", "late", "on_time_rate", "open", "open_late")
    for group, title in words["groups"].items():
        table = Table(title=title)
        table.add_column()
        for name in shown:
            table.add_column(words["figures"][name].lstrip("- "), justify="right")
        for row in made[group]:
            name = " · ".join(str(v) for k, v in row.items() if k in _NAMES and v) or words["unknown"]
            table.add_row(name, *(_figure(row[key]) for key in shown))
        console.print(table)


_NAMES = {"field", "procedure_code", "procedure_name", "agency", "department", "name"}


def _figure(value: float | None) -> str:
    """With a point between thousands and a comma before decimals, as Vietnamese writes numbers."""
    if value is None:
        return "-"
    text = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,"))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _sheet(record: dict[str, Any]) -> str:
    """A record as ``name: value`` lines; the parts of a person and the events are indented."""
    import yaml

    return yaml.safe_dump(record, allow_unicode=True, sort_keys=False, width=100).rstrip()
