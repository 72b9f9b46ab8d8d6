"""Sums of money in the portal's texts, each with its unit, its name and the dates of its clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from procedures_catalog.recognise import legal_numbers

_AMOUNT = re.compile(
    r"(?<![\d./])(?P<amount>\d{1,3}(?:[.,]\d{3})+|\d{4,})(?:\s*\([^)]{3,60}\))?"
    r"(?P<money>\s*(?:Việt Nam )?(?:đồng|đ(?![\wà-ỹ])|VNĐ|VND))?"
    r"(?:\s*/\s*(?P<unit>[^.;:()\n+]{2,60}?)(?=[.;:()\n+]|$|, (?:trường hợp|nếu|khi|áp dụng|tối đa|từ )))?",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"(?:đến hết|hết|đến)(?: ngày)? (\d{1,2})/(\d{1,2})/(\d{4})")
_SINCE = re.compile(r"từ(?: ngày)? (\d{1,2})/(\d{1,2})/(\d{4})", re.IGNORECASE)
_CLAUSE = re.compile(r"[;\n]|\.(?=\s|$)|(?<=\s)[-+](?=\s)|^[-+](?=\s)")
_NAME = re.compile(r"((?:Lệ phí|Phí)\b[^:;.\d()]{3,90}?)\s*(?::|là)\s*$")


@dataclass(frozen=True)
class Amount:
    """``value`` in đồng; ``printed`` as it stands in the text; ``number`` the legal text beside it."""

    value: int
    unit: str = ""
    name: str = ""
    since: date | None = None
    until: date | None = None
    number: str = ""
    printed: str = ""


def clauses(text: str) -> list[str]:
    """The clauses of a text: its sentences, items and half-sentences."""
    return [clause.strip() for clause in _CLAUSE.split(text) if clause.strip()]


def amounts_in(text: str) -> list[Amount]:
    """Each sum of money in the text, in order. A damaged one ("0.000đ") comes as 0."""
    found: list[Amount] = []
    for clause in clauses(text):
        since, until = _date(_SINCE, clause), _date(_UNTIL, clause)
        numbers = [number for _, _, number in legal_numbers(clause)]
        for match in _AMOUNT.finditer(clause):
            if not (match["money"] or match["unit"]):
                continue
            name = _NAME.search(clause[: match.start()])
            found.append(
                Amount(
                    value=int(re.sub(r"\D", "", match["amount"])),
                    unit=(match["unit"] or "").strip(),
                    name=name[1].strip() if name else "",
                    since=since,
                    until=until,
                    number=numbers[0] if len(numbers) == 1 else "",
                    printed=match.group(),
                )
            )
    return found


def has_run_out(clause: str, day: date) -> bool:
    """Whether a clause holds only up to a day before ``day``."""
    until = _date(_UNTIL, clause)
    return until is not None and until < day


def _date(pattern: re.Pattern[str], clause: str) -> date | None:
    match = pattern.search(clause)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None
