"""What a message takes for true: an amount of money, a time; read in normalised text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from procedures_catalog.model import Duration, Fee
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

Unit = Literal["hours", "days", "same_day"]

_UNITS = {"nghin": 1_000, "ngan": 1_000, "k": 1_000, "trieu": 1_000_000, "cu": 1_000_000, "dong": 1, "d": 1}
_MONEY = re.compile(
    rf"\b(\d[\d.,]*)(?: ?({'|'.join(_UNITS)})\b)?( ruoi\b)?(?: ([1-9])\b(?= (?:dung|phai|ha|co)\b|$))?"
)
# Without "đồng" behind it, so much is money; less may be a number of pages.
_LEAST_BARE = 10_000
_DIGITS = dict(mot=1, hai=2, ba=3, bon=4, tu=4, nam=5, lam=5, sau=6, bay=7, tam=8, chin=9)
_IN_WORDS = "|".join((*_DIGITS, "muoi", "chuc", "tram", "nua", "vai", "may"))
_WORDS = re.compile(rf"(?<![\d.,])\b((?:\d )?(?:(?:{_IN_WORDS}) )+)(nghin|ngan|trieu)\b")
# So many pieces cost so many times as much: nothing is said of that.
_PIECES = re.compile(
    r"\b(?:[2-9]|[1-9]\d+|hai|ba|bon|nam|sau|muoi) (?:trang|to|ban|bo|nguoi|chu ky|truong hop|lan|can|tam)\b"
)
_TIME = re.compile(r"\b(\d+) (?:ngay|tuan|thang|gio|tieng)\b(?! \d)")
_HOURS = {"gio": 1, "tieng": 1}
_DAYS = {"ngay": (1, 1), "tuan": (5, 7), "thang": (22, 30)}


@dataclass(frozen=True)
class Time:
    """A time as it is said: ``amount`` of the normalised word ``unit``; no amount: on the same day."""

    amount: int
    unit: str

    def is_that_of(self, row: Duration) -> bool:
        """Whether the entry says the same; a week is five working days or seven days."""
        if not self.amount:
            return row.unit == "same_day" or (row.unit == "hours" and (row.amount or 0) <= 8)
        if self.unit in _HOURS:
            return row.unit == "hours" and row.amount == self.amount
        if row.unit == "same_day":
            return self.unit == "ngay" and self.amount == 1
        working, calendar = _DAYS[self.unit]
        days = {"working_days": working, "days": calendar}.get(row.unit)
        return days is not None and row.amount == self.amount * days


def money_in(text: str) -> int | None:
    """The last amount of đồng in normalised text; 0 when it is said to be free. None when there is none, or
    it is that of several pieces."""
    if phrasing().says("free_of_charge", text.split()):
        return 0
    found = _amounts(text)
    return None if _PIECES.search(text) or not found else found[-1]


def is_amount_of(claim: int, row: Fee) -> bool:
    """Whether a line of fees says that amount."""
    if row.state == "free":
        return claim == 0
    return claim in (row.amount, row.maximum)


def notes_amount(claim: int, row: Fee) -> bool:
    """Whether the amount stands in a line's note: somebody pays it."""
    return claim in _amounts(normalize(row.note or ""))


def _amounts(text: str) -> list[int]:
    found = [(m.start(), m.end(), amount) for m in _WORDS.finditer(text) if (amount := _in_words(m))]
    found += [
        (m.start(), m.end(), amount)
        for m in _MONEY.finditer(text)
        if (amount := _amount(m)) is not None and not any(start <= m.start() < end for start, end, _ in found)
    ]
    return [amount for _, _, amount in sorted(found)]


def notes_time(claim: Time, row: Duration) -> bool:
    """Whether the time stands in a line's note: it is that of some."""
    return f" {claim.amount} {claim.unit} " in f" {normalize(row.note or '')} "


def time_in(text: str) -> Time | None:
    """The last time in normalised text."""
    found = [m.group().split() for m in _TIME.finditer(text)]
    if found:
        return Time(int(found[-1][0]), found[-1][1])
    return Time(0, "ngay") if phrasing().says("at_once", text.split()) else None


def _amount(match: re.Match[str]) -> int | None:
    digits, unit, half, more = match.groups()
    times = _UNITS.get(unit or "", 1)
    if times > 1:
        points = digits.replace(",", ".").rstrip(".")
        whole = float(points) if points.count(".") < 2 else 0.0
        extra = int(more) * times // 10 if more else 0
        return int(whole * times) + extra + (times // 2 if half else 0)
    plain = re.sub(r"[.,]", "", digits)
    grouped = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits.rstrip(".,"))
    if unit or grouped or int(plain) >= _LEAST_BARE:
        return int(plain)
    return None


def _in_words(match: re.Match[str]) -> int:
    """ "Năm chục ngàn", "ba trăm nghìn", "nửa triệu"."""
    total = last = 0
    times = _UNITS[match.group(2)]
    for word in match.group(1).split():
        if word in ("nua", "vai", "may"):
            return times // 2 if word == "nua" else 0
        if word in _DIGITS:
            last = _DIGITS[word]
        elif word.isdecimal():
            last = int(word)
        elif word in ("muoi", "chuc", "tram"):
            total, last = total + max(last, 1) * (100 if word == "tram" else 10), 0
    return (total + last) * times
