"""Single cells of an export: dates in all their forms, phones, numbers, text.

Moments come out as ``YYYY-MM-DD HH:MM:SS``: that is what both databases load, it compares as text,
and it is a good deal quicker than a datetime for a million rows.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from dossiers.clock import as_local
from vietnamese import nfc

# Serials of 1954 to 2119; anything else is a number of something else.
_SERIALS = range(20_000, 80_000)
_SERIAL_ZERO = datetime(1899, 12, 30)
# 20190514, as a number.
_WRITTEN_TOGETHER = 19_000_101, 21_001_231
_YEARS = range(1990, 2101)
NO_DATE = "is no date such as 14/05/2026"

NO_FORMULA = "is a formula that nobody has worked out: save the file with its values"

_DAY = r"(?P<d>\d{1,2})\s?[/.-]\s?(?P<m>\d{1,2})\s?[/.-]\s?(?P<y>\d{4}|\d{2})"
_ISO_DAY = r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
_TIME = (
    r"(?P<H>\d{1,2})\s?(?:[:hg]|giờ)\s?(?:(?P<M>\d{1,2})(?:\s?phút)?)?"
    r"(?:[:m]\s?(?P<S>\d{2})(?:\.\d+)?)?\s?(?P<half>[AP]M|SA|CH)?"
)
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:(?:thứ\s+\w+|chủ\s+nhật)[\s,]+)?(?:ngày\s+)?{_DAY}(?:[\s,T]+{_TIME})?",
        rf"{_ISO_DAY}(?:[\s,T]+{_TIME}(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?",
        rf"{_TIME}[\s,]+(?:ngày\s+)?{_DAY}",
        rf"{_TIME}[\s,]+(?:ngày\s+)?{_ISO_DAY}",
        r"(?:ngày\s+)?(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2})\s+năm\s+(?P<y>\d{4})",
        r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)",
    )
]
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_NOT_DIGITS = re.compile(r"\D")
_WRAPPED = frozenset("'‘’=")
_SPACES = re.compile(r"[ \t\u00a0]+")


class Unreadable(ValueError):
    """A cell does not hold what its column is for; the text quotes it and says what is wrong.

    ``reason`` says it without the cell's own words, which may be somebody's name in the wrong column.
    """

    def __init__(self, reason: str, value: str | None = None, where: str = "") -> None:
        place = f"{where}: " if where else ""
        self.value, self.words = value, reason
        self.reason = place + (reason if value is None else f"the value {reason}")
        super().__init__(place + (reason if value is None else f"{shown(value)} {reason}"))


def text(cell: object) -> str | None:
    """The cell's text without what keeps Excel from reckoning (an apostrophe, ``="…"``); None when empty.

    Raises :class:`Unreadable` for a formula.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    value = str(cell).strip()
    if not value:
        return None
    # Nearly every cell of a million rows is plain already.
    if value.isprintable() and value[:1] not in _WRAPPED and "  " not in value:
        return value if value.isascii() else nfc(value)
    value = value.lstrip("'‘’").strip()
    if value.startswith('="') and value.endswith('"'):
        value = value[2:-1].strip()
    elif value.startswith("="):
        raise Unreadable(NO_FORMULA, value)
    if not value:
        return None
    if not value.isascii():
        value = nfc(value)
    # PostgreSQL has no null character, and half of a surrogate pair is no text.
    return _SPACES.sub(" ", value.replace("\0", "")).encode("utf-8", "ignore").decode() or None


def filled(cell: object) -> bool:
    """Whether anything stands in the cell, a formula included."""
    return cell is not None and str(cell).strip().lstrip("'‘’") not in ("", '=""')


def moment(cell: object) -> str | None:
    """The cell's date and time; None when empty. Raises :class:`Unreadable`."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return _typed(cell)
    if isinstance(cell, datetime):
        return _checked(as_local(cell))
    if isinstance(cell, date):
        return _checked(datetime.combine(cell, time()))
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return (
            _typed(str(int(cell)))
            if _WRITTEN_TOGETHER[0] <= cell <= _WRITTEN_TOGETHER[1]
            else _serial(float(cell))
        )
    raise Unreadable(NO_DATE, str(cell))


def phone(cell: object) -> str | None:
    """Digits of a phone number; the zero that Excel takes off a mobile number is put back."""
    value = text(cell)
    if value is None or _SCIENTIFIC.fullmatch(value):
        return None
    digits = value if value.isdecimal() else _NOT_DIGITS.sub("", value)
    digits = digits[:20]
    if len(digits) == 11 and digits.startswith("84"):
        digits = "0" + digits[2:]
    if len(digits) == 9 and digits[0] in "35789":
        digits = "0" + digits
    return digits or None


def personal_number(cell: object) -> str | None:
    """A personal number (số định danh, 12 digits), an old identity card's or a tax code, without spaces."""
    value = text(cell)
    if value is None or _SCIENTIFIC.fullmatch(value):
        return None
    if not value.isalnum():
        value = re.sub(r"[\s.]", "", value)
    value = value[:32]
    # Excel takes the leading zero off 12 digits: 11 digits are no number of any kind.
    return "0" + value if len(value) == 11 and value.isdecimal() else value


@lru_cache(maxsize=1 << 16)
def _typed(cell: str) -> str | None:
    value = text(cell)
    if value is None:
        return None
    for form in _FORMS:
        match = form.fullmatch(value)
        if match:
            return _from_parts(value, match.groupdict())
    try:
        serial = float(value.replace(",", "."))
    except ValueError:
        raise Unreadable(NO_DATE, value) from None
    return _serial(serial)


def _from_parts(value: str, parts: dict[str, str | None]) -> str:
    year = int(parts["y"] or 0)
    hour = int(parts.get("H") or 0)
    half = (parts.get("half") or "").upper()
    if half in ("PM", "CH") and hour < 12:
        hour += 12
    elif half in ("AM", "SA") and hour == 12:
        hour = 0
    try:
        moment = datetime(
            year + 2000 if len(parts["y"] or "") <= 2 else year,
            int(parts["m"] or 0),
            int(parts["d"] or 0),
            hour,
            int(parts.get("M") or 0),
            int(parts.get("S") or 0),
        )
    except ValueError as error:
        raise Unreadable("is no day of the calendar", value) from error
    _check_year(moment)
    return _checked(_here(moment, parts.get("zone")))


def _here(moment: datetime, zone: str | None) -> datetime:
    """A moment of another zone in Viet Nam's time; without one it is Viet Nam's already."""
    if zone is None:
        return moment
    hours, minutes = (0, 0) if zone == "Z" else (int(zone[1:3]), int(zone[3:].lstrip(":") or 0))
    away = timedelta(hours=hours, minutes=minutes)
    return moment + timedelta(hours=7) - (-away if zone[0] == "-" else away)


def _serial(number: float) -> str:
    # Not by int(): a cell may hold infinity, or no number at all.
    if not _SERIALS.start <= number < _SERIALS.stop:
        raise Unreadable(NO_DATE, str(number))
    # Excel's fractions of a day are a little off the second.
    return _checked(_SERIAL_ZERO + timedelta(seconds=round(number * 86_400)))


def _check_year(value: datetime) -> None:
    if value.year not in _YEARS:
        raise Unreadable(f"the year {value.year} cannot be right")


def _checked(value: datetime) -> str:
    _check_year(value)
    return value.replace(microsecond=0).isoformat(" ")


def shown(value: str) -> str:
    """A cell's text for a message, cut where it is long."""
    return repr(value if len(value) <= 40 else value[:40] + "…")
