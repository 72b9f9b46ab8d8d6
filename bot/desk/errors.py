"""What can go wrong at the volunteers' desk; part of the tree in :mod:`bot.errors`.

BotError
└── DeskError          the base; its text is one line for a person
    ├── AccountFault   an account cannot be made or changed so (command line)
    └── Refusal        a request is not done (HTTP status, key of its words)
"""

from __future__ import annotations

from bot.errors import BotError


class DeskError(BotError):
    """Base of the desk's errors."""


class AccountFault(DeskError):
    """An account cannot be made or changed so; the text says why and what to do."""


class Refusal(DeskError):
    """A request is not done. ``code`` is also the key of its words; ``facts`` are filled in there."""

    def __init__(self, status: int, code: str, **facts: object) -> None:
        self.status, self.code, self.facts = status, code, facts
        super().__init__(code)
