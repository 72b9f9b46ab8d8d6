"""What two transactions do to each other in the tracking database, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from dossiers import Database, open_database
from dossiers.models import Subscription
from dossiers.seed import seed
from dossiers.subscriptions import subscribe
from dossiers.throttle import Caller, allow
from tests.dossiers.conftest import make_dossier
from tests.racing import race

NOW = datetime(2026, 11, 20, 9, 59, 59)


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    opened = open_database(postgresql_url)
    yield opened
    opened.close()


def test_who_subscribes_twice_at_once_is_subscribed_once(database: Database) -> None:
    def subscribes(status: int, connection: Connection) -> None:
        with Session(connection, join_transaction_mode="rollback_only") as session:
            subscribe(session, "web:a", "H99.10.01.05-261102-0001", status, None, NOW)
            session.flush()

    with race(database.engine) as at_once:
        subscribes(4, at_once.first)
        late = at_once.also(lambda c: subscribes(5, c))
        at_once.commit()
        late.result(timeout=60)
    with database.read() as session:
        assert session.scalars(select(Subscription.told_status)).all() == [5]


def test_who_clears_old_counts_away_waits_for_nobody_who_still_counts(database: Database) -> None:
    """Clocks of two machines differ: to one the hour is over, to the other it is not."""

    def tries(person: str, at: datetime, connection: Connection) -> bool:
        with Session(connection, join_transaction_mode="rollback_only") as session:
            return allow(session, Caller(person), f"code-{person}", at)

    with race(database.engine) as at_once:
        assert tries("zalo:1", NOW, at_once.first)
        at_once.commit()
        assert tries("zalo:1", NOW, at_once.first)
        late = at_once.also(lambda c: tries("telegram:2", NOW + timedelta(seconds=2), c))
        assert late.done(), "it waits, and the other one may come to wait for it"
        at_once.commit()


def test_a_database_that_is_being_filled_gets_no_samples(database: Database) -> None:
    with race(database.engine) as at_once:
        with Session(at_once.first, join_transaction_mode="rollback_only") as session:
            session.add(make_dossier())
            session.flush()
        late = at_once.also(lambda _: seed(database, 20))
        at_once.commit()
        assert late.result(timeout=60) == 0
