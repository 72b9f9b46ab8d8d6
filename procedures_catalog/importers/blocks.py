"""A saved page as one run of blocks: lines of text and tables of cells, in reading order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.archives import DAMAGED, check_archive, no_file
from procedures_catalog.importers.page import tidy

if TYPE_CHECKING:
    from bs4 import Tag

# The cells of each row; one that spans several rows or columns stands in each of them.
Table = list[list[str]]
Block = str | Table

MOST_SPANNED = 50
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

    data: bytes | str = path.read_bytes()
    if b"<" not in data[:100_000]:
        raise ImportFault("it is not HTML")
    with suppress(UnicodeDecodeError):
        data = data.decode("utf-8")  # whatever the page says of itself: nothing else looks like it
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
    rows: Table = []
    below: dict[int, tuple[int, str]] = {}  # by column: for how many rows more which cell goes on
    for row in table.find_all("tr"):
        cells: list[str] = []
        own = iter(row.find_all(["td", "th"]))
        cell = next(own, None)
        while cell is not None or len(cells) in below:
            left, text = below.pop(len(cells), (0, ""))
            if left:
                if left > 1:
                    below[len(cells)] = left - 1, text
                cells.append(text)
            elif cell is not None:
                text, more = tidy(cell.get_text(" ")), _span(cell, "rowspan") - 1
                for _ in range(_span(cell, "colspan")):
                    if more:
                        below[len(cells)] = more, text
                    cells.append(text)
                cell = next(own, None)
        if any(cells):
            rows.append(cells)
    return rows


def _span(cell: Tag, name: str) -> int:
    told = str(cell.get(name, "1")).strip()
    return min(max(int(told), 1), MOST_SPANNED) if told.isdecimal() else 1


def docx_blocks(path: Path) -> tuple[list[Block], str]:
    """The blocks of a Word file, and its text with the addresses of its links.

    Raises:
        ImportFault: it is no Word file, or it was cut off.
    """
    import docx
    from docx.opc.exceptions import OpcError

    check_archive(path, _KIND)
    try:
        document = docx.Document(str(path))
        links = [rel.target_ref for rel in document.part.rels.values() if rel.is_external]
        _unwrap(document.element.body)
        blocks = list(_word_blocks(document))
    except (OpcError, *DAMAGED) as error:
        raise no_file(_KIND) from error
    texts = [
        block if isinstance(block, str) else " ".join(" ".join(row) for row in block) for block in blocks
    ]
    return blocks, "\n".join([*links, *texts])


def _unwrap(body: Any) -> None:
    """Takes fields to fill in and tracked insertions out of their wrappers, which readers pass over."""
    from docx.oxml.ns import qn

    for name in ("w:sdt", "w:ins", "w:smartTag"):
        for wrapper in list(body.iter(qn(name))):
            inside = wrapper.find(qn("w:sdtContent")) if name == "w:sdt" else wrapper
            for child in list(inside) if inside is not None else []:
                wrapper.addprevious(child)
            wrapper.getparent().remove(wrapper)


def _word_blocks(container: Any) -> Iterator[Block]:
    """Lines and innermost tables of a document, or of a cell, in reading order."""
    from docx.table import Table as WordTable

    for item in container.iter_inner_content():
        if not isinstance(item, WordTable):
            yield from (line for raw in item.text.split("\n") if (line := tidy(raw)))
            continue
        rows = [list(row.cells) for row in item.rows]
        if any(cell.tables for row in rows for cell in row):
            seen: set[Any] = set()
            for cell in (cell for row in rows for cell in row if cell._tc not in seen):
                seen.add(cell._tc)
                yield from _word_blocks(cell)
        elif table := [texts for row in rows if any(texts := [tidy(cell.text) for cell in row])]:
            yield table
