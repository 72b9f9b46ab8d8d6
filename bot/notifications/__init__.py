"""News of dossiers for those who asked for them: each change once, on the channel they asked on.

A gateway builds a :class:`Notifier` and runs it beside its workers::

    notifier = Notifier(mailbox, centre, build_view(settings))
    async with notifier: …
"""

from __future__ import annotations

from bot.notifications.notifier import Notifier, build_view, quiet_at

__all__ = ["Notifier", "build_view", "quiet_at"]
