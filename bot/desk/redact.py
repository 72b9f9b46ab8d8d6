"""Questions without the people in them: names, numbers of persons and dossiers, addresses."""

from __future__ import annotations

import re
import unicodedata

from bot.desk.names import without_names
from dossiers import find_codes

NUMBER, CODE, ADDRESS = "[số]", "[mã hồ sơ]", "[địa chỉ]"
_MAIL_OR_LINK = re.compile(r"\S+@\S+\.\w+|(?:https?://|www\.)\S+", re.IGNORECASE)
# "số nhà 12A", "ngõ 35/7"
_HOUSE = re.compile(
    r"\b(?:số nhà|so nha|ngõ|ngo|ngách|ngach|hẻm|hem|kiệt|kiet)\s+(?:số\s+|so\s+)?\d+\w{0,2}(?:/\d+\w{0,2})*",
    re.IGNORECASE,
)
# Six digits and more, however they are parted: telephones, identity cards, accounts, days of birth.
_LONG_NUMBER = re.compile(r"\+?\d(?:[\s.,/-]{0,2}\d){5,}")
_PROCEDURE_CODE = re.compile(r"\d\.\d{6}")


def redacted(text: str) -> str:
    """``text`` with what could name a person masked; codes of procedures stay."""
    text = unicodedata.normalize("NFC", text)
    for found in reversed(find_codes(text)):
        if found.kind != "procedure":
            text = f"{text[: found.start]}{CODE}{text[found.end :]}"
    text = _HOUSE.sub(ADDRESS, _MAIL_OR_LINK.sub(ADDRESS, text))
    text = _LONG_NUMBER.sub(lambda m: m[0] if _PROCEDURE_CODE.fullmatch(m[0]) else NUMBER, text)
    return without_names(text)
