"""Guessing dossiers at every door of the gateway other than the chat: signed in at the counter, or not."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.desk import tracking
from bot.desk.tracking import LIMITS
from dossiers import open_database
from dossiers.models import Applicant, Dossier, Kind
from tests.bot.desk.rig import Browser, Rig

CODES = 250
PHONE = "0000765432"
DOORS = (
    "/",
    "/thu-tuc",
    "/api/v1/procedures",
    "/api/v1/letters",
    "/quay",
    "/thong-ke",
    "/metrics",
    "/quay/{}",
)
PATHS = ("/thu-tuc/{}", "/api/v1/procedures/{}", "/api/v1/dossiers/{}", "/desk/api/checklists/{}")
SECRETS = (
    "Đoàn Dò",
    "Đ*** D***",
    PHONE,
    "099300765432",
    "Hẻm Vắng",
    "Bộ phận Kín",
    "Giấy Kín",
    "Vì Lẽ Riêng",
)


def code_of(number: int) -> str:
    return f"H99.10.01.07-261019-{number:04d}"


def test_no_page_shows_anything_of_a_dossier(
    rig: Rig, kept_password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "local_now", lambda: datetime(2026, 11, 20, 9))
    database = open_database(rig.url)
    moment = datetime(2026, 10, 19, 8)
    with database.write() as session:
        kind = Kind(procedure_name="Thủ tục bị dò", agency="Công an", department="Bộ phận Kín")
        for number in range(0, CODES, 5):
            whose = Applicant(name="Đoàn Dò", phone=PHONE, personal_number="099300765432", address="Hẻm Vắng")
            session.add(
                Dossier(
                    code=code_of(number),
                    kind=kind,
                    status=5,
                    status_since=moment,
                    updated_at=moment,
                    received_at=moment,
                    missing_papers="Giấy Kín",
                    late_reason="Vì Lẽ Riêng",
                    applicant=whose,
                )
            )
    database.close()
    rig.person("Lan", kept=kept_password)
    guests = (rig.browser("Lan"), Browser(rig.address))
    asked = 0
    for number in range(CODES):
        code, guest = code_of(number), guests[number % 2]
        query = {"q": code, "ma": code, "code": code, "so": "111111", "session": code}
        answers = [guest.get(door.format(code), **query) for door in DOORS]
        answers += [guest.get(path.format(code)) for path in PATHS]
        asked += len(answers)
        if guest is guests[0]:
            # Once somebody has tried too often, the right digits do not help either.
            proof = PHONE[-6:] if number >= 2 * LIMITS.per_person else "111111"
            answers.append(guest.post("/desk/api/dossiers", {"code": code, "proof": proof}))
        for answer in answers:
            assert answer.status_code < 500, answer.url
            found = [secret for secret in SECRETS if secret in answer.text]
            assert found == [], answer.url
    assert asked == CODES * 12
    guests[1].close()
