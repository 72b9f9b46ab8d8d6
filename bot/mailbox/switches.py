"""The off switch: while it is on, every channel gives a notice and messages are kept for people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.mailbox.tables import switches

PAUSED = "paused"
_PAUSED = select(switches.c.value).where(switches.c.name == PAUSED)


def pause(connection: Connection, now: float, message: str | None) -> None:
    """Pauses the assistant; a second time changes the message (None: the standing words)."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(switches).values(name=PAUSED, value={"message": message, "since": now})
    connection.execute(new.on_conflict_do_update(index_elements=["name"], set_={"value": new.excluded.value}))


def resume(connection: Connection) -> bool:
    """The assistant answers again; False when it was not paused."""
    return connection.execute(delete(switches).where(switches.c.name == PAUSED)).rowcount > 0


def paused_message(connection: Connection) -> dict[str, Any] | None:
    """``{"message", "since"}`` while paused, else None."""
    return connection.scalar(_PAUSED)
