"""The labels of a saved page or Word file, and what stands below each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from procedures_catalog.importers.blocks import Block, Table
from procedures_catalog.importers.page import tidy
from vietnamese import fold

# Folded, as the older page, the newer page, the Word file and the provinces' own portals print them;
# what stands below a label without a name is passed over.
_NAMES = {
    "name": "ten thu tuc|ten thu tuc hanh chinh|ten tthc",
    "code": "ma thu tuc|ma thu tuc hanh chinh|ma tthc|ma so tthc|ma so thu tuc|ma so thu tuc hanh chinh",
    "decision": "so quyet dinh|quyet dinh cong bo",
    "level": "cap thuc hien",
    "domain": "linh vuc|thuoc linh vuc|linh vuc thuc hien",
    "ways": "cach thuc thuc hien|hinh thuc nop ho so",
    "papers": "thanh phan ho so|thanh phan, so luong ho so|ho so gom|ho so bao gom|ho so gom co|ho so can nop"
    "|thanh phan ho so gom|thanh phan ho so bao gom",
    "agency": "co quan thuc hien|co quan giai quyet|co quan truc tiep thuc hien"
    "|co quan thuc hien thu tuc hanh chinh|co quan truc tiep thuc hien tthc",
    "authority": "co quan co tham quyen|co quan co tham quyen quyet dinh",
    "place": "dia chi tiep nhan hs|dia chi tiep nhan ho so|noi nop ho so|noi tiep nhan ho so",
    "results": "ket qua thuc hien|ket qua xu ly|ket qua giai quyet|ket qua thuc hien thu tuc hanh chinh",
    "laws": "can cu phap ly|can cu phap ly cua tthc|can cu phap ly cua thu tuc hanh chinh|co so phap ly",
    "conditions": "yeu cau, dieu kien thuc hien|yeu cau dieu kien thuc hien|yeu cau, dieu kien"
    "|yeu cau, dieu kien thuc hien thu tuc hanh chinh",
    "time": "thoi han giai quyet|thoi gian giai quyet|thoi gian thuc hien",
    "fee": "phi, le phi|le phi, phi|le phi|phi",
    "": "loai thu tuc|trinh tu thuc hien|doi tuong thuc hien|co quan duoc uy quyen|co quan phoi hop|tu khoa"
    "|mo ta|thu tuc hanh chinh lien quan|so luong ho so|bieu mau|mau don, to khai|ten mau don, to khai"
    "|muc do thuc hien|hinh thuc thuc hien",
}
_LABELS = {label: name for name, labels in _NAMES.items() for label in labels.split("|")}
_FOOTER = re.compile(r"^(?:chọn cơ quan thực hiện|hệ thống chỉ hiển thị|nộp hồ sơ$|-- chọn)", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+")
# "3.", "b)", "IV." before a label, and "(nếu có)" after it.
_AROUND = re.compile(r"^[\W_]*(?:(?:\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]{1,5})[.)]\s*)?|\s*\([^()]*\)\W*$")
_OTHER_LABEL = re.compile(r"[^\W\d_][^:.;()]{2,40}:")


@dataclass
class Value:
    """What stands below one label; each table with the line above it."""

    texts: list[str] = field(default_factory=list)
    tables: list[tuple[str, Table]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    @property
    def own_lines(self) -> list[str]:
        """The texts up to one that looks like a label that nobody knows ("Ngày ban hành: …")."""
        ends = (i for i, text in enumerate(self.texts) if i and _OTHER_LABEL.match(text))
        return self.texts[: next(ends, len(self.texts))]


@dataclass(frozen=True)
class _Label:
    """The first cell of a row of labels and values."""

    text: str


def labels_of(name: str) -> tuple[str, ...]:
    """The wordings of a label, folded."""
    return tuple(_NAMES[name].split("|"))


def label_of(text: str) -> tuple[str | None, str]:
    """The field that a text labels ("" for one that is passed over) and what follows on the same line;
    (None, the text) when it is no label."""
    before, colon, after = text.partition(":")
    known = _LABELS.get(_AROUND.sub("", fold(tidy(before))).strip(" *")) if len(before) <= 80 else None
    return (known, after.strip()) if known is not None and (colon or not after) else (None, text)


def values_below(blocks: list[Block]) -> tuple[dict[str, Value], list[str]]:
    """What stands below each label, and remarks. Of a label told twice what it told first counts, a table
    before a line of text."""
    told: dict[str, list[Value]] = {}
    remarks: list[str] = []
    current: Value | None = None
    heading = ""
    for block in _parts(blocks):
        if isinstance(block, list):
            if current is not None:
                current.tables.append((heading, block))
            heading = ""
            continue
        text = block.text if isinstance(block, _Label) else block
        label, rest = label_of(text)
        if label is not None:
            before = told.setdefault(label, [])
            if label in ("name", "code") and rest and any(v.texts and rest not in v.texts for v in before):
                remarks.append(f"it names a further procedure, {rest[:80]!r}: only the first is read")
            if not (before and before[-1] is current):
                before.append(current := Value())
            heading, text = "", rest
        elif isinstance(block, _Label):
            current, heading, text = Value(), "", ""
        if not text or current is None or _LINK.fullmatch(text):
            continue
        if _FOOTER.match(text):
            current = None
            continue
        current.texts.append(text)
        heading = text
    told.pop("", None)
    return {label: _first(values) for label, values in told.items()}, remarks


def _first(values: list[Value]) -> Value:
    said = [value for value in values if value.texts or value.tables] or values
    return next((value for value in said if value.tables), said[0])


def _parts(blocks: list[Block]) -> Iterator[Block | _Label]:
    """The blocks, with tables that only lay out labels and values taken apart."""
    for block in blocks:
        if isinstance(block, str):
            yield block
            continue
        rows = [[cell for cell, _ in groupby(row)] for row in block]
        labelled = sum(label_of(row[0])[0] is not None for row in rows)
        if not labelled or (any(len(row) > 2 for row in rows) and 2 * labelled < len(rows)):
            yield block
            continue
        for row in rows:
            for at, cell in enumerate(row):
                is_label = at == 0 or (at % 2 == 0 and label_of(cell)[0] is not None)
                yield _Label(cell) if is_label else cell
