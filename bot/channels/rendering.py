"""What every channel's renderer begins with: a reply's text, its choices, its sources.

A renderer turns the channel-neutral reply (``{"kind", "text", "buttons", "links", "sources", …}``)
into what one platform is sent; see ``zalo/render.py`` and ``telegram/render.py``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from bot.channels.words import Words, day
from bot.mailbox import Reply

LONGEST_URL = 2000
SHOWN_SOURCES = 2
LONGEST_SOURCE = 60
# What both platforms show as a document: form files, not pages.
FILE_TYPES = {
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".csv": "text/csv",
}


@dataclass(frozen=True)
class Choice:
    """One thing to tap: a button of ours (``payload``), a page (``url``) or a number (``phone``)."""

    title: str
    payload: str | None = None
    url: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Source:
    title: str
    url: str | None


@dataclass(frozen=True)
class Sources:
    """The first few sources, how many more there are, and the oldest day of check."""

    shown: tuple[Source, ...]
    more: int
    checked_on: str | None

    def line(self, words: Words, titles: list[str]) -> str:
        """The last line of a message, with ``titles`` as the channel shows them."""
        joined = "; ".join(titles) + (words.say("more_sources", count=self.more) if self.more else "")
        if self.checked_on is None:
            return words.say("source_undated", titles=joined)
        return words.say("source", titles=joined, day=self.checked_on)


@dataclass(frozen=True)
class Form:
    """A document to be sent as a file."""

    title: str
    url: str


def text_of(reply: Reply) -> str:
    """The reply's text in NFC, without empty edges."""
    return unicodedata.normalize("NFC", str(reply.get("text") or "")).strip()


def choices_of(reply: Reply) -> list[Choice]:
    """Buttons, then links that are pages or numbers; what cannot be tapped safely is left out."""
    buttons = [
        Choice(title, payload=str(row["payload"]))
        for row in reply.get("buttons") or ()
        if (title := _title(row)) and row.get("payload")
    ]
    links = []
    for row in reply.get("links") or ():
        title, url = _title(row), str(row.get("url") or "")
        if re.match(r"tel:.*\d", url):
            links.append(Choice(title or url[4:], phone=url[4:]))
        elif (address := web_address(url)) and file_type(address) is None:
            links.append(Choice(title or address, url=address))
    return buttons + links


def forms_of(reply: Reply) -> list[Form]:
    """The links that lead to a form's file."""
    found = []
    for row in reply.get("links") or ():
        address = web_address(str(row.get("url") or ""))
        if address and file_type(address):
            found.append(Form(_title(row) or file_name(address), address))
    return found


def sources_of(reply: Reply) -> Sources | None:
    """The sources to be shown; None when the reply has none."""
    rows = [row for row in reply.get("sources") or () if _title(row)]
    if not rows:
        return None
    shown = [
        Source(shorten(_title(row), LONGEST_SOURCE), web_address(str(row.get("url") or ""))) for row in rows
    ]
    days = [checked for row in rows if (checked := _date(row.get("checked_on")))]
    oldest = day(min(days)) if days else None
    return Sources(tuple(shown[:SHOWN_SOURCES]), max(0, len(shown) - SHOWN_SOURCES), oldest)


def web_address(url: str) -> str | None:
    """``url`` if it is a web address that a platform takes in a button, else None."""
    if not url or len(url) > LONGEST_URL or re.search(r"[\s\x00-\x1f\x7f<>\"\\^`{|}]", url):
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return url if good else None


def file_name(url: str) -> str:
    """The last part of an address' path."""
    return PurePosixPath(unquote(urlsplit(url).path)).name


def file_type(url: str) -> str | None:
    """The media type of the document behind an address, None when it is a page."""
    return FILE_TYPES.get(PurePosixPath(unquote(urlsplit(url).path)).suffix.lower())


def shorten(text: str, most: int) -> str:
    """``text`` cut at a word with ``…`` when it is longer than ``most`` characters."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    at = head.rfind(" ")
    return (head[:at] if at > most // 2 else head).rstrip(" ,;:.(–-") + "…"


def _title(row: Reply) -> str:
    return " ".join(unicodedata.normalize("NFC", str(row.get("title") or "")).split())


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
