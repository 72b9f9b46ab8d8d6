"""HTTP to the outside: clients for platforms, and the files of forms."""

from __future__ import annotations

import logging
import ssl
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import httpx

from bot.channels.errors import PlatformAway
from bot.channels.rendering import file_name, file_type

T = TypeVar("T")
LARGEST_FILE = 5 * 1024 * 1024
# What a document of each kind begins with; a log-in page in its place does not.
_MAGIC = {
    "application/pdf": b"%PDF",
    "application/msword": b"\xd0\xcf\x11\xe0",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": b"PK",
}
_MOST_REMEMBERED = 5_000


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def quiet_libraries() -> None:
    """Keeps tokens and texts out of the log, at any level: addresses of platforms hold tokens, and
    python-telegram-bot writes whole messages at DEBUG and when it cannot read an answer."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)


@cache
def tls() -> ssl.SSLContext:
    """What is trusted. Reading the certificates takes longer than all the rest of a client."""
    return httpx.create_ssl_context()


def connections(most: int) -> httpx.Limits:
    """Connections are given up before the other side does: one that is closing loses an answer."""
    return httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=4.0)


def http_client(url: str, within: float) -> httpx.AsyncClient:
    """A client for a platform at ``url``; ``within`` seconds for an answer. Nothing is contacted yet."""
    # A proxy of this machine's is for what is outside of it.
    return httpx.AsyncClient(
        timeout=httpx.Timeout(within, connect=5.0, pool=5.0),
        limits=connections(50),
        trust_env=not is_loopback(url),
        verify=tls(),
    )


@dataclass(frozen=True)
class File:
    name: str
    type: str
    data: bytes


async def fetch_form(http: httpx.AsyncClient, url: str) -> File:
    """The document at an address of the catalogue's.

    Raises:
        PlatformAway: it cannot be had, is over 5 MB, or is not the kind of document that its name says.
    """
    kind = file_type(url) or ""
    data = bytearray()
    try:
        async with http.stream("GET", url, follow_redirects=True) as response:
            if response.status_code != 200:
                raise PlatformAway(f"a form cannot be had (HTTP {response.status_code})")
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > LARGEST_FILE:
                    raise PlatformAway("a form is over 5 MB")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PlatformAway(f"a form cannot be had ({type(error).__name__})") from None
    if not data.startswith(_MAGIC.get(kind, b"")):
        raise PlatformAway("a form is not the document that its address says")
    return File(file_name(url), kind, bytes(data))


class Remembered(Generic[T]):
    """The last few thousand things that need not be asked for again, each until its time."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[T, float]] = OrderedDict()

    def get(self, name: str, now: float) -> T | None:
        found = self._known.get(name)
        return found[0] if found is not None and found[1] > now else None

    def put(self, name: str, value: T, until: float) -> None:
        self._known[name] = (value, until)
        self._known.move_to_end(name)
        if len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)

    def forget(self, name: str) -> None:
        self._known.pop(name, None)
