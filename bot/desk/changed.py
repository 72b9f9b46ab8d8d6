"""What a volunteer made of a draft from the catalogue: facts that are not the catalogue's any more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vietnamese import normalize

# Amounts, times, copies: what people act on.
_UNIT = r"đồng|đ|nghìn|ngàn|triệu|%|ngày(?: làm việc)?|giờ làm việc|tháng|bản(?: \w+)?"
_FACT = re.compile(rf"(?<![\d.,])\d+(?:[.,]\d+)*\s*(?:{_UNIT})(?!\w)", re.IGNORECASE)
_ROW = re.compile(r"\s*(?:\d{1,2}[.)]|[-•*–])\s+(?P<words>\S.*)")
MOST, LONGEST = 4, 60


def changed_facts(drafted: str, sent: str) -> list[str]:
    """Facts and rows of lists in ``sent`` that were not in ``drafted``, a few, as they were written."""
    known = {normalize(words) for words in (*_facts(drafted), *_rows(drafted))}
    found = dict.fromkeys(words for words in (*_rows(sent), *_facts(sent)) if normalize(words) not in known)
    whole = [w for w in found if not any(w != other and w in other for other in found)]
    return [w if len(w) <= LONGEST else f"{w[: LONGEST - 1].rstrip()}…" for w in whole[:MOST]]


def _facts(text: str) -> Iterator[str]:
    return (match[0].strip() for match in _FACT.finditer(text))


def _rows(text: str) -> Iterator[str]:
    return (match["words"].strip() for line in text.split("\n") if (match := _ROW.fullmatch(line)))
