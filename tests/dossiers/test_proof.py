from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from dossiers import Database, open_database
from dossiers.models import Applicant
from dossiers.proof import masked, prove, verify
from dossiers.throttle import Caller, Limits, allow
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
    limits = Limits(per_person=3)

    def attempt(person: str, proof: str, at: datetime = NOW):
        return prove(with_dossier, Caller(person), CODE, proof, at, limits=limits)

    assert [attempt("web:a", "000000") for _ in range(3)] == [None] * 3
    assert attempt("web:a", "123456") is None
    assert attempt("web:b", "123456") is not None
    assert attempt("web:a", "123456", NOW + timedelta(hours=1)) is not None


def test_a_right_proof_is_taken_off_again(with_dossier: Database) -> None:
    """A waiting room where everybody asks after their own dossier holds nobody up."""
    limits = Limits(per_person=1, per_network=1, per_code=1, in_all=1, newcomers=0)
    for _ in range(3):
        assert prove(with_dossier, Caller("web:a", "hall"), CODE, "123456", NOW, limits=limits) is not None
    assert prove(with_dossier, Caller("web:b", "hall"), CODE, "000000", NOW, limits=limits) is None
    assert prove(with_dossier, Caller("web:c", "hall"), CODE, "123456", NOW, limits=limits) is None


def test_tries_at_the_same_moment_are_all_counted(with_dossier: Database) -> None:
    limits = Limits(per_code=5)

    def attempt(number: int) -> bool:
        with with_dossier.write() as session:
            return allow(session, Caller(f"zalo:{number}"), CODE, NOW, limits)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(30))) == 5


def test_several_gateways_count_together(postgresql_url: str) -> None:
    limits = Limits(in_all=7, newcomers=0)
    gateways = [open_database(postgresql_url) for _ in range(3)]

    def attempt(number: int) -> bool:
        with gateways[number % 3].write() as session:
            return allow(session, Caller(f"zalo:{number}"), f"dossier {number}", NOW, limits)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(30))) == 7
    for gateway in gateways:
        gateway.close()


def test_masked_names() -> None:
    assert masked("  Công ty  TNHH Hoa Sen ") == "C*** t*** T*** H*** S***"
    assert masked("") == ""
