"""Leaves out where somebody lives: "chuyển hộ khẩu từ Nghệ An vào Sài Gòn" is "chuyển hộ khẩu từ vào"."""

from __future__ import annotations

import re
from functools import cache

from vietnamese.resources import places

_LEAST = 2


def without_places(norm: str) -> str:
    """A normalised text without the names of provinces and cities; as it is when less than two words would be
    left. Never raises."""
    left = " ".join(_names().sub(" ", norm).split())
    return left if left.count(" ") + 1 >= _LEAST else norm


@cache
def _names() -> re.Pattern[str]:
    longest_first = sorted(places(), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")
