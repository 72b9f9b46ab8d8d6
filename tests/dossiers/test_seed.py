from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from dossiers import Database, WorkCalendar, dossier_code
from dossiers.lookup import public_status
from dossiers.models import Applicant, Dossier
from dossiers.seed import seed
from tests.dossiers.conftest import make_dossier

WORKDAY = datetime(2026, 11, 20, 14, 20)
MIDNIGHT_IN_TET = datetime(2026, 2, 18, 0, 5)
NEW_YEAR = datetime(2027, 1, 1, 12, 0)
CALENDAR = WorkCalendar()


def everything(database: Database) -> list[Dossier]:
    with database.read() as session:
        query = select(Dossier).options(joinedload(Dossier.applicant), selectinload(Dossier.events))
        return list(session.scalars(query.order_by(Dossier.code)))


@pytest.mark.parametrize("now", [WORKDAY, MIDNIGHT_IN_TET, NEW_YEAR])
def test_every_history_is_plausible(database: Database, now: datetime) -> None:
    assert seed(database, now=now) == 200
    made = everything(database)
    assert len({d.code for d in made}) == 200
    for dossier in made:
        assert dossier_code(dossier.code) == dossier.code
        assert dossier.code.startswith("H99.")
        moments = [event.at for event in dossier.events]
        assert moments == sorted(set(moments))
        assert moments[-1] <= now
        assert dossier.updated_at <= now
        assert (dossier.status, dossier.status_since) == (dossier.events[-1].status, dossier.events[-1].at)
        assert (dossier.closed_at is None) == (dossier.status in (1, 2, 4, 5, 6, 8))
        assert (dossier.missing_papers is not None) == (dossier.status == 5)
        if dossier.due_at is not None:
            assert CALENDAR.is_working_day(dossier.due_at.date())
            assert dossier.due_at > dossier.received_at


def test_each_kind_of_case_is_there(database: Database) -> None:
    seed(database, now=WORKDAY)
    made = everything(database)
    assert set(Counter(d.status for d in made)) == {1, 3, 4, 5, 6, 7, 8, 9, 10}
    states = [public_status(d, WORKDAY, CALENDAR) for d in made]
    is_late = [s for s in states if s.open and s.late]
    assert sum(s.new_due_at is not None for s in is_late) >= 5
    assert sum(s.new_due_at is None for s in is_late) >= 5
    assert any(s.new_due_passed for s in is_late)
    assert any(s.due_today for s in states)
    assert any(s.stale for s in states)
    ended = [s for s in states if s.finished_at]
    assert any(s.finished_at.date() < s.due_at.date() for s in ended)
    assert any(s.finished_at.date() == s.due_at.date() for s in ended)
    assert any(s.late for s in ended)
    assert {d.channel for d in made} >= {1, 2}
    assert {d.return_channel for d in made} >= {1, 2, 3}
    assert {d.applicant_kind for d in made} == {0, 1, 2}


def test_people_are_plainly_invented(database: Database) -> None:
    seed(database, now=WORKDAY)
    with database.read() as session:
        for person in session.scalars(select(Applicant)):
            assert person.phone.startswith("0000")
            assert len(person.phone) == 10
            assert person.personal_number.startswith("099")
            assert len(person.personal_number) == 12
            assert "Tỉnh Mẫu" in person.address


def test_the_same_day_makes_the_same_dossiers(database: Database, tmp_path) -> None:
    from dossiers import open_database

    other = open_database(f"sqlite:///{tmp_path}/other.db")
    seed(database, now=WORKDAY)
    seed(other, now=WORKDAY)

    def facts(of: Database) -> list[tuple]:
        return [(d.code, d.status, d.due_at, d.applicant.name, len(d.events)) for d in everything(of)]

    assert facts(database) == facts(other)
    other.close()


def test_only_an_empty_database_is_filled(database: Database) -> None:
    with database.write() as session:
        session.add(make_dossier())
    assert seed(database, now=WORKDAY) == 0
    with database.read() as session:
        assert session.scalar(select(func.count(Dossier.id))) == 1


def test_the_centres_own_part_begins_the_codes(database: Database) -> None:
    assert seed(database, count=25, now=WORKDAY, province_part="H98") == 25
    assert all(d.code.startswith("H98.") for d in everything(database))
