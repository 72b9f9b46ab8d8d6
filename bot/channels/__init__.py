"""The channels to people: Zalo and Telegram. See docs/channels.md.

A gateway builds them once and mounts them::

    channels = build_channels(settings, mailbox, centre, catalog)
    app = Starlette(routes=[…, *channels.routes])
    workers = Workers(mailbox, channels.respond(respond), notices, channels={"web", *channels.names},
                      greet=channels.greets)
    async with channels, workers:       # sends, polls, keeps Zalo's token fresh; answers
        …
"""

from __future__ import annotations

from bot.channels.channels import Channels, build_channels, routes
from bot.channels.deep_links import checklist_link, procedure_link
from bot.channels.doctor import Finding, check
from bot.channels.errors import ChannelError, PlatformAway, TokenRefused

__all__ = [
    "ChannelError",
    "Channels",
    "Finding",
    "PlatformAway",
    "TokenRefused",
    "build_channels",
    "check",
    "checklist_link",
    "procedure_link",
    "routes",
]
