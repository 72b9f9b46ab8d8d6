"""A portal page saved as ``.html`` or as the portal's Word file (``.docx``), read by its labels.

Both are taken as one run of texts and tables; a label is a text that the portal prints as one
("Tên thủ tục", "Cách thức thực hiện", …), and what follows it up to the next label is its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers import flat_text
from procedures_catalog.importers.blocks import Block, Table, docx_blocks, html_blocks
from procedures_catalog.importers.entry import Draft, draft_of
from procedures_catalog.importers.labels import Value, label_of, values_below
from procedures_catalog.importers.page import Group, Page, Paper, Way, channels_of, said, tidy, unread
from procedures_catalog.importers.portal_page import page_source
from procedures_catalog.recognise import legal_numbers, separated
from vietnamese import fold

HEADER_WITHIN = 3
LONGEST_TITLE = 60
LONGEST_TIME = 160
_ZERO = re.compile(r"\b0+\b")
_ADDRESS = re.compile(r"https://dichvucong\.[\w./?=&%-]*(?:thu-tuc|tthc|procedure)[\w./?=&%-]*")
_QUANTITY = re.compile(
    r"(\d{1,2})\s*bản chính|(\d{1,2})\s*bản sao|bản chính\s*:\s*(\d{1,2})|bản sao\s*:\s*(\d{1,2})", re.I
)


def html_draft(path: Path, day: date) -> Draft:
    """The entry of a saved page. Raises ImportFault when it is none."""
    blocks, text = html_blocks(path, lambda words: label_of(tidy(words).rstrip(":"))[0] is not None)
    return _draft(blocks, _ADDRESS.search(text), day)


def docx_draft(path: Path, day: date) -> Draft:
    """The entry of the portal's Word file. Raises ImportFault when it is none."""
    blocks, text = docx_blocks(path)
    return _draft(blocks, _ADDRESS.search(text), day)


def _draft(blocks: list[Block], address: re.Match[str] | None, day: date) -> Draft:
    values, remarks = values_below(blocks)
    if "name" not in values and "code" not in values:
        raise ImportFault("it has no label «Tên thủ tục» or «Mã thủ tục»: is it a saved page of a procedure?")

    def lines(name: str) -> list[str]:
        return values[name].own_lines if name in values else []

    def text(name: str) -> str:
        return said(" ".join(lines(name)))

    page = Page(
        name=text("name"),
        code=text("code"),
        domain=text("domain"),
        level=text("level"),
        agencies=[agency for agency in lines("agency") if said(agency)] or lines("authority"),
        place=text("place"),
        url=address.group() if address else "",
        decision=text("decision"),
        groups=list(_groups(values.get("papers", Value()), remarks)),
        laws=_laws(values.get("laws", Value()), remarks),
        conditions="\n".join(t for t in values.get("conditions", Value()).texts if said(t)),
        results=_results(values.get("results", Value())),
        remarks=remarks,
    )
    page.ways = list(_ways(values.get("ways", Value()), remarks))
    if not page.ways:
        _told_by_no_channel(page, values)
    return draft_of(page, page_source(page), day)


def _told_by_no_channel(page: Page, values: dict[str, Value]) -> None:
    """Time and fee where they stand below labels of their own, and the channels that are named."""
    told = values.get("ways", Value()).text
    page.channels = channels_of(told)
    time, fee = (said(values.get(name, Value()).text) for name in ("time", "fee"))
    if len(time) > LONGEST_TIME:
        page.remarks.append(unread("Thời hạn giải quyết", "the time limits are"))
        time = ""
    if time or fee:
        page.ways = [Way("in_person", time, fee)]
    elif said(told) or values.get("ways", Value()).tables:
        page.remarks.append(unread("Cách thức thực hiện", "fees and time limits"))


def _ways(value: Value, remarks: list[str]) -> Iterator[Way]:
    for _, table in value.tables:
        columns, rows = _columns(table, "channel", channel="hinh thuc", time="thoi", fee="phi", about="mo ta")
        for row in rows:
            cells = {name: row[index] for name, index in columns.items() if index < len(row)}
            channels = channels_of(cells.get("channel", ""))
            for channel in channels:
                fee = tidy(cells.get("fee", ""))
                yield Way(channel, tidy(cells.get("time", "")), fee, cells.get("about", ""))
            if not channels:
                remarks.append(
                    unread(f"Cách thức thực hiện: {' | '.join(row)[:80]}", "its fee and time limit")
                )
    if not value.tables:
        yield from flat_text.ways(value.text)


