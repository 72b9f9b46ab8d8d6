"""Requests that no page of ours sends, on either database: each is refused in words."""

from __future__ import annotations

from itertools import product
from typing import Any

import httpx
import pytest

from bot.desk.tables import cases
from tests.bot.desk.conftest import Serve
from tests.bot.desk.rig import Browser, error_of
from tests.bot.desk.seeding import add_case
from tests.bot.desk.test_roles import LEAST

WILD: tuple[Any, ...] = (
    None,
    [],
    {},
    [[]],
    True,
    -1,
    10**30,
    1.5,
    "",
    "a\0b",
    "x" * 70,
    "\u202e😀",
    {"a": "b\0"},
)
FIELDS = {
    "say": ("key", "text", "draft"),
    "note": ("text",),
    "teach": ("procedure", "aspects"),
    "pass": ("to",),
    "close": ("reason",),
    "draft": ("procedure", "aspects", "answers"),
    "dossiers": ("code", "proof"),
    "label": ("ids", "verdict", "procedure", "aspects"),
    "approve": ("ids",),
    "undo": ("ids",),
    "sort": ("category",),
    "answer": ("text",),
    "invitations": ("name", "role"),
    "{id}": ("role", "disabled"),
}
# What is right in every field, so that each wild value is looked at.
RIGHT: dict[str, Any] = {
    "key": "k" * 12, "text": "x", "draft": {"procedure": "dang-ky-khai-sinh", "aspects": ["fee"]}, "to": None,
    "procedure": "dang-ky-khai-sinh", "aspects": ["fee"], "answers": {}, "code": "H99.01-261008-0975",
    "proof": "", "ids": [1], "verdict": "procedure", "category": "waiting", "name": "An", "role": "volunteer",
}  # fmt: skip
QUERIED = ("/desk/api/questions", "/desk/api/feedback", "/desk/tai-khoan", "/thong-ke", "/api/v1/letters")
NUMBERS = ("0", "1", "-1", "abc", "1%00", "999999999999999", "9" * 40)


@pytest.fixture
def admin(serving: Serve, both: str, kept_password: str) -> Browser:
    rig = serving(both)
    person = rig.person("Quản trị", "admin", kept_password)
    with rig.write() as connection:
        number = add_case(connection, 1_795_000_000.0, "web:a")
        connection.execute(
            cases.update().where(cases.c.id == number).values(state="claimed", owner_id=person.id)
        )
    return rig.browser("Quản trị")


def told(answer: httpx.Response) -> None:
    assert answer.status_code < 500, (answer.request.method, answer.request.url, answer.request.content)
    assert "Traceback" not in answer.text


def test_no_body_is_a_fault(admin: Browser) -> None:
    for method, path in LEAST:
        fields = FIELDS.get(path.rpartition("/")[2], ())
        if method != "POST" or not fields:
            continue
        where = path.replace("{id}", "1")
        right = {field: RIGHT[field] for field in fields if field in RIGHT}
        for field, value in product(fields, WILD):
            told(admin.post(where, {**right, field: value}))
        half = f'{{"{fields[0]}": "\\ud83d"}}'.encode()
        told(admin.http.post(where, content=half, headers={"X-Csrf-Token": admin.csrf}))
        told(admin.post(where, [1]))


def test_no_path_or_query_is_a_fault(admin: Browser) -> None:
    for method, path in LEAST:
        places = ("{id}", "{line}", "{place}", "{token}")
        for number in NUMBERS if any(place in path for place in places) else ():
            where = path
            for place in places:
                where = where.replace(place, number)
            told(admin.get(where) if method == "GET" else admin.post(where))
    for name, value in product(("state", "q", "tu", "den", "truoc", "session", "after", "toi"), NUMBERS):
        for path in (
            "/desk/api/questions",
            "/desk/api/feedback",
            "/desk/tai-khoan",
            "/thong-ke",
            "/api/v1/letters",
        ):
            told(admin.http.get(f"{path}?{name}={value}"))


def test_a_colleague_notes_nothing_on_what_is_not_theirs(
    serving: Serve, sqlite_url: str, kept_password: str
) -> None:
    rig = serving(sqlite_url)
    owner = rig.person("Lan", "volunteer", kept_password)
    rig.person("Minh", "volunteer", kept_password)
    with rig.write() as connection:
        add_case(connection, 1_795_000_000.0, "web:a", state="claimed", owner_id=owner.id)
    answer = rig.browser("Minh").post("/desk/api/cases/1/note", {"text": "x"})
    assert (answer.status_code, error_of(answer)) == (403, "not_yours")
    assert "Lan" in answer.json()["error"]["message"]


def test_no_head_of_a_request_is_a_fault(admin: Browser) -> None:
    stranger = httpx.Client(base_url=admin.http.base_url, trust_env=False)
    for origin in ("http://[", "null", "http://a:b", "\xff", "//", "http://[::1]:x"):
        told(stranger.post("/desk/vao", data={"ten": "An"}, headers={"Origin": origin.encode("latin-1")}))
        told(admin.post("/desk/api/cases/1/note", {"text": "x"}, Origin=origin.encode("latin-1")))  # type: ignore[arg-type]
    for form in (b"ten=%00&mat_khau=%00", b"ten=\xff&mat_khau=%ff", b"&&==", b"ten=" + b"9" * 60_000, b""):
        told(stranger.post("/desk/vao", content=form))
    told(stranger.get("/desk", headers={"Cookie": b"motcua_desk=\xff\x01;;="}))
    stranger.close()
