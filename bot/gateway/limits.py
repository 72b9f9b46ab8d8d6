"""How fast one session and one address may send (a token bucket each)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from bot.errors import TooManyRequests

MOST_KEYS = 50_000


@dataclass(frozen=True)
class Rate:
    """``burst`` messages at once, then ``per_second`` of them."""

    burst: float
    per_second: float


# A person types a few lines a minute. Behind one address may stand a whole waiting room's network.
SESSION = Rate(burst=60, per_second=1)
ADDRESS = Rate(burst=600, per_second=20)


class RateLimiter:
    """Remembers the last ``MOST_KEYS`` senders; one that is forgotten starts afresh."""

    def __init__(
        self, session: Rate = SESSION, address: Rate = ADDRESS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._session, self._address, self._clock = session, address, clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def check_address(self, address: str) -> None:
        """Count one request of ``address``; this machine itself is not limited.

        Raises:
            TooManyRequests: with the seconds to wait.
        """
        try:
            own = ip_address(address).is_loopback
        except ValueError:
            own = False
        if not own:
            self._take(("address", address), self._address)

    def check_session(self, session: str) -> None:
        """Count one message of ``session``.

        Raises:
            TooManyRequests: with the seconds to wait.
        """
        self._take(("session", session), self._session)

    def _take(self, key: tuple[str, str], rate: Rate) -> None:
        now = self._clock()
        tokens, then = self._buckets.pop(key, (rate.burst, now))
        tokens = min(rate.burst, tokens + (now - then) * rate.per_second)
        enough = tokens >= 1
        self._buckets[key] = (tokens - 1 if enough else tokens, now)
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        if not enough:
            raise TooManyRequests(wait=(1 - tokens) / rate.per_second)
