"""Bar charts as SVG within the page: no script, no style of their own, nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import leather
from leather import theme
from markupsafe import Markup, escape

ROW_HEIGHT, AROUND = 34, 76


class Shape(NamedTuple):
    """``width`` in the drawing's own units, about a pixel each; ``label``: the most letters of one."""

    width: int
    label: int


WIDE, NARROW = Shape(720, 34), Shape(330, 17)
_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)


def bar_chart(rows: Sequence[tuple[str, int]], described: str, shape: Shape = WIDE) -> Markup:
    """A horizontal bar for each (label, number), the first on top; empty when there is nothing to show.

    ``described``: what it shows, for those who do not see it.
    """
    if not any(number for _, number in rows):
        return Markup("")
    _dress()
    chart = leather.Chart()
    # A label may come twice; leather takes equal ones for one.
    seen: dict[str, int] = {}
    data = []
    for label, number in rows:
        short = _short(label, shape.label)
        seen[short] = seen.get(short, 0) + 1
        name = short + "\u200b" * (seen[short] - 1)
        data.append((number, f"{name}: {_figure(number)}"))
    chart.add_bars(data, fill_color="#a3191f")
    most, height = max(number for number, _ in data), AROUND + ROW_HEIGHT * len(data)
    # Nobody counts halves of a dossier.
    few = list(range(most + 1)) if most < 6 else None
    if few is None and shape is NARROW:
        few = [0, most]
    chart.add_x_axis(ticks=few, tick_formatter=lambda value, index, count: _figure(float(value)))
    drawn = chart.to_svg(width=shape.width, height=height)
    # The size is the page's to choose; the shape is ours.
    box = f'viewBox="0 0 {shape.width} {height}" role="img" aria-label="{escape(described)}"'
    return Markup(_PROLOGUE.sub("", drawn).replace(f'width="{shape.width}" height="{height}"', box, 1))


def _dress() -> None:
    """The page's letters and colours, by day and by night."""
    theme.background_color = "none"
    theme.label_color = "currentColor"
    theme.tick_color = "#8886"
    theme.tick_font_family = "inherit"
    theme.tick_font_char_width = 7
    theme.margin = 0.04


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def _figure(value: float) -> str:
    return f"{value:,.0f}".replace(",", ".")
