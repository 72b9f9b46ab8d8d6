"""How often somebody may try: counted in the database, so that several gateways count together."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection, case, delete
from sqlalchemy.dialects import postgresql, sqlite

from bot.desk.tables import attempts

WINDOW_SECONDS = 900.0
# Failed log-ins within a window: by one address for one name, for one name, by one address. A centre's
# whole network may be one address.
PER_PAIR, PER_NAME, PER_ADDRESS = 5, 30, 60

_a = attempts.c


def count(connection: Connection, now: float, *keys: tuple[str, int]) -> float | None:
    """Counts one attempt under each (key, most); None while all are within, else the seconds to wait."""
    connection.execute(delete(attempts).where(_a.since < now - WINDOW_SECONDS))
    waits: list[float] = []
    for key, most in keys:
        since, number = connection.execute(_once(connection, now, key)).one()
        if number > most:
            waits.append(since + WINDOW_SECONDS - now)
    return max(waits) if waits else None


def forget(connection: Connection, now: float, *keys: str) -> None:
    """An attempt was right: it and those before it do not count."""
    connection.execute(delete(attempts).where(_a.key.in_([_hash(key) for key in keys])))


def take_back(connection: Connection, now: float, *keys: str) -> None:
    """One attempt less."""
    own = _a.key.in_([_hash(key) for key in keys])
    connection.execute(attempts.update().where(own).values(count=case((_a.count > 0, _a.count - 1), else_=0)))


def _once(connection: Connection, now: float, key: str) -> Any:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(attempts).values(key=_hash(key), since=now, count=1)
    again = new.on_conflict_do_update(index_elements=["key"], set_={"count": _a.count + 1})
    return again.returning(_a.since, _a.count)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
