"""Every test that asks for ``database`` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from dossiers import Database, open_database
from dossiers.models import Applicant, Dossier, Event, Kind
from tests.mariadb import mariadb_server
from tests.postgres import postgresql_server, postgresql_url

__all__ = ["mariadb_server", "postgresql_server", "postgresql_url"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return f"sqlite:///{tmp_path}/motcua.db"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


def make_dossier(code: str = "H99.10.01.05-261102-0001", **fields: object) -> Dossier:
    """A dossier in work: received on Monday 2 November 2026 at 8:00, due on Friday 13 November."""
    given = {
        "status": 4,
        "status_since": datetime(2026, 11, 2, 9, 0),
        "received_at": datetime(2026, 11, 2, 8, 0),
        "due_at": datetime(2026, 11, 13, 17, 0),
        "updated_at": datetime(2026, 11, 2, 9, 0),
        "kind": Kind(
            procedure_code="1.004222",
            procedure_name="Đăng ký thường trú",
            field="Cư trú",
            agency="Công an phường Hoa Sen",
            department="Đội Quản lý hành chính",
        ),
        "applicant": Applicant(
            name="Trần Thị Mẫu", phone="0000123456", personal_number="099300001234", address="Số 1 Sen Hồng"
        ),
        "events": [
            Event(at=datetime(2026, 11, 2, 8, 0), status=2),
            Event(at=datetime(2026, 11, 2, 9, 0), status=4),
        ],
    }
    return Dossier(code=code, **(given | fields))
