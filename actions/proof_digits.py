"""The digits that somebody gives as the second proof of a dossier, in whatever they wrote."""

from __future__ import annotations

import re
from typing import Literal

from dossiers import find_codes
from dossiers.proof import DIGITS

Kind = Literal["phone", "personal_number"]
_NUMBER = re.compile(r"[0-9](?:[\s.\-]?[0-9])*")


def proof_in(text: str) -> str | None:
    """The digits that somebody gives as their proof: "" when they are too few, None when there are none.

    Codes of dossiers and procedures in the text are none.
    """
    for found in reversed(find_codes(text)):
        text = f"{text[: found.start]} · {text[found.end :]}"
    numbers = [re.sub(r"\D", "", match) for match in _NUMBER.findall(text)]
    longest = max(numbers, key=len, default="")
    if len(longest) >= DIGITS:
        return longest
    return "" if longest and re.fullmatch(r"[\s\d.,\-]+", text) else None


def number_kind(text: str) -> Kind | None:
    """What a number in the text is by its looks, where somebody took it for a dossier's code."""
    for match in _NUMBER.findall(text):
        digits = re.sub(r"\D", "", match)
        if len(digits) == 12 and digits[0] == "0":
            return "personal_number"
        if (len(digits) == 10 and digits[0] == "0") or (len(digits) == 11 and digits.startswith("84")):
            return "phone"
    return None


def holds_a_dossiers_code(text: str) -> bool:
    """Whether a dossier's code stands in the text, or one of a paper or a complaint, which are given for it;
    a procedure's code is a question about the procedure."""
    return any(found.kind != "procedure" for found in find_codes(text))


def is_number_alone(text: str) -> bool:
    """Whether a message is a telephone or personal number and nothing else."""
    return number_kind(text) is not None and not re.search(r"[^\W\d_]", text)
