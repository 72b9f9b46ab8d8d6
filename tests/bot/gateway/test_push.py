"""``PUT /api/v1/dossiers`` over real HTTP, into a real database."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from bot.gateway.push import Push
from bot.gateway.services import Services
from dossiers import open_database
from dossiers.models import Applicant, Dossier
from dossiers.staff import find_dossier
from tests.bot.running import FakeEngine, client_of
from tests.postgres import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]

TOKEN = "a-token-of-at-least-24-letters"
CODE = "H99.10.01.05-261102-{:04d}"
NAME, PHONE, NUMBER, ADDRESS = "Trần Thị Kín", "0912345678", "001090012345", "Số 7 ngõ Vắng"


def dossier(number: int = 1, **fields: object) -> dict:
    return {
        "code": CODE.format(number),
        "procedure_code": "1.004222",
        "procedure_name": "Đăng ký thường trú",
        "name": NAME,
        "phone": PHONE,
        "personal_number": NUMBER,
        "address": ADDRESS,
        "received_at": "2026-11-02T08:00:00",
        "due_at": "2026-11-13T17:00:00",
        "status": "Đang xử lý",
        "channel": "Trực tuyến",
    } | fields


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return f"sqlite:///{tmp_path}/motcua.db"


@pytest.fixture
def client(
    make_services: Callable[..., Services], steady_engine: FakeEngine, url: str
) -> Iterator[httpx.Client]:
    push = Push(url, TOKEN)
    with client_of(replace(make_services(steady_engine.url), push=push)) as http:
        http.headers["Authorization"] = f"Bearer {TOKEN}"
        yield http
    push.close()


def put(client: httpx.Client, *dossiers: object) -> httpx.Response:
    return client.put("/api/v1/dossiers", json={"dossiers": dossiers})


def stored(url: str, number: int = 1) -> Dossier:
    database = open_database(url)
    with database.read() as session:
        found = find_dossier(session, CODE.format(number))
        assert found is not None
        session.expunge_all()
    database.close()
    return found


def test_new_changed_unchanged(client: httpx.Client, url: str) -> None:
    first = put(client, dossier(1), dossier(2))
    assert first.status_code == 200
    assert first.json() == {
        "new": 2, "changed": 0, "unchanged": 0, "rejected": 0,
        "results": [
            {"row": 1, "code": CODE.format(1), "result": "new"},
            {"row": 2, "code": CODE.format(2), "result": "new"},
        ],
    }  # fmt: skip
    again = put(client, dossier(1), dossier(2)).json()
    assert (again["unchanged"], again["new"], again["changed"]) == (2, 0, 0)
    changed = put(client, dossier(2, status=9, finished_at="12/11/2026"), dossier(3)).json()
    assert [row["result"] for row in changed["results"]] == ["changed", "new"]
    found = stored(url, 2)
    assert (found.status, found.finished_at) == (9, datetime(2026, 11, 12))
    assert found.applicant is not None and found.applicant.phone == PHONE


def test_what_a_record_does_not_name_stays_and_null_empties(client: httpx.Client, url: str) -> None:
    put(client, dossier(missing_papers="Tờ khai"))
    short = {"code": CODE.format(1), "received_at": "2026-11-02T08:00:00", "status": 5}
    assert put(client, short, dossier(2)).json()["changed"] == 1
    found = stored(url)
    assert (found.status, found.missing_papers, found.procedure_code) == (5, "Tờ khai", "1.004222")
    assert found.applicant is not None and found.applicant.name == NAME
    assert put(client, short | {"missing_papers": None}).json()["changed"] == 1
    assert stored(url).missing_papers is None


def test_each_rejection_has_its_reason_and_keeps_nobody_else_out(client: httpx.Client, url: str) -> None:
    answer = put(
        client,
        dossier(1),
        dossier(2, code=NAME),
        dossier(3, received_at=NAME),
        dossier(4, status=NAME),
        dossier(5, due_at="2026-11-01"),
        dossier(6, received_at=None),
        dossier(7, phone={"số": PHONE}),
        dossier(8, paid=True),
        dossier(9) | {NAME: PHONE},
        {"received_at": "2026-11-02"},
        {},
        dossier(11),
        dossier(11, status=5),
        dossier(12),
        dossier(12),
        {"code": "Tổng cộng", "received_at": None},
        dossier(13, channel=NAME),
    )
    assert answer.status_code == 200
    rows = answer.json()["results"]
    assert [row["row"] for row in rows] == list(range(1, 18))
    reasons = {row["row"]: row.get("reason") for row in rows}
    assert [row["row"] for row in rows if row["result"] != "rejected"] == [1, 14, 17]
    assert "not written like a dossier code" in reasons[2]
    assert reasons[3].startswith("received_at:")
    assert "unknown status" in reasons[4]
    assert "lies before" in reasons[5]
    assert "no reception date" in reasons[6]
    assert reasons[7] == "phone: text or a number is expected"
    assert reasons[8].startswith("paid:")
    assert "unknown fields" in reasons[9]
    assert reasons[10] == reasons[11] == reasons[16] == "no dossier code"
    assert reasons[12] == reasons[13] == "the code stands in records 12, 13, which differ"
    assert reasons[15] == "the same as record 14"
    assert rows[16]["notes"] == ["channel: the value is not understood, left empty"]
    assert rows[1]["code"] is None
    database = open_database(url)
    with database.read() as session:
        codes = list(session.scalars(select(Dossier.code).order_by(Dossier.code)))
    database.close()
    assert codes == [CODE.format(n) for n in (1, 12, 13)]


def test_nothing_personal_in_answer_or_log(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        fields = (
            "code",
            "received_at",
            "due_at",
            "status",
            "channel",
            "paid",
            "applicant_kind",
            "updated_at",
        )
        secrets = (NAME, PHONE, NUMBER, ADDRESS)
        answer = put(client, *(dossier(n, **{f: s}) for n, (f, s) in enumerate(_pairs(fields, secrets), 1)))
    told = answer.text + caplog.text
    for secret in secrets:
        assert secret not in told
        assert json.dumps(secret) not in told


def _pairs(fields: tuple[str, ...], secrets: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(field, secret) for field in fields for secret in secrets]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer ạ"]
)
def test_without_the_token_nothing_is_read(client: httpx.Client, url: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    del client.headers["Authorization"]
    answer = client.put("/api/v1/dossiers", content=b"not even JSON", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "bad_token"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_closed_when_no_token_is_set(
    make_services: Callable[..., Services], steady_engine: FakeEngine, tmp_path: Path
) -> None:
    push = Push(f"sqlite:///{tmp_path}/motcua.db", None)
    with client_of(replace(make_services(steady_engine.url), push=push)) as http:
        for header in ("Bearer", "Bearer None"):
            answer = http.put("/api/v1/dossiers", json={}, headers={"Authorization": header})
            assert answer.status_code == 403
            assert "MOTCUA_DOSSIERS_TOKEN" in answer.json()["error"]["message"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"\xff", 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b"[]", 422, "bad_batch"),
        (b'{"dossiers": {}}', 422, "bad_batch"),
        (b'{"dossiers": [[]]}', 422, "bad_batch"),
        (b'{"dossiers": ["x"]}', 422, "bad_batch"),
        (b" " * (2 * 1024 * 1024 + 1), 413, "batch_too_large"),
        (json.dumps({"dossiers": [{}] * 1001}).encode(), 413, "batch_too_large"),
    ],
)
def test_what_is_no_batch(client: httpx.Client, body: bytes, status: int, code: str) -> None:
    answer = client.put("/api/v1/dossiers", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("number", ["1" + "0" * 5000, "1e400", "-0", str(math.pi), "2958466"])
def test_numbers_of_all_sizes(client: httpx.Client, number: str) -> None:
    record = json.dumps(dossier()).replace('"2026-11-02T08:00:00"', number)
    answer = client.put("/api/v1/dossiers", content=f'{{"dossiers": [{record}]}}'.encode())
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.json()["results"][0]["result"] == "rejected"


def test_only_put(client: httpx.Client) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert client.request(method, "/api/v1/dossiers").status_code == 405


def test_a_full_batch(client: httpx.Client, url: str) -> None:
    full = [dossier(n) for n in range(1000)]
    assert put(client, *full).json()["new"] == 1000
    assert put(client, *full).json()["unchanged"] == 1000
    database = open_database(url)
    with database.read() as session:
        assert session.scalar(select(func.count(Applicant.dossier_id))) == 1000
    database.close()


def test_a_database_that_is_away(
    make_services: Callable[..., Services], steady_engine: FakeEngine, tmp_path: Path
) -> None:
    push = Push("postgresql://nobody@127.0.0.1:1/none", TOKEN)
    with client_of(replace(make_services(steady_engine.url), push=push)) as http:
        http.headers["Authorization"] = f"Bearer {TOKEN}"
        answer = put(http, dossier())
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_away")
        assert answer.headers["retry-after"] == "60"
