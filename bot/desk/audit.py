"""The audit log: who did what, when. Never what a citizen wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, insert, select

from bot.desk.tables import audit

if TYPE_CHECKING:
    from bot.desk.accounts import Person

COMMAND_LINE = "motcua"
MOST = 200


def note(
    connection: Connection,
    now: float,
    person: Person | None,
    act: str,
    target: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Adds a line; ``person`` None is the command line."""
    row = {"person_id": person.id if person else None, "person": person.name if person else COMMAND_LINE}
    connection.execute(insert(audit).values(at=now, act=act, target=target[:160], detail=detail, **row))


def latest(connection: Connection, now: float, before: int | None = None) -> list[Row]:
    """The newest lines, or those before a line's number."""
    query = select(audit).order_by(audit.c.id.desc()).limit(MOST)
    return list(connection.execute(query if before is None else query.where(audit.c.id < before)))
