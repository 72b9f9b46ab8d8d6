"""What is asked when a dossier has come to its end: how it was, with one tap."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from bot.desk.desk import Desk
from bot.desk.satisfaction import may_ask
from bot.mailbox import Reply


def ask_at_end(desk: Desk) -> Callable[[Connection, float, str], list[Reply]]:
    """For :class:`bot.notifications.Notifier`; in its transaction. Nobody is asked twice in a row."""

    def ask(connection: Connection, now: float, conversation: str) -> list[Reply]:
        return [desk.speech.ask_rating_of_dossier()] if may_ask(connection, now, conversation) else []

    return ask
