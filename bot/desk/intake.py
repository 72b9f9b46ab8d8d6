"""From requests for a person, as the assistant records them, to the desk's cases, ratings and feedback.

Runs wherever something may have been recorded; what was taken in once is not taken in again, whoever
else does the same at the same moment.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.desk.feedback import proposes
from bot.desk.satisfaction import rate
from bot.desk.tables import OPEN, cases, feedback, handovers
from dossiers.clock import VIET_NAM
from dossiers.handover import OPINIONS

MOST = 200
RATING = "rating_"

_h, _c = handovers.c, cases.c


def take_in(connection: Connection, now: float) -> int:
    """Takes in what was recorded; how many new cases that makes."""
    known = (
        select(_c.id).where(_c.id == _h.id).exists()
        | select(feedback.c.id).where(feedback.c.id == _h.id).exists()
    )
    fresh = select(handovers).where(_h.state == "waiting", ~known).order_by(_h.id).limit(MOST)
    rows = connection.execute(fresh.with_for_update(skip_locked=True)).all()
    return sum(_take(connection, now, row) for row in rows)


def open_case(connection: Connection, conversation: str) -> Row | None:
    """The case of a conversation that waits or is claimed."""
    return connection.execute(
        select(cases).where(_c.conversation == conversation, _c.state.in_(OPEN))
    ).first()


def _take(connection: Connection, now: float, row: Row) -> int:
    if row.reason.startswith(RATING):
        rate(connection, now, row.conversation, row.channel, row.reason.removeprefix(RATING))
    elif row.reason in OPINIONS:
        kind = "proposal" if row.reason == "complaint" and proposes(row.text) else row.reason
        values = {"kind": kind, "at": _at(row), "state": "new"}
        _insert(connection, feedback, _named(row) | values)
        return 0
    else:
        at = _at(row)
        values = {"reason": row.reason, "state": "waiting", "opened_at": at, "active_at": at}
        new = _insert(connection, cases, _named(row) | values | {"contact": row.contact})
        # Another gateway may have been quicker with the very same one.
        if new or connection.scalar(select(_c.id).where(_c.id == row.id)) is not None:
            return int(new)
    # It says what somebody is rated, or belongs to a case that is open already.
    connection.execute(update(handovers).where(_h.id == row.id).values(state="closed"))
    return 0


def _insert(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """A new row; False when there is one that excludes it."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(table).values(values).on_conflict_do_nothing()
    return connection.scalar(new.returning(table.c.id)) is not None


def _named(row: Row) -> dict[str, Any]:
    return {"id": row.id, "conversation": row.conversation, "channel": row.channel}


def _at(row: Row) -> float:
    return row.created_at.replace(tzinfo=VIET_NAM).timestamp()
