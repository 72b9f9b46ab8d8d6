from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from dossiers import Database, open_database
from dossiers.models import Access, Dossier, Kind, Subscription
from dossiers.subscriptions import (
    changed,
    elsewhere,
    forget,
    news,
    purge,
    subscribe,
    subscribed,
    take,
    told,
    unsubscribe,
)
from tests.dossiers.conftest import make_dossier

CODE, OTHER = "H99.10.01.05-261102-0001", "H99.10.01.05-261102-0002"
NOW = datetime(2026, 11, 20, 10, 0)
ME, YOU = "zalo:1", "web:you"


@pytest.fixture
def followed(database: Database) -> Database:
    """A dossier that one person is told of."""
    with database.write() as session:
        session.add(make_dossier(CODE))
        subscribe(session, ME, CODE, 4, None, NOW)
    return database


def move(database: Database, code: str = CODE, **values: object) -> None:
    with database.write() as session:
        dossier = session.scalar(select(Dossier).where(Dossier.code == code))
        for name, value in values.items():
            setattr(dossier, name, value)


def waiting(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(w.conversation, w.code) for w in changed(session)]


def tell(database: Database, at: datetime = NOW) -> bool:
    with database.write() as session:
        [number] = [w.id for w in changed(session)]
        subscription, dossier = take(session, number)
        assert news(subscription, dossier)
        told(session, subscription, dossier, at)
        return subscription.ended_at is None


@pytest.mark.parametrize(
    "change",
    [{"status": 5}, {"status": 9}, {"new_due_at": datetime(2026, 11, 30, 17)}, {"status": 3}],
)
def test_a_change_is_told_once(followed: Database, change: dict) -> None:
    assert waiting(followed) == []
    move(followed, **change)
    assert waiting(followed) == [(ME, CODE)]
    tell(followed)
    assert waiting(followed) == []


@pytest.mark.parametrize(
    "same",
    [
        {"updated_at": NOW},
        {"missing_papers": "Tờ khai"},
        {"status_since": NOW},
        {"late_reason": "x"},
        {"paid": 1},
    ],
)
def test_what_is_no_change_for_the_person(followed: Database, same: dict) -> None:
    move(followed, **same)
    assert waiting(followed) == []


def test_there_and_back_between_two_looks_is_nothing(followed: Database) -> None:
    move(followed, status=5)
    move(followed, status=4)
    assert waiting(followed) == []


def test_each_of_several_people(followed: Database) -> None:
    with followed.write() as session:
        subscribe(session, YOU, CODE.lower(), 4, None, NOW)
    move(followed, status=5)
    assert sorted(waiting(followed)) == [(YOU, CODE), (ME, CODE)]


@pytest.mark.parametrize("last", [3, 7, 10])
def test_the_last_status_ends_it(followed: Database, last: int) -> None:
    move(followed, status=last)
    tell(followed)
    with followed.read() as session:
        [row] = session.scalars(select(Subscription))
        assert (row.ended_at, row.ended_by, row.told_status) == (NOW, "dossier", last)
        assert subscribed(session, ME) == []
    move(followed, status=4)
    assert waiting(followed) == []


def test_finished_is_not_the_last_before_it_is_handed_over(followed: Database) -> None:
    move(followed, status=9)
    tell(followed)
    move(followed, status=10)
    assert waiting(followed) == [(ME, CODE)]


def test_no_more_news_after_a_word(followed: Database) -> None:
    with followed.write() as session:
        session.add(make_dossier(OTHER, kind=Kind(procedure_name="Tách hộ")))
        subscribe(session, ME, OTHER, 4, None, NOW)
        subscribe(session, YOU, CODE, 4, None, NOW)
        assert unsubscribe(session, ME, NOW, OTHER) == [OTHER]
        assert subscribed(session, ME) == [CODE]
        assert unsubscribe(session, ME, NOW) == [CODE]
        assert unsubscribe(session, ME, NOW) == []
    move(followed, status=5)
    assert waiting(followed) == [(YOU, CODE)]


def test_again_is_a_new_consent_and_starts_from_what_is_known_now(followed: Database) -> None:
    later = NOW + timedelta(days=1)
    with followed.write() as session:
        unsubscribe(session, ME, NOW)
        subscribe(session, ME, CODE, 5, None, later)
    with followed.read() as session:
        [row] = session.scalars(select(Subscription))
        assert (row.consented_at, row.told_status, row.ended_at, row.ended_by) == (later, 5, None, None)
        assert row.channel == "zalo"


def test_told_twice_is_one_consent(followed: Database) -> None:
    with followed.write() as session:
        subscribe(session, ME, CODE, 4, None, NOW + timedelta(days=1))
    with followed.read() as session:
        [row] = session.scalars(select(Subscription))
        assert row.consented_at == NOW


def test_a_dossier_that_is_not_ours_waits_for_the_view(followed: Database) -> None:
    with followed.write() as session:
        subscribe(session, ME, OTHER, 4, None, NOW)
    with followed.read() as session:
        assert [w.code for w in elsewhere(session)] == [OTHER]
    assert waiting(followed) == []


def test_what_ended_is_not_taken(followed: Database) -> None:
    with followed.write() as session:
        number = session.scalar(select(Subscription.id))
        unsubscribe(session, ME, NOW)
        assert take(session, number) is None
        assert take(session, number + 99) is None


def test_two_who_look_at_once_do_not_both_get_it(postgresql_url: str) -> None:
    """On SQLite there is one writer at a time anyway."""
    database = open_database(postgresql_url)
    with database.write() as session:
        session.add(make_dossier(CODE))
        subscribe(session, ME, CODE, 4, None, NOW)
        number = session.scalar(select(Subscription.id))
    with database.write() as first, database.write() as second:
        assert take(first, number) is not None
        assert take(second, number) is None
    database.close()


def test_forgetting_and_keeping_house(followed: Database) -> None:
    with followed.write() as session:
        subscribe(session, YOU, CODE, 4, None, NOW)
        unsubscribe(session, YOU, NOW - timedelta(days=100))
        session.add(Access(at=NOW - timedelta(days=800), code=CODE, channel="web", person="x"))
        session.add(Access(at=NOW, code=CODE, channel="web", person="x"))
        assert purge(session, NOW - timedelta(days=90), NOW - timedelta(days=730)) == 2
        assert subscribed(session, ME) == [CODE]
        assert forget(session, [ME]) == 1
        assert session.scalar(select(Subscription)) is None
