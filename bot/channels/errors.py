"""What can go wrong in the channels; part of the tree in :mod:`bot.errors`.

BotError
└── ChannelError      a platform cannot be used
    ├── PlatformAway  it gives no answer, or none that says anything: asking again is right
    └── TokenRefused  Zalo does not take our token, or will not renew it
"""

from __future__ import annotations

from bot.errors import BotError


class ChannelError(BotError):
    """A platform cannot be used; one line without any token in it."""


class PlatformAway(ChannelError):
    """No usable answer. ``in_doubt``: what was asked may have been done all the same."""

    def __init__(self, words: str, *, in_doubt: bool = False) -> None:
        self.in_doubt = in_doubt
        super().__init__(words)


class TokenRefused(ChannelError):
    """Zalo does not take our token, or will not renew it."""
