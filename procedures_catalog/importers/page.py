"""What a portal page says of a procedure, as far as its labels and tables tell it apart.

Every reader makes a :class:`Page`; :mod:`procedures_catalog.importers.entry` makes the entry of it.
Texts are as printed, tidied; nothing is judged here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from procedures_catalog.model import ChannelName
from vietnamese import clean

# What the portal prints where it has nothing to say.
_NOTHING = re.compile(r"(?:không có thông tin|không quy định|không có|không|-+|\.+)[\s.]*", re.IGNORECASE)
_CHANNELS: tuple[tuple[str, ChannelName], ...] = (
    ("trực tuyến", "online"),
    ("online", "online"),
    ("bưu chính", "post"),
    ("bưu điện", "post"),
    ("post", "post"),
    ("trực tiếp", "in_person"),
    ("direct", "in_person"),
    ("in_person", "in_person"),
)


SHORT_ABOUT = 80


@dataclass
class Way:
    """A row of "Cách thức thực hiện": time and fee as printed, ``about`` what stands beside them."""

    channel: ChannelName
    time: str = ""
    fee: str = ""
    about: str = ""


@dataclass
class Paper:
    """A row of "Thành phần hồ sơ"; ``required`` None where the source does not say."""

    name: str
    originals: int = 0
    copies: int = 0
    form: str = ""
    required: bool | None = None


@dataclass
class Group:
    """The rows of one table of papers and the words above it."""

    heading: str
    papers: list[Paper] = field(default_factory=list)


@dataclass
class Page:
    """One procedure as a source prints it. Empty: the source says nothing.

    ``channels`` None: those of ``ways``; a list where the source tells time and fee by no channel.
    ``remarks``: what stands there and could not be read.
    """

    name: str = ""
    code: str = ""
    domain: str = ""
    level: str = ""
    agencies: list[str] = field(default_factory=list)
    place: str = ""
    url: str = ""
    decision: str = ""
    ways: list[Way] = field(default_factory=list)
    channels: list[ChannelName] | None = None
    groups: list[Group] = field(default_factory=list)
    laws: list[tuple[str, str]] = field(default_factory=list)
    conditions: str = ""
    results: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def tidy(text: object) -> str:
    """One line of NFC text without control characters and doubled spaces."""
    return " ".join(_clean(text).split())


def tidy_lines(text: object) -> str:
    """Like :func:`tidy`, line by line."""
    return "\n".join(line for raw in _clean(text).splitlines() if (line := tidy(raw)))


def _clean(text: object) -> str:
    # Halves of characters that a damaged file may hold cannot be written to any other.
    return clean("" if text is None else str(text).encode("utf-8", "ignore").decode("utf-8"))


def said(text: object) -> str:
    """The tidied text, or nothing where the portal prints that it has nothing to say."""
    line = tidy(text)
    return "" if _NOTHING.fullmatch(line) else line


def web_address(text: object) -> str:
    """The tidied address, if it is one that a browser may open; a link to anything else could be a script."""
    line = tidy(text)
    return line if line.lower().startswith(("https://", "http://")) else ""


def channels_of(text: str) -> list[ChannelName]:
    """The channels that a cell such as "Trực tiếp hoặc qua dịch vụ bưu chính" names."""
    lower = tidy(text).lower()
    named = ((lower.find(words), channel) for words, channel in _CHANNELS)
    return list(dict.fromkeys(channel for at, channel in sorted(named) if at >= 0))


def channel_of(text: str) -> ChannelName | None:
    """The one channel that a text names; None when it names none, or several."""
    named = channels_of(text)
    return named[0] if len(named) == 1 else None


def unread(label: str, lost: str) -> str:
    """The remark on a part of a source that cannot be told apart."""
    return f"«{label}» cannot be read: {lost} left out"


def short_about(text: str) -> str | None:
    """What stands beside a row, where it is short enough to say which of several it is."""
    line = said(text)
    return line if 2 <= len(line) <= SHORT_ABOUT and not re.search(r"\d", line) else None
