"""Slugs: ids and folders made of Vietnamese names."""

from __future__ import annotations

import re

from vietnamese import fold

ID_LENGTH = 60


def slug(text: str, most: int = ID_LENGTH) -> str:
    """``text`` in ASCII words joined by hyphens, whole words up to ``most`` characters."""
    words = re.findall(r"[a-z0-9]+", fold(text))
    kept = ""
    for word in words:
        if len(kept) + len(word) + 1 > most:
            break
        kept = f"{kept}-{word}" if kept else word
    return kept or (words[0][:most] if words else "thu-tuc")


def procedure_slug(name: str) -> str:
    """The id that an official name gives: without "Thủ tục" before and remarks in brackets."""
    short = re.sub(r"^\W*thủ tục\s+", "", name, flags=re.IGNORECASE)
    short = re.sub(r"\([^)]*\)", " ", short)
    return slug(short or name)
