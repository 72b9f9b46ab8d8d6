"""A saved page as one run of blocks: lines of text and tables of cells, in reading order."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.archives import DAMAGED, check_archive, no_file
from procedures_catalog.importers.page import tidy

if TYPE_CHECKING:
    from bs4 import Tag

Table = list[list[str]]
Block = str | Table

_KIND = "Word file (.docx)"
_LINES = {
    "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "label", "dt", "dd", "section", "article",
    "td", "th", "table", "tr", "ul", "ol", "dl", "form", "main", "body",
}  # fmt: skip
_UNSEEN = ("script", "style", "noscript", "template", "head", "select", "option", "button", "input", "svg")


def html_blocks(path: Path, is_label: Callable[[str], bool]) -> tuple[list[Block], str]:
    """The blocks of a saved page, and its source (addresses stand in places that nobody reads).

    An element whose whole text ``is_label`` is a line of its own, however the page lays it out.

    Raises:
        ImportFault: it is not HTML.
    """
    from bs4 import BeautifulSoup

    data = path.read_bytes()
    if b"<" not in data[:100_000]:
        raise ImportFault("it is not HTML")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what the file might be instead
        soup = BeautifulSoup(data, "html.parser")
    source = str(soup)[:2_000_000] if soup.find(True) else ""
    if not source:
        raise ImportFault("it is not HTML")
    for unseen in soup.find_all(_UNSEEN):
        unseen.decompose()
    for line_break in soup.find_all("br"):
        line_break.replace_with("\n")
    blocks: list[Block] = []
    _walk(soup.body or soup, blocks, is_label)
    return blocks, source


def _walk(node: Tag, blocks: list[Block], is_label: Callable[[str], bool]) -> None:
    """Texts between the borders of block elements are lines; innermost tables are tables."""
    from bs4 import NavigableString, Tag

    inline: list[str] = []

    def close() -> None:
        blocks.extend(line for raw in "".join(inline).split("\n") if (line := tidy(raw)))
        inline.clear()

    stack: list[Any] = list(reversed(list(node.children)))
    end = object()  # marks where a block element that was opened ends
    while stack:
        item = stack.pop()
        if item is end:
            close()
        elif isinstance(item, Tag):
            if item.name == "table" and item.find("table") is None:
                close()
                if table := _table(item):
                    blocks.append(table)
                continue
            if item.name in _LINES or is_label(item.get_text(" ")[:200]):
                close()
                stack.append(end)
            stack.extend(reversed(list(item.children)))
        elif type(item) is NavigableString:
            inline.append(str(item).replace("\r", " ").replace("\n", " ") if item != "\n" else "\n")
    close()


def _table(table: Tag) -> Table:
    rows = []
    for row in table.find_all("tr"):
        cells = [tidy(cell.get_text(" ")) for cell in row.find_all(["td", "th"])]
        if any(cells):
            rows.append(cells)
    return rows


def docx_blocks(path: Path) -> tuple[list[Block], str]:
    """The blocks of a Word file, and its text with the addresses of its links.

    Raises:
        ImportFault: it is no Word file, or it was cut off.
    """
    import docx
    from docx.opc.exceptions import OpcError
    from docx.table import Table as WordTable

    check_archive(path, _KIND)
    try:
        document = docx.Document(str(path))
        links = [rel.target_ref for rel in document.part.rels.values() if rel.is_external]
        items = list(document.iter_inner_content())
    except (OpcError, *DAMAGED) as error:
        raise no_file(_KIND) from error
    blocks: list[Block] = []
    for item in items:
        if isinstance(item, WordTable):
            rows = [[tidy(cell.text) for cell in _distinct(row.cells)] for row in item.rows]
            if rows := [row for row in rows if any(row)]:
                blocks.append(rows)
        else:
            blocks += [line for raw in item.text.split("\n") if (line := tidy(raw))]
    texts = [
        block if isinstance(block, str) else " ".join(" ".join(row) for row in block) for block in blocks
    ]
    return blocks, "\n".join([*links, *texts])


def _distinct(cells: Any) -> list[Any]:
    """The cells of a row, merged ones once."""
    seen: list[Any] = []
    for cell in cells:
        if not any(cell._tc is known._tc for known in seen):
            seen.append(cell)
    return seen
