"""Telling apart what portal texts mix: papers and instructions, bodies that exist and that are gone,
full numbers of legal texts and mere fragments. Shared by the importers and the lint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from vietnamese import nfc

# Districts (huyện, quận, thị xã, thị trấn) are gone since 1 July 2025, and with them their offices;
# some departments of the provinces were merged in March 2025.
_GONE = re.compile(
    r"\bcấp huyện\b"
    r"|\b(?:UBND|[UỦ][ỷy] ban nhân dân|HĐND|Hội đồng nhân dân|Công an|Bảo hiểm xã hội|BHXH|Tòa án nhân dân"
    r"|Toà án nhân dân|Viện kiểm sát nhân dân|Chi cục [Tt]huế|Thanh tra|Ban chỉ huy quân sự)"
    r"(?: các)?(?: cấp)? (?:huyện|quận|thị xã)\b"
    r"|\bPhòng (?:Tư pháp|Giáo dục|Lao động|Tài nguyên|Nội vụ|Tài chính|Công Thương|Quản lý đô thị)\b"
    r"|\bSở (?:Lao động|Kế hoạch và Đầu tư|Tài nguyên và Môi trường|Giao thông vận tải"
    r"|Thông tin và Truyền thông|Nông nghiệp và Phát triển nông thôn)\b"
    r"|\b(?:thị trấn|công an huyện|công an quận)\b",
    re.IGNORECASE,
)
# A sentence may well tell that a body is gone.
_TOLD_AS_GONE = re.compile(
    r"không còn|không có|đã bỏ|bỏ cấp|trước đây|trước ngày|trước 0?1/7/2025|cũ\b", re.IGNORECASE
)

_INSTRUCTION = re.compile(
    r"^[\W\d]*(?:trường hợp|nếu|đối với|lưu ý|ghi chú|chú ý|khi |ngoài ra|riêng |việc |người yêu cầu"
    r"|công dân có|cơ quan |cá nhân,? |tổ chức,? |cán bộ|thành phần hồ sơ|hồ sơ (?:gồm|bao gồm)"
    r"|các giấy tờ (?:sau|tương ứng)|giấy tờ (?:phải|cần) |không (?:yêu cầu|phải|quy định|có)"
    r"|(?:một trong|các loại)[^.]*\bsau(?: đây)?\W*$)",
    re.IGNORECASE,
)
PAPER_NAME_MOST = 220

# Issuers by how they sign, the longer first: portal texts glue the next word to the number.
_ISSUER = (
    "(?:BVHTTDL|BLĐTBXH|BNNPTNT|TANDTC|VKSNDTC|BNNMT|BTNMT|BKHĐT|BKHCN|BTTTT|BVHTT|BDTTG|BGD&ĐT|BGDĐT|BGTVT"
    "|BTGCP|BHXH|VPCP|TTCP|NHNN|KTNN|UBDT|UBTƯMTTQVN|HĐTP|BTC|BTP|BCA|BNV|BYT|BXD|BNN|BQP|BNG|BCT|BCN|BTM|BKH"
    "|CP|TTg)"
)
_NUMBER = re.compile(
    r"(?<!\d)(?<!\d[./])(?:"
    r"(?P<ordinal>\d{1,4}(?:\.\d{1,3})?)/(?P<year>\d{4})/(?:"
    r"QH(?P<congress>1[0-9]|[6-9](?!\d))|(?:NQ-|PL-)?UBTVQH1\d|(?:NQ|QĐ|CT)-(?:HĐND|UBND)"
    rf"|(?:NĐ|NQ)-CP|(?:QĐ|CT|NQ|TT|TTLT|NQLT)-{_ISSUER}(?:-{_ISSUER})*)"
    rf"|\d{{1,5}}/(?:QĐ|CT|VBHN|HD|CV)-{_ISSUER}(?:-[A-Z]\d{{2}})?)"
)
# A law word and a number without its issuer: "Nghị định 118/2025".
_BARE = re.compile(
    r"(?:Luật|Bộ luật|Nghị định|Nghị quyết|Thông tư|Quyết định|NĐ|TT|QĐ|NQ)(?: số)? "
    r"(\d{1,4}(?:\.\d{1,3})?/(?:19|20)\d{2})(?![\d/])"
)
# Years in which each National Assembly (Quốc hội khóa …) passed laws.
_CONGRESSES = {9: 1992, 10: 1997, 11: 2002, 12: 2007, 13: 2011, 14: 2016, 15: 2021, 16: 2026, 17: 2031}
_GLUED_YEAR = re.compile(
    r"(\d{1,2}/\d{1,2}/(?:19|20)\d{2}(?=\d)|năm (?:19|20)\d{2}(?=\d)"
    r"| (?:19|20)\d{2}(?=\d{1,3}/(?:19|20)\d{2}/))"
)


def gone_bodies(text: str) -> list[str]:
    """The bodies named in ``text`` that no longer exist, unless it says so itself."""
    if _TOLD_AS_GONE.search(text):
        return []
    return [match.group() for match in _GONE.finditer(text)]


def is_instruction(name: str) -> bool:
    """Whether the name of a paper is no paper but an instruction ("Trường hợp …", "Lưu ý …")."""
    return len(name) > PAPER_NAME_MOST or bool(_INSTRUCTION.match(name))


def legal_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, number) of each full number in ``text`` as :func:`separated` gives it back."""
    begin = 0
    # What follows a number is looked at on its own: "60/2014/QH1360/2014/QH13" is twice the same.
    while match := _NUMBER.search(text[begin:]):
        yield begin + match.start(), begin + match.end(), match.group()
        begin += match.end()


def separated(text: str) -> str:
    """``text`` in NFC with a space where a number follows a date without one."""
    return _GLUED_YEAR.sub(r"\1 ", nfc(text))


def bare_numbers(text: str) -> list[str]:
    """Numbers of legal texts without their issuer: they collide, so they say nothing."""
    return [match.group(1) for match in _BARE.finditer(text)]


def number_fault(number: str, today: date) -> str | None:
    """What is wrong with the number of a legal text; None when it is possible."""
    match = _NUMBER.fullmatch(number)
    if match is None:
        return f"{number!r} is not a full number such as 123/2015/NĐ-CP or 60/2014/QH13"
    if match["year"] and not 1945 <= int(match["year"]) <= today.year:
        return f"{number!r} has an impossible year"
    if match["congress"]:
        first = _CONGRESSES.get(int(match["congress"]))
        last = _CONGRESSES.get(int(match["congress"]) + 1, 9999)
        if first is not None and not first <= int(match["year"]) <= last:
            return f"{number!r}: no law of that year came from that National Assembly"
    return None
