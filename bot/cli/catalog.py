"""``motcua catalog``: look into the catalogue and check it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from procedures_catalog import Procedure

app = typer.Typer(no_args_is_help=True, help="The catalogue of procedures.")
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
def lint() -> None:
    """Check every entry; name file, field and what is expected there."""
    from procedures_catalog import Catalog

    catalog = Catalog.load()
    for problem in catalog.problems:
        typer.echo(str(problem), err=True)
    if catalog.problems:
        typer.echo(f"{len(catalog.problems)} problem(s) in the catalogue.", err=True)
        raise typer.Exit(1)
    full = sum(procedure.completeness == "full" for procedure in catalog)
    typer.echo(f"{len(catalog)} entries, {full} of them full: no problem found.")


@app.command("list")
def list_entries(as_json: AsJson = False) -> None:
    """Every entry: id, code, field, name."""
    from procedures_catalog import Catalog

    procedures = Catalog.load().all()
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
    """All that one entry holds."""
    import msgspec

    from procedures_catalog import Catalog

    entry = msgspec.to_builtins(Catalog.load().get(key))
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
    from procedures_catalog import Catalog

    hits = Catalog.load().search(" ".join(text), limit)
    if as_json:
        rows = [{**_row(hit.procedure), "score": round(hit.score, 4)} for hit in hits]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for hit in hits:
        typer.echo(f"{hit.score:.2f}  {hit.procedure.id:<44} {hit.procedure.name}")
    if not hits:
        typer.echo("Nothing in the catalogue fits.", err=True)


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
