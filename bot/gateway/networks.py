"""A word for the network that somebody on the web writes from: wrong proofs are counted by it.

It is a keyed hash of the address's first part and of the day: by it two messages of today can be told to
come from one network, not from which. It stays in memory and is kept with no message.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Within so much of an address one household, office or mast may choose freely.
BITS = {4: 24, 6: 48}
MOST = 50_000


class Networks:
    """Whence the last message of each conversation came. ``key``: what gateways and engines share."""

    def __init__(self, key: str, today: Callable[[], date]) -> None:
        self._key, self._today = key.encode(), today
        self._words: OrderedDict[str, str | None] = OrderedDict()

    def came(self, conversation: str, address: str) -> None:
        self._words[conversation] = self._word(address)
        self._words.move_to_end(conversation)
        if len(self._words) > MOST:
            self._words.popitem(last=False)

    def of(self, conversation: str) -> str | None:
        """The word; None where the network is not known: another channel, or this machine itself."""
        return self._words.get(conversation)

    def _word(self, address: str) -> str | None:
        try:
            ip: IPv4Address | IPv6Address = ip_address(address)
        except ValueError:
            return None
        if isinstance(ip, IPv6Address):
            ip = ip.ipv4_mapped or ip
        if ip.is_loopback:
            return None
        network = ip_network((ip.packed, BITS[ip.version]), strict=False)
        said = f"{self._today()} {network}".encode()
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()[:32]
