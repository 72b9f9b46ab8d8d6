"""The digits that somebody gives as the second proof of a dossier, in whatever they wrote."""

from __future__ import annotations

import re

from dossiers import find_codes
from dossiers.proof import DIGITS

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
