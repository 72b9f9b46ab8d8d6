"""What a bench measured, as one table, and which limits were not kept."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table


class Report:
    """Rows of (what, figures by column); ``limit`` compares one figure with what was promised."""

    def __init__(self, name: str, title: str) -> None:
        self.name, self.title = name, title
        self.broken: list[str] = []
        self._columns: list[str] = []
        self._rows: list[tuple[str, dict[str, str]]] = []
        self._limits: list[tuple[str, str, bool]] = []

    def say(self, words: str) -> None:
        """Progress, for whoever watches."""
        print(f"{self.name}: {words}", file=sys.stderr, flush=True)

    def row(self, what: str, **figures: str) -> None:
        """One measured thing; ``figures`` by the name of their column, which may come one by one."""
        self._columns += [column for column in figures if column not in self._columns]
        same = next((there for name, there in self._rows if name == what), None)
        if same is None or same.keys() & figures:
            self._rows.append((what, figures))
        else:
            same.update(figures)

    def limit(self, what: str, found: str, kept: bool) -> None:
        """A promise, what was found, and whether it was kept."""
        self._limits.append((what, found, kept))
        if not kept:
            self.broken.append(f"{what} (found {found})")

    def show(self) -> None:
        console = Console(highlight=False)
        table = Table(title=self.title, title_justify="left")
        table.add_column("")
        for column in self._columns:
            table.add_column(column.replace("_", " "), justify="right")
        for what, figures in self._rows:
            table.add_row(what, *(figures.get(column, "") for column in self._columns))
        console.print(table)
        for what, found, kept in self._limits:
            console.print(f"  {'kept    ' if kept else 'NOT KEPT'}  {what}: {found}")
        console.print()


def ms(seconds: float) -> str:
    """Seconds as thousandths, for a cell of the table."""
    return f"{seconds * 1000:.1f} ms"
