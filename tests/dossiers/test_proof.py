from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select

from dossiers import Database, open_database
from dossiers.models import Applicant, ThrottleWindow
from dossiers.proof import masked, prove, verify
from dossiers.throttle import Limits, allow
from tests.dossiers.conftest import make_dossier
from tests.postgres import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]

CODE = "H99.10.01.05-261102-0001"
NOW = datetime(2026, 11, 20, 10, 0)


@pytest.fixture
def with_dossier(database: Database) -> Database:
    with database.write() as session:
        session.add(make_dossier(CODE, missing_papers="Tờ khai", late_reason="Chờ xác minh", paid=1))
    return database


@pytest.mark.parametrize("proof", ["123456", "12 34 56", "0000123456", "001234", "099300001234", "12-34-56."])
def test_six_digits_of_the_phone_or_the_personal_number(with_dossier: Database, proof: str) -> None:
    with with_dossier.read() as session:
        proven = verify(session, CODE.lower(), proof)
    assert proven is not None
    assert (proven.code, proven.masked_name) == (CODE, "T*** T*** M***")
    assert (proven.department, proven.missing_papers) == ("Đội Quản lý hành chính", "Tờ khai")
    assert (proven.late_reason, proven.paid) == ("Chờ xác minh", True)
    assert "Trần" not in repr(proven)


@pytest.mark.parametrize(
    ("code", "proof"),
    [
        (CODE, "654321"),
        (CODE, "23456"),  # one digit short
        (CODE, ""),
        (CODE, "------"),
        (CODE, "\0"),
        (CODE, "１２３４５６"),
        ("H99.10.01.05-261102-0002", "123456"),
        ("", "123456"),
        ("\0", "------"),
    ],
)
def test_wrong_proof_and_unknown_code_look_and_cost_the_same(
    with_dossier: Database, code: str, proof: str
) -> None:
    statements: list[str] = []
    with with_dossier.read() as session:
        session.connection()
        event.listen(with_dossier.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert verify(session, code, proof) is None
    assert len(statements) == 1


@pytest.mark.parametrize("numbers", [None, {}, {"phone": "12345", "personal_number": ""}])
def test_a_dossier_without_numbers_is_never_proven(database: Database, numbers: dict | None) -> None:
    with database.write() as session:
        session.add(make_dossier(CODE, applicant=None if numbers is None else Applicant(**numbers)))
        for proof in ("", "12345", "000000", "------"):
            assert verify(session, CODE, proof) is None


def test_the_centre_chooses_what_counts(with_dossier: Database) -> None:
    with with_dossier.read() as session:
        assert verify(session, CODE, "123456", accepts=["personal_number"]) is None
        assert verify(session, CODE, "001234", accepts=["personal_number"]) is not None


def test_too_many_tries_look_like_a_wrong_proof(with_dossier: Database) -> None:
    limits = Limits(per_person=3, per_code=100, in_all=100)

    def attempt(person: str, proof: str, at: datetime = NOW):
        return prove(with_dossier, person, CODE, proof, at, limits=limits)

    assert [attempt("web:a", "000000") for _ in range(3)] == [None] * 3
    assert attempt("web:a", "123456") is None
    assert attempt("web:b", "123456") is not None
    assert attempt("web:a", "123456", NOW + timedelta(hours=1)) is not None


def test_a_code_and_the_whole_house_have_limits_too(database: Database) -> None:
    per_code = Limits(per_person=100, per_code=2, in_all=100)
    in_all = Limits(per_person=100, per_code=100, in_all=4)
    with database.write() as session:
        assert [allow(session, f"web:{n}", CODE, NOW, per_code) for n in range(3)] == [True, True, False]
        assert allow(session, "web:x", "another", NOW, in_all)
        assert not allow(session, "web:y", "a third", NOW, in_all)


def test_nothing_personal_is_kept_and_old_windows_go(database: Database) -> None:
    with database.write() as session:
        allow(session, "zalo:1234567", CODE, NOW)
        kept = " ".join(session.scalars(select(ThrottleWindow.key)))
        assert "1234567" not in kept
        assert CODE not in kept
        allow(session, "zalo:1234567", CODE, NOW + timedelta(hours=2))
        assert set(session.scalars(select(ThrottleWindow.began_at))) == {datetime(2026, 11, 20, 12, 0)}


def test_tries_at_the_same_moment_are_all_counted(with_dossier: Database) -> None:
    limits = Limits(per_person=1000, per_code=5, in_all=1000)
    with ThreadPoolExecutor(6) as pool:
        proven = list(
            pool.map(lambda n: prove(with_dossier, f"web:{n}", CODE, "123456", NOW, limits=limits), range(30))
        )
    assert sum(result is not None for result in proven) == 5


def test_several_gateways_count_together(postgresql_url: str) -> None:
    limits = Limits(per_person=1000, per_code=1000, in_all=7)
    gateways = [open_database(postgresql_url) for _ in range(3)]
    with gateways[0].write() as session:
        session.add(make_dossier(CODE))
    with ThreadPoolExecutor(6) as pool:
        proven = list(
            pool.map(
                lambda n: prove(gateways[n % 3], f"web:{n}", CODE, "123456", NOW, limits=limits), range(30)
            )
        )
    assert sum(result is not None for result in proven) == 7
    for gateway in gateways:
        gateway.close()


def test_masked_names() -> None:
    assert masked("  Công ty  TNHH Hoa Sen ") == "C*** t*** T*** H*** S***"
    assert masked("") == ""
