"""What can go wrong on the way to a platform; part of the tree in :mod:`bot.errors`.

BotError
└── SendError      a platform did not take a reply
    ├── Retry      not now: try again, after so many seconds
    └── Refused    this reply will not be taken, or not before something is set right
"""

from __future__ import annotations

from bot.errors import BotError


class SendError(BotError):
    """A platform did not take a reply. ``reason`` is a short key or sentence without text or token."""

    def __init__(self, reason: str) -> None:
        self.reason = reason[:200]
        super().__init__(self.reason)


class Retry(SendError):
    """Not now. ``after``: seconds the platform asks for, None: we choose.

    ``in_doubt``: the platform may have delivered it (a time-out after sending); sending again may
    show it twice, and that is counted. ``everyone``: the platform holds back the whole channel.
    """

    def __init__(
        self, reason: str, after: float | None = None, *, in_doubt: bool = False, everyone: bool = False
    ) -> None:
        self.after, self.in_doubt, self.everyone = after, in_doubt, everyone
        super().__init__(reason)


class Refused(SendError):
    """Not taken. ``permanent``: never will be. ``blocked``: the person blocked us, nothing else will be."""

    def __init__(self, reason: str, permanent: bool = True, *, blocked: bool = False) -> None:
        self.permanent, self.blocked = permanent, blocked
        super().__init__(reason)
