"""``motcua catalog import``: progress while it runs, and the report at its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.settings import load_settings
from procedures_catalog import Catalog
from procedures_catalog.centre import centre_entries
from procedures_catalog.importers import Item, Report, import_files
from procedures_catalog.loading import ENTRIES

LONGEST_VALUE = 90
_TITLES = {
    "new": "New",
    "changed": "Changed",
    "kept": "Written by hand and left as they are; the file says otherwise in",
    "repeated": "Read already in this run",
    "rejected": "Rejected",
}


def run_import(
    files: list[Path], into: Path | None, checked_on: date | None, dry_run: bool, as_json: bool, today: date
) -> None:
    """Imports, and prints the report; status 1 if anything was rejected."""
    centre = load_settings().centre
    into = into or centre_entries(centre)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("files"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Importing", total=None)
        report = import_files(
            files,
            into,
            today=today,
            beside=[ENTRIES],
            checked_on=checked_on,
            dry_run=dry_run,
            progress=lambda done, total, entries: bar.update(
                task, completed=done, total=total, description=f"Importing ({entries} procedures)"
            ),
        )
        if (
            not dry_run
            and (report.counts["new"] or report.counts["changed"])
            and into == centre_entries(centre)
        ):
            bar.update(task, description="Preparing the search")
            Catalog.of_centre(centre).prepare()
    if as_json:
        plain = {"into": str(into), "dry_run": dry_run, "files": report.files, "counts": report.counts}
        plain["items"] = [asdict(item) for item in report.items]
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=1))
    else:
        for line in _lines(report, into, dry_run):
            typer.echo(line)
    if rejected := report.counts["rejected"]:
        typer.echo(f"motcua: {rejected} could not be imported; the report says why", err=True)
        raise typer.Exit(1)


def _lines(report: Report, into: Path, dry_run: bool) -> Iterator[str]:
    for status, title in _TITLES.items():
        items = [item for item in report.items if item.status == status]
        if status == "kept":
            items = [item for item in items if item.differences]
        if items:
            yield f"{title} ({len(items)}):"
            for item in items:
                yield from _item(item)
            yield ""
    remarked = [
        item for item in report.items if item.remarks and item.status in ("new", "changed", "unchanged")
    ]
    if remarked:
        yield f"To look at, in {len(remarked)} of the imported entries:"
        for item in remarked:
            yield f"  {item.id}: {'; '.join(item.remarks)}"
        yield ""
    counted = ", ".join(f"{count} {status}" for status, count in report.counts.items())
    yield f"{report.files} {'file' if report.files == 1 else 'files'}: {counted}."
    yield f"Nothing was written ({into})." if dry_run else f"Entries are in {into}."


def _item(item: Item) -> Iterator[str]:
    if item.status == "rejected":
        yield f"  {item.origin}: {item.reason}"
    elif item.status == "repeated":
        yield f"  {item.code or item.name}: {item.origin} ({item.reason})"
    else:
        yield f"  {item.id} ({item.code or 'no code'}) {item.name}"
    for difference in item.differences:
        yield f"    {difference.field}: {_short(difference.before)} → {_short(difference.after)}"


def _short(value: Any) -> str:
    """A value of an entry in one short line."""
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
