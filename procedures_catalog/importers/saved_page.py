"""A portal page saved as ``.html`` or as the portal's Word file (``.docx``), read by its labels.

Both are taken as one run of texts and tables; a label is a text that the portal prints as one
("Tên thủ tục", "Cách thức thực hiện", …), and what follows it up to the next label is its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers import flat_text
from procedures_catalog.importers.blocks import Block, Table, docx_blocks, html_blocks
from procedures_catalog.importers.entry import Draft, draft_of
from procedures_catalog.importers.page import Group, Page, Paper, Way, channel_of, said, tidy
from procedures_catalog.importers.portal_page import page_source
from procedures_catalog.recognise import legal_numbers, separated
from vietnamese import fold

# The portal's labels, folded; the older page, the newer page and the Word file differ a little.
_LABELS = {
    "ten thu tuc": "name",
    "ten thu tuc hanh chinh": "name",
    "ma thu tuc": "code",
    "ma tthc": "code",
    "so quyet dinh": "decision",
    "cap thuc hien": "level",
    "loai thu tuc": "",
    "linh vuc": "domain",
    "trinh tu thuc hien": "",
    "cach thuc thuc hien": "ways",
    "thanh phan ho so": "papers",
    "thanh phan, so luong ho so": "papers",
    "doi tuong thuc hien": "",
    "co quan thuc hien": "agency",
    "co quan co tham quyen": "authority",
    "dia chi tiep nhan hs": "place",
    "dia chi tiep nhan ho so": "place",
    "co quan duoc uy quyen": "",
    "co quan phoi hop": "",
    "ket qua thuc hien": "results",
    "ket qua xu ly": "results",
    "can cu phap ly": "laws",
    "yeu cau, dieu kien thuc hien": "conditions",
    "yeu cau dieu kien thuc hien": "conditions",
    "tu khoa": "",
    "mo ta": "",
    "thu tuc hanh chinh lien quan": "",
    "thoi han giai quyet": "",
    "phi, le phi": "",
    "so luong ho so": "",
    "bieu mau": "",
}
_FOOTER = re.compile(r"^(?:chọn cơ quan thực hiện|hệ thống chỉ hiển thị|nộp hồ sơ$|-- chọn)", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+")
_ADDRESS = re.compile(r"https://dichvucong\.[\w./?=&%-]*(?:thu-tuc|tthc|procedure)[\w./?=&%-]*")
_QUANTITY = re.compile(
    r"(\d{1,2})\s*bản chính|(\d{1,2})\s*bản sao|bản chính\s*:\s*(\d{1,2})|bản sao\s*:\s*(\d{1,2})", re.I
)


@dataclass
class _Value:
    """What stands below one label."""

    texts: list[str] = field(default_factory=list)
    tables: list[tuple[str, Table]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(self.texts)


def html_draft(path: Path, day: date) -> Draft:
    """The entry of a saved page. Raises ImportFault when it is none."""
    blocks, text = html_blocks(path, lambda words: _label(tidy(words).rstrip(":"))[0] is not None)
    return _draft(blocks, _ADDRESS.search(text), day)


def docx_draft(path: Path, day: date) -> Draft:
    """The entry of the portal's Word file. Raises ImportFault when it is none."""
    blocks, text = docx_blocks(path)
    return _draft(blocks, _ADDRESS.search(text), day)


def _draft(blocks: list[Block], address: re.Match[str] | None, day: date) -> Draft:
    values = _values(blocks)
    if "name" not in values and "code" not in values:
        raise ImportFault("it has no label «Tên thủ tục» or «Mã thủ tục»: is it a saved page of a procedure?")

    def text(name: str) -> str:
        return said(values[name].text) if name in values else ""

    page = Page(
        name=text("name"),
        code=text("code"),
        domain=text("domain"),
        level=text("level"),
        agencies=[text("agency") or text("authority")],
        place=text("place"),
        url=address.group() if address else "",
        decision=text("decision"),
        ways=list(_ways(values.get("ways", _Value()))),
        groups=list(_groups(values.get("papers", _Value()))),
        laws=_laws(values.get("laws", _Value())),
        conditions="\n".join(t for t in values.get("conditions", _Value()).texts if said(t)),
        results=_results(values.get("results", _Value())),
    )
    return draft_of(page, page_source(page), day)


