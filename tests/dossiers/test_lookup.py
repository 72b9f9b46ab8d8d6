from __future__ import annotations

from dataclasses import fields
from datetime import datetime

import pytest
from sqlalchemy import event

from dossiers import Database, PublicStatus, WorkCalendar, lookup
from dossiers.models import Applicant, Dossier
from tests.dossiers.conftest import make_dossier

CODE = "H99.10.01.05-261102-0001"
CALENDAR = WorkCalendar()


def look(database: Database, now: datetime, **changes: object) -> PublicStatus:
    with database.write() as session:
        session.add(make_dossier(CODE, **changes))
    with database.read() as session:
        found = lookup(session, CODE, now, CALENDAR)
    assert found is not None
    return found


def test_in_work(database: Database) -> None:
    found = look(database, datetime(2026, 11, 9, 10, 0))
    assert (found.status, found.stage, found.clock) == (4, "Đang xử lý", "running")
    assert (found.days_left, found.due_today, found.late, found.days_late) == (4, False, False, 0)
    assert found.procedure_name == "Đăng ký thường trú"
    assert found.agency == "Công an phường Hoa Sen"
    assert found.received_at == datetime(2026, 11, 2, 8, 0)
    assert found.updated_at == datetime(2026, 11, 2, 9, 0)


@pytest.mark.parametrize(
    ("now", "left", "today", "late"),
    [
        (datetime(2026, 11, 12, 23, 0), 1, False, 0),
        (datetime(2026, 11, 13, 8, 0), 0, True, 0),
        (datetime(2026, 11, 13, 23, 59), 0, True, 0),
        (datetime(2026, 11, 14, 0, 1), None, False, 1),  # a Saturday: late, though no working day has passed
        (datetime(2026, 11, 16, 8, 0), None, False, 1),
        (datetime(2026, 11, 25, 8, 0), None, False, 7),  # 24 November is a day off
    ],
)
def test_days_left_and_late(
    database: Database, now: datetime, left: int | None, today: bool, late: int
) -> None:
    found = look(database, now)
    assert (found.days_left, found.due_today, found.late, found.days_late) == (left, today, late > 0, late)


def test_a_last_day_on_a_day_off_moves_on(database: Database) -> None:
    monday = datetime(2026, 11, 16, 9, 0)
    found = look(database, monday, due_at=datetime(2026, 11, 14, 17, 0))
    assert (found.late, found.due_today, found.days_left) == (False, True, 0)


@pytest.mark.parametrize("status", [5, 6, 8])
def test_the_clock_stands_still_while_others_have_their_turn(database: Database, status: int) -> None:
    since = datetime(2026, 11, 11, 9, 0)
    found = look(database, datetime(2026, 12, 30), status=status, status_since=since)
    assert (found.clock, found.paused_since) == ("paused", since)
    assert (found.days_left, found.late, found.due_today) == (2, False, False)


def test_late_before_the_pause_stays_late(database: Database) -> None:
    found = look(database, datetime(2026, 12, 30), status=5, status_since=datetime(2026, 11, 17, 9, 0))
    assert (found.late, found.days_late, found.clock) == (True, 2, "paused")


def test_late_with_a_new_date(database: Database) -> None:
    new = datetime(2026, 11, 20, 17, 0)
    found = look(database, datetime(2026, 11, 18, 8, 0), new_due_at=new)
    assert (found.late, found.days_late, found.days_left) == (True, 3, 2)
    assert (found.new_due_at, found.new_due_passed) == (new, False)


def test_the_new_date_has_passed_too(database: Database) -> None:
    found = look(database, datetime(2026, 11, 26, 8, 0), new_due_at=datetime(2026, 11, 20, 17, 0))
    assert (found.late, found.new_due_passed, found.days_left) == (True, True, None)


def test_finished_late_stays_as_it_ended(database: Database) -> None:
    at = datetime(2026, 11, 17, 9, 0)
    found = look(database, datetime(2027, 5, 1), status=9, status_since=at, finished_at=at, closed_at=at)
    assert (found.open, found.late, found.days_late, found.days_left, found.stale) == (
        False,
        True,
        2,
        None,
        False,
    )
    assert found.clock == "stopped"


def test_a_record_that_does_not_move_is_stale(database: Database) -> None:
    assert not look(database, datetime(2026, 11, 12, 8, 0)).stale
    with database.read() as session:
        assert lookup(session, CODE, datetime(2026, 11, 12, 10, 0), CALENDAR).stale
        assert not lookup(session, CODE, datetime(2026, 11, 12, 10, 0), CALENDAR, stale_after_days=20).stale


def test_nothing_dated_is_nothing_promised(database: Database) -> None:
    found = look(database, datetime(2026, 11, 12), status=1, received_at=None, due_at=None)
    assert (found.clock, found.days_left, found.late, found.due_today) == ("not_started", None, False, False)


def test_the_code_may_be_typed_anyhow(database: Database) -> None:
    look(database, datetime(2026, 11, 9))
    with database.read() as session:
        assert lookup(session, "h99 lo 01 o5 261102 0001", datetime(2026, 11, 9), CALENDAR).code == CODE


@pytest.mark.parametrize(
    "code", ["H99.10.01.05-261102-0002", "H01.10.01.05-261102-0001", "", "'; DROP TABLE x", "\0"]
)
def test_unknown_and_foreign_codes_look_the_same(database: Database, code: str) -> None:
    look(database, datetime(2026, 11, 9))
    statements = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    with database.read() as session:
        assert lookup(session, code, datetime(2026, 11, 9), CALENDAR) is None
    selects = [s for s in statements if s.startswith("SELECT")]
    assert len(selects) == 1


def test_no_field_for_a_person() -> None:
    """Every public field is known here; a new one has to be thought about first."""
    allowed = {
        "code", "status", "stage", "explanation", "procedure_code", "procedure_name", "field", "agency",
        "received_at", "due_at", "new_due_at", "finished_at", "returned_at", "updated_at", "open", "clock",
        "paused_since", "days_left", "due_today", "late", "days_late", "new_due_passed", "stale",
        "ended", "due_moved_to",
    }  # fmt: skip
    assert {field.name for field in fields(PublicStatus)} == allowed


def test_personal_words_do_not_come_through(database: Database) -> None:
    secret = "Nguyễn Thị Kín"
    found = look(
        database,
        datetime(2026, 11, 20),
        applicant=Applicant(name=secret, phone=secret, personal_number=secret, address=secret),
        late_reason=secret,
        missing_papers=secret,
    )
    assert secret not in repr(found)


def test_only_the_dossier_itself_is_read(database: Database) -> None:
    look(database, datetime(2026, 11, 9))
    statements = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    with database.read() as session:
        lookup(session, CODE, datetime(2026, 11, 9), CALENDAR)
    assert not any(Applicant.__tablename__ in statement for statement in statements)
    assert any(Dossier.__tablename__ in statement for statement in statements)
