"""The row of Zalo's tokens in the database. Every function runs in its caller's transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.zalo.tables import tokens

LOCK_SECONDS = 60.0
# How long a pair is believed to last whose age is not known, as one from the settings.
UNKNOWN_SECONDS = 3600.0
FAILURE_PAUSES = (5.0, 30.0, 60.0, 300.0, 900.0)
_t = tokens.c


@dataclass(frozen=True)
class Pair:
    """A token and the single-use one that renews it. ``expires_in``: seconds."""

    access_token: str
    refresh_token: str
    expires_in: float = UNKNOWN_SECONDS

    def __repr__(self) -> str:
        return "Pair(…)"  # a token must not get into a log


@dataclass(frozen=True)
class Kept:
    """The row. ``failure``: why the last refresh did not succeed, if it did not."""

    access_token: str
    refresh_token: str
    obtained_at: float
    expires_at: float
    failure: str | None
    failed_at: float | None
    failures: int

    @property
    def half_life(self) -> float:
        return self.obtained_at + (self.expires_at - self.obtained_at) / 2

    @property
    def not_before(self) -> float:
        """When a refresh that failed may be tried again."""
        if self.failed_at is None:
            return 0.0
        return self.failed_at + FAILURE_PAUSES[min(self.failures, len(FAILURE_PAUSES)) - 1]

    def __repr__(self) -> str:
        return "Kept(…)"


def load(connection: Connection, now: float, app_id: str, given: Pair) -> Kept:
    """The row of an app, begun with the pair of the settings; a new pair there takes its place."""
    digest = hashlib.sha256(f"{given.access_token}\n{given.refresh_token}".encode()).hexdigest()
    values = {**_pair(given, now), "settings_digest": digest, "lock_owner": None, "lock_until": None}
    row = _row(connection, app_id)
    if row is None:
        # Of two gateways that begin it at the same moment the later one finds what the other has made of it.
        dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
        new = dialect.insert(tokens).values(app_id=app_id, **values)
        connection.execute(new.on_conflict_do_nothing())
        row = _row(connection, app_id)
    assert row is not None
    if row.settings_digest != digest:
        connection.execute(update(tokens).where(_t.app_id == app_id).values(**values))
        row = _row(connection, app_id)
        assert row is not None
    return _kept(row)


def lock(connection: Connection, now: float, app_id: str, owner: str, spend: str) -> bool:
    """Takes the right to spend the refresh token ``spend``.

    False while somebody alive has it, and when the row has gone on to another token: that is looked at
    under the row's lock, for whoever waits for it sees the row only as it was before.
    """
    row = _row(connection, app_id)
    if row is None or row.refresh_token != spend:
        return False
    if row.lock_owner not in (None, owner) and (row.lock_until or 0.0) > now:
        return False
    mine = update(tokens).where(_t.app_id == app_id)
    connection.execute(mine.values(lock_owner=owner, lock_until=now + LOCK_SECONDS))
    return True


def keep(connection: Connection, now: float, app_id: str, spent: str, pair: Pair) -> bool:
    """Keeps what came for the refresh token ``spent``, whoever holds the lock by now.

    False when the row goes on from another token: then the administrator has put in a new pair.
    """
    mine = update(tokens).where(_t.app_id == app_id, _t.refresh_token == spent)
    done = connection.execute(mine.values(**_pair(pair, now), lock_owner=None, lock_until=None))
    return done.rowcount == 1


def unlock(connection: Connection, now: float, app_id: str, owner: str, failure: str) -> None:
    """Gives the right to refresh back after a failure; the tokens stay as they are."""
    mine = update(tokens).where(_t.app_id == app_id, _t.lock_owner == owner)
    failed = {"failure": failure[:200], "failed_at": now, "failures": _t.failures + 1}
    connection.execute(mine.values(lock_owner=None, lock_until=None, **failed))


def _row(connection: Connection, app_id: str) -> Row | None:
    return connection.execute(select(tokens).where(_t.app_id == app_id).with_for_update()).first()


def _pair(pair: Pair, now: float) -> dict[str, object]:
    return {
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "obtained_at": now,
        "expires_at": now + pair.expires_in,
        "failure": None,
        "failed_at": None,
        "failures": 0,
    }


def _kept(row: Row) -> Kept:
    return Kept(
        row.access_token,
        row.refresh_token,
        row.obtained_at,
        row.expires_at,
        row.failure,
        row.failed_at,
        row.failures,
    )
