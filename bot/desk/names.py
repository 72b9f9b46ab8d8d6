"""Names of persons in what people write, as far as they can be told from other words.

A name is known by its surname and capitals, by its middle word (Văn, Thị) however it is typed, or by what
stands before it ("tên là", "ông"). Rather a street or two masked with them than a name kept.
"""

from __future__ import annotations

import re
import unicodedata

NAME = "[tên]"

_SURNAMES = """
    nguyễn trần phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý lê trương đinh trịnh đoàn mai đào tô
    lương cao lâm hà thái châu tạ phùng quách vương tăng kiều nghiêm"""
# They begin as names do, and are places and words of offices.
_NO_NAMES = frozenset(
    """ha noi|ha nam|ha giang|ha tinh|ha dong|ha long|ho chi|ho tay|ho so|cao bang|cao lanh|cao dang|cao hoc
    |lam dong|lam nghiep|thai binh|thai nguyen|thai san|chau doc|phan thiet|phan rang|mai tang|dao tao
    |luong huu|luong thuc|ly lich|ly hon|ly do|vu trang|vuong quoc|tang cuong|ta on|duong tinh|phan anh
    |kieu bao|kieu hoi|ho tich|ho khau|ho ngheo|do thi""".replace("\n", "")
    .replace(" |", "|")
    .split("|")
)
_UPPER = "A-Z" + "".join(
    chr(n) for n in (*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA)) if chr(n).isalpha() and chr(n).isupper()
)
_SURNAME = "|".join(sorted(_SURNAMES.split()))
_BARE = "|".join(
    "nguyen tran pham hoang huynh phan vu vo dang bui ngo duong le truong dinh trinh doan".split()
)
_CAPITAL = rf"[{_UPPER}][^\W\d_]*"
_BY_CAPITALS = re.compile(rf"\b(?i:{_SURNAME})(?:[ \t]+{_CAPITAL}){{1,4}}")
_MIDDLE = re.compile(
    rf"\b(?:(?:{_SURNAME})\s+(?:văn|thị)|(?:{_BARE})\s+(?:van|thi))\s+[^\W\d_]+(?:\s+{{capital}})?".replace(
        "{capital}", f"(?-i:{_CAPITAL})"
    ),
    re.IGNORECASE,
)
_TOLD = re.compile(
    rf"(?i:\b(?:họ tên|họ và tên|tên(?: tôi| em| cháu| con)?|ten)(?: là| la|:)?|\b(?:tôi|em|mình|cháu) là)\s+"
    rf"(?P<name>(?i:(?:{_SURNAME})(?:\s+[^\W\d_]+){{1,2}})|{_CAPITAL}(?:\s+{_CAPITAL}){{0,3}})"
)
_TITLE = re.compile(
    rf"\b(?:ông|bà|anh|chị|cô|chú|bác|em|cháu|bé|thầy)\s+(?P<name>{_CAPITAL}(?:[ \t]+{_CAPITAL}){{0,3}})"
)


def without_names(text: str) -> str:
    """``text`` (NFC) with :data:`NAME` where a person's name stands."""
    text = _MIDDLE.sub(NAME, text)
    if _capitals_tell(text):
        text = _BY_CAPITALS.sub(lambda m: m[0] if not _is_name(m[0]) else NAME, text)
        text = _TITLE.sub(_around, text)
    return _TOLD.sub(_around, text)


def _around(found: re.Match[str]) -> str:
    if not _is_name(found["name"]):
        return found[0]
    return found[0][: found.start("name") - found.start()] + NAME


def _is_name(words: str) -> bool:
    """Whether it is not one of the places and words that begin like names."""
    return " ".join(_folded(words).split()[:2]) not in _NO_NAMES and words[:1].isupper() | (" " in words)


def _capitals_tell(text: str) -> bool:
    """Whether capitals say something: not where all letters are."""
    return not text.replace(NAME, "").isupper()


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return "".join(c for c in plain if not unicodedata.combining(c))
