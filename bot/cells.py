"""Cells of the CSV files that people open in a spreadsheet."""

from __future__ import annotations

# What a spreadsheet would take for a formula, or drop so that one begins.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(cell: str) -> str:
    """The cell as text for a spreadsheet, whatever it begins with."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