def _groups(value: Value, remarks: list[str]) -> Iterator[Group]:
    for heading, table in value.tables:
        columns, rows = _columns(
            table,
            "name",
            name="ten giay to|ten ho so|ten thanh phan",
            form="mau don|bieu mau",
            quantity="so luong",
            originals="ban chinh",
            copies="ban sao",
        )
        group = Group(tidy(heading).strip(" *:-–.;"))
        for row in rows:
            cells = {name: row[index] for name, index in columns.items() if index < len(row)}
            name = flat_text.paper_name(cells.get("name", ""))
            if not columns:
                remarks.append(unread(f"Thành phần hồ sơ: {_row(row)}", "the row is"))
            elif name:
                originals, copies = _counts(cells)
                if said(cells.get("quantity")) and not (
                    originals or copies or _ZERO.search(cells["quantity"])
                ):
                    remarks.append(unread(f"Số lượng: {cells['quantity'][:40]}", f"{name[:80]!r} is"))
                group.papers.append(Paper(name, originals, copies, said(cells.get("form", ""))))
        yield group
    if not value.tables:
        groups = flat_text.papers(value.text)
        if said(value.text) and not groups:
            remarks.append(unread("Thành phần hồ sơ", "the papers are"))
        yield from groups


def _row(cells: list[str]) -> str:
    """A row of a table in a remark."""
    return " | ".join(cell for cell in cells if cell)[:80]


def _counts(cells: dict[str, str]) -> tuple[int, int]:
    """(originals, copies) of a row, from one cell or from a column each."""
    originals = copies = 0
    for match in _QUANTITY.finditer(cells.get("quantity", "")):
        originals = max(originals, int(match[1] or match[3] or 0))
        copies = max(copies, int(match[2] or match[4] or 0))
    if not (originals or copies):
        own = (re.match(r"\D{0,3}(\d{1,2})\b", cells.get(name, "")) for name in ("originals", "copies"))
        originals, copies = (int(found[1]) if found else 0 for found in own)
    return originals, copies


def _laws(value: Value, remarks: list[str]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for _, table in value.tables:
        for row in table:
            cells = [separated(cell) for cell in row]
            for index, cell in enumerate(cells):
                exact = [n for start, end, n in legal_numbers(cell) if end - start == len(cell.strip())]
                if exact and exact[0] not in found:
                    others = [flat_text.law_title(c) for i, c in enumerate(cells) if i != index]
                    found[exact[0]] = max(others, key=len, default="")
    laws = list(found.items()) or flat_text.laws(value.text)
    if not laws and (value.tables or said(value.text)):
        remarks.append(unread("Căn cứ pháp lý", "the legal texts are"))
    return laws


def _results(value: Value) -> list[str]:
    cells = [row[0] for _, table in value.tables for row in table if row]
    texts = [t for text in cells or value.texts for t in flat_text.results(text)]
    skip = ("ten ket qua", "ket qua", "ma")
    return [t for t in dict.fromkeys(texts) if fold(t) not in skip and not t.startswith("Mã: KQ")]


def _columns(table: Table, needed: str, **wanted: str) -> tuple[dict[str, int], list[list[str]]]:
    """The columns whose titles hold the ``wanted`` words (alternatives between bars), and the rows below the
    titles; no columns, and all rows, where no title among the first holds the ``needed`` ones."""
    for at, row in enumerate(table[:HEADER_WITHIN]):
        columns = _titled(row, wanted)
        if needed not in columns:
            continue
        below = table[at + 1] if at + 1 < len(table) else []
        if needed in (more := _titled(below, wanted)):  # titles in two rows
            return {**columns, **more}, table[at + 2 :]
        return columns, table[at + 1 :]
    return {}, table


def _titled(row: list[str], wanted: dict[str, str]) -> dict[str, int]:
    titles = [fold(tidy(cell)) if len(cell) <= LONGEST_TITLE else "" for cell in row]
    return {
        name: next(i for i, title in enumerate(titles) if any(w in title for w in words.split("|")))
        for name, words in wanted.items()
        if any(w in title for title in titles for w in words.split("|"))
    }
