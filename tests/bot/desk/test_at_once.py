"""What two transactions do to each other at the desk, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Connection, Engine, Row, insert, select, update
from sqlalchemy.orm import Session

from bot.desk import accounts, cases, distress, intake, questions, satisfaction
from bot.desk.accounts import Person
from bot.desk.desk import Desk
from bot.desk.errors import AccountFault
from bot.desk.responding import promised
from bot.desk.store import migrate_desk
from bot.desk.tables import cases as case_table
from bot.desk.tables import conversations, ratings
from bot.desk.tables import people as people_table
from bot.desk.tables import questions as question_table
from bot.mailbox import Entry, Turn
from bot.mailbox.database import open_engine
from dossiers.handover import record_handover
from procedures_catalog.centre import VIET_NAM
from tests.bot.desk.rig import make_person
from tests.racing import race

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=VIET_NAM).timestamp()
WEB = "web:a"


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[Engine]:
    engine = open_engine(postgresql_url)
    migrate_desk(engine)
    seen = {"first_seen": NOW, "last_seen": NOW, "paused": False, "blocked": False, "tries": 0}
    with engine.begin() as connection:
        connection.execute(insert(conversations).values(id=WEB, channel="web", **seen))
    yield engine
    engine.dispose()


def admins(engine: Engine) -> list[Person]:
    with engine.begin() as connection:
        return [make_person(connection, name, "admin", "kept") for name in ("An", "Bình")]


def asks_for_a_person(connection: Connection, reason: str = "asked") -> None:
    with Session(connection, join_transaction_mode="rollback_only") as session:
        record_handover(session, WEB, "web", reason, "cho gặp người")


def somebody_waits(connection: Connection) -> tuple[Person, Row]:
    """A volunteer, and the open case of somebody who asked for a person."""
    an = make_person(connection, "An", kept="kept")
    asks_for_a_person(connection)
    intake.take_in(connection, NOW)
    case = intake.open_case(connection, WEB)
    assert case is not None
    return an, case


def cry() -> Turn:
    return Turn(WEB, "web", (Entry(1, "text", {"text": "tôi không muốn sống"}, NOW),), "t")


def test_two_who_take_it_from_each_other_leave_one_who_administers(engine: Engine) -> None:
    an, binh = admins(engine)
    with race(engine) as at_once:
        accounts.change(at_once.first, NOW, an, binh.id, role="volunteer")
        late = at_once.also(lambda c: accounts.change(c, NOW, binh, an.id, disabled=True))
        at_once.commit()
        with pytest.raises(AccountFault):
            late.result(timeout=60)
    with engine.connect() as connection:
        rows = connection.execute(select(people_table).where(people_table.c.role == "admin"))
        assert [(row.name, row.disabled) for row in rows] == [("An", False)]


def test_two_invitations_of_one_name_at_once_make_one_account(engine: Engine) -> None:
    with race(engine) as at_once:
        accounts.invite(at_once.first, NOW, "An", "volunteer")
        late = at_once.also(lambda c: accounts.invite(c, NOW, "an", "lead"))
        at_once.commit()
        token = late.result(timeout=60)
    with engine.connect() as connection:
        person = accounts.invited(connection, NOW, token)
    assert person is not None and (person.name, person.role) == ("an", "lead")


def test_an_old_password_opens_nothing_once_a_new_one_is_set(engine: Engine) -> None:
    an, _ = admins(engine)
    with engine.begin() as connection:
        found = accounts.password_of(connection, NOW, an.name)
        token = accounts.invite(connection, NOW, an.name, "admin")
    assert found is not None
    with race(engine) as at_once:
        assert accounts.accept(at_once.first, NOW, token, "another") is not None
        late = at_once.also(lambda c: accounts.begin(c, NOW, *found))
        at_once.commit()
        assert late.result(timeout=60) is None


def test_two_ratings_at_once_are_not_both_of_the_person(engine: Engine) -> None:
    with engine.begin() as connection:
        asks_for_a_person(connection)
        intake.take_in(connection, NOW)
        closed = {"state": "closed", "closed_at": NOW, "asked": True}
        connection.execute(update(case_table).values(**closed))
    with race(engine) as at_once:
        satisfaction.rate(at_once.first, NOW, WEB, "web", "5")
        late = at_once.also(lambda c: satisfaction.rate(c, NOW, WEB, "web", "4"))
        at_once.commit()
        late.result(timeout=60)
    with engine.connect() as connection:
        rows = connection.execute(select(ratings.c.stars, ratings.c.about).order_by(ratings.c.id))
        assert [tuple(row) for row in rows] == [(5, "person"), (4, "answer")]


def test_who_cries_for_help_while_their_case_is_closed_waits_anew(engine: Engine, desk: Desk) -> None:
    with engine.begin() as connection:
        an, case = somebody_waits(connection)
        cases.claim(connection, NOW, desk.speech, an, case.id)
    with race(engine) as at_once:
        cases.close(at_once.first, NOW, desk.speech, an, case.id, "answered")
        late = at_once.also(lambda c: distress.call_somebody(c, NOW, cry()))
        at_once.commit()
        late.result(timeout=60)
    assert waiting(engine) == ["distress"]


def test_who_cries_for_help_while_they_are_taken_in_comes_first(engine: Engine) -> None:
    with engine.begin() as connection:
        asks_for_a_person(connection)
    with race(engine) as at_once:
        assert intake.take_in(at_once.first, NOW) == 1
        late = at_once.also(lambda c: distress.call_somebody(c, NOW, cry()))
        at_once.commit()
        late.result(timeout=60)
    assert waiting(engine) == ["distress"]


def test_who_is_being_claimed_is_promised_no_time(engine: Engine, desk: Desk) -> None:
    with engine.begin() as connection:
        an, case = somebody_waits(connection)
    with race(engine) as at_once:
        cases.claim(at_once.first, NOW, desk.speech, an, case.id)
        late = at_once.also(lambda c: promised(c, NOW, WEB, desk.words, desk.centre))
        at_once.commit()
        assert late.result(timeout=60) is None


def waiting(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        query = select(case_table.c.reason).where(case_table.c.state == "waiting")
        return list(connection.scalars(query))


def test_a_question_that_is_taught_twice_at_once_is_kept_once(engine: Engine) -> None:
    with engine.begin() as connection:
        an = make_person(connection, "An", kept="kept")

    def teach(connection: Connection) -> int:
        what = ("làm giấy khai sinh ở đâu", {}, "dang-ky-khai-sinh", ["place"])
        return questions.teach(connection, NOW, an, (WEB, "web"), *what)

    with race(engine) as at_once:
        assert teach(at_once.first) == 1
        late = at_once.also(teach)
        at_once.commit()
        assert late.result(timeout=60) == 0
    with engine.connect() as connection:
        assert len(connection.execute(select(question_table)).all()) == 1
