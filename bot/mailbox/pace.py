"""How fast a channel may send: a token bucket for all of it, and a gap within each conversation."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

_MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Limits:
    """What a platform allows one gateway: ``burst`` at once, then ``per_second``; ``gap`` seconds
    between two messages to the same person."""

    per_second: float
    burst: int = 1
    gap: float = 0.0


class Pace:
    """Tells when the next message may go. Several gateways have one each: give each its share."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # Each message takes a slot of time; an idle channel has saved up ``burst`` of them.
        self._next = 0.0
        self._last: OrderedDict[str, float] = OrderedDict()

    def delay(self, conversation: str, now: float) -> float:
        """In how many seconds, seen from ``now``, a message may go; it counts as sent then."""
        limits = self._limits
        self._next = max(self._next, now - (limits.burst - 1) / limits.per_second)
        go = max(now, self._next, self._last.get(conversation, 0.0) + limits.gap)
        self._next += 1 / limits.per_second
        if limits.gap:
            self._last[conversation] = go
            self._last.move_to_end(conversation)
            if len(self._last) > _MOST_REMEMBERED:
                self._last.popitem(last=False)
        return go - now

    def hold(self, seconds: float, now: float | None = None) -> None:
        """The platform wants to see nothing from us for so long (seen from ``now``)."""
        self._next = max(self._next, (time.monotonic() if now is None else now) + seconds)