def _values(blocks: list[Block]) -> dict[str, _Value]:
    """What stands below each label; a label told twice keeps what it told first."""
    values: dict[str, _Value] = {}
    current: _Value | None = None
    heading = ""
    for block in _rows_as_labels(blocks):
        if isinstance(block, str):
            label, rest = _label(block)
            if label is not None:
                current = values.setdefault(label, _Value()) if label and label not in values else _Value()
                heading, block = "", rest
            if not block or current is None or _LINK.fullmatch(block):
                continue
            if _FOOTER.match(block):
                current = None
                continue
            current.texts.append(block)
            heading = block
        elif current is not None:
            current.tables.append((heading, block))
            heading = ""
    return values


def _label(text: str) -> tuple[str | None, str]:
    """The field that a text labels and what follows on the same line; None when it is no label."""
    before, colon, after = text.partition(":")
    known = _LABELS.get(fold(tidy(before)).strip(" *"))
    return (known, after.strip()) if known is not None and (colon or not after) else (None, text)


def _rows_as_labels(blocks: list[Block]) -> Iterator[Block]:
    """The blocks, with tables that only lay out labels and values taken apart."""
    for block in blocks:
        if isinstance(block, str):
            yield block
        elif all(len(row) == 2 for row in block) and any(_label(row[0])[0] is not None for row in block):
            for label, value in block:
                yield label if label.rstrip().endswith(":") else f"{label}:"
                if value:
                    yield value
        else:
            yield block


def _ways(value: _Value) -> Iterator[Way]:
    for _, table in value.tables:
        columns = _columns(table[0], channel="hinh thuc", time="thoi", fee="phi", about="mo ta")
        if "channel" not in columns:
            continue
        for row in table[1:]:
            cells = {name: row[index] for name, index in columns.items() if index < len(row)}
            channel = channel_of(cells["channel"])
            if channel is not None:
                fee = tidy(cells.get("fee", ""))
                yield Way(channel, tidy(cells.get("time", "")), fee, cells.get("about", ""))
    if not value.tables:
        yield from flat_text.ways(value.text)


def _groups(value: _Value) -> Iterator[Group]:
    for heading, table in value.tables:
        columns = _columns(table[0], name="ten giay to", form="mau don", quantity="so luong")
        if "name" not in columns:
            continue
        group = Group(tidy(heading).strip(" *:-–.;"))
        for row in table[1:]:
            cells = {name: row[index] for name, index in columns.items() if index < len(row)}
            name = flat_text.paper_name(cells.get("name", ""))
            if name:
                originals, copies = _count(cells.get("quantity", ""))
                group.papers.append(Paper(name, originals, copies, said(cells.get("form", ""))))
        yield group
    if not value.tables:
        yield from flat_text.papers(value.text)


def _count(text: str) -> tuple[int, int]:
    originals = copies = 0
    for match in _QUANTITY.finditer(text):
        originals = max(originals, int(match[1] or match[3] or 0))
        copies = max(copies, int(match[2] or match[4] or 0))
    return originals, copies


def _laws(value: _Value) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for _, table in value.tables:
        for row in table:
            cells = [separated(cell) for cell in row]
            for index, cell in enumerate(cells):
                exact = [n for start, end, n in legal_numbers(cell) if end - start == len(cell.strip())]
                if exact and exact[0] not in found:
                    others = [flat_text.law_title(c) for i, c in enumerate(cells) if i != index]
                    found[exact[0]] = max(others, key=len, default="")
    return list(found.items()) or flat_text.laws(value.text)


def _results(value: _Value) -> list[str]:
    cells = [row[0] for _, table in value.tables for row in table if row]
    texts = [t for text in cells or value.texts for t in flat_text.results(text)]
    skip = ("ten ket qua", "ket qua", "ma")
    return [t for t in dict.fromkeys(texts) if fold(t) not in skip and not t.startswith("Mã: KQ")]


def _columns(header: list[str], **wanted: str) -> dict[str, int]:
    titles = [fold(tidy(cell)) for cell in header]
    return {
        name: index for name, words in wanted.items() for index, title in enumerate(titles) if words in title
    }
