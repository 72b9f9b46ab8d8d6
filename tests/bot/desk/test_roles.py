"""Every route of the desk, tried with every role: by hand what each may do, not by what the code says."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Route

from bot.desk.routes import desk_routes
from tests.bot.desk.rig import Browser, Rig

ROLES = (None, "volunteer", "lead", "admin")
NOBODY, VOLUNTEER, LEAD, ADMIN = range(4)

# (method, path) → the least role; a new route has to be put here by hand.
LEAST = {
    ("GET", "/desk/vao"): NOBODY,
    ("POST", "/desk/vao"): NOBODY,
    ("GET", "/desk/moi/{token}"): NOBODY,
    ("POST", "/desk/moi/{token}"): NOBODY,
    ("GET", "/desk"): VOLUNTEER,
    ("POST", "/desk/api/leave"): VOLUNTEER,
    ("GET", "/api/v1/letters"): NOBODY,
    ("POST", "/api/v1/pictures"): NOBODY,
    ("GET", "/desk/api/queue"): VOLUNTEER,
    ("GET", "/desk/api/colleagues"): VOLUNTEER,
    ("POST", "/desk/api/draft"): VOLUNTEER,
    ("GET", "/desk/api/cases/{id}"): VOLUNTEER,
    ("POST", "/desk/api/cases/{id}/claim"): VOLUNTEER,
    ("POST", "/desk/api/cases/{id}/say"): VOLUNTEER,
    ("POST", "/desk/api/cases/{id}/note"): VOLUNTEER,
    ("POST", "/desk/api/cases/{id}/teach"): VOLUNTEER,
    ("POST", "/desk/api/cases/{id}/pass"): VOLUNTEER,
    ("POST", "/desk/api/cases/{id}/close"): VOLUNTEER,
    ("GET", "/desk/api/cases/{id}/files/{line}/{place}"): VOLUNTEER,
    ("GET", "/quay"): VOLUNTEER,
    ("GET", "/quay/worker.js"): NOBODY,
    ("GET", "/desk/api/checklists/{id}"): VOLUNTEER,
    ("POST", "/desk/api/dossiers"): VOLUNTEER,
    ("GET", "/desk/cau-hoi"): VOLUNTEER,
    ("GET", "/desk/api/questions"): VOLUNTEER,
    ("POST", "/desk/api/questions/label"): VOLUNTEER,
    ("POST", "/desk/api/questions/approve"): LEAD,
    ("POST", "/desk/api/questions/undo"): LEAD,
    ("GET", "/desk/phan-anh"): LEAD,
    ("GET", "/desk/api/feedback"): LEAD,
    ("GET", "/desk/api/feedback/{id}/files/{place}"): LEAD,
    ("POST", "/desk/api/feedback/{id}/sort"): LEAD,
    ("POST", "/desk/api/feedback/{id}/answer"): LEAD,
    ("GET", "/thong-ke"): LEAD,
    ("GET", "/thong-ke.csv"): LEAD,
    ("GET", "/thong-ke/ho-so"): LEAD,
    ("GET", "/desk/tai-khoan"): ADMIN,
    ("POST", "/desk/api/invitations"): ADMIN,
    ("POST", "/desk/api/accounts/{id}"): ADMIN,
}
PAGES = {path for method, path in LEAST if method == "GET" and "/api/" not in path}
GUARDED = sorted(key for key, least in LEAST.items() if least != NOBODY)


def test_the_table_knows_every_route(desk) -> None:
    there = {
        (method, route.path)
        for route in desk_routes(desk)
        if isinstance(route, Route)
        for method in (route.methods or ()) - {"HEAD"}
    }
    assert there == set(LEAST)


@pytest.fixture(scope="module")
def browsers(shared_rig: Rig, kept_password: str) -> dict[str | None, Browser]:
    people: dict[str | None, Browser] = {None: shared_rig.browser()}
    for role in ROLES[1:]:
        shared_rig.person(f"Người {role}", role, kept_password)
        people[role] = shared_rig.browser(f"Người {role}")
    return people


def ask(browser: Browser, method: str, path: str, **headers: str):
    path = re.sub(r"\{token\}", "x", re.sub(r"\{(?!token)\w+\}", "999999", path))
    accept = "text/html" if path in PAGES else "application/json"
    return browser.http.request(
        method, path, headers={"Accept": accept, **headers}, json={} if method == "POST" else None
    )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_route_opens_to_those_who_may_and_to_nobody_else(
    browsers: dict[str | None, Browser], shared_rig: Rig, method: str, path: str, role: str | None
) -> None:
    browser = browsers[role]
    if path == "/desk/api/leave" and role:  # it ends the session: one of its own
        browser = shared_rig.browser(f"Người {role}")
    answer = ask(browser, method, path, **{"X-Csrf-Token": browser.csrf})
    if role is None:
        assert answer.status_code == (303 if path in PAGES else 401)
        assert path not in PAGES or answer.headers["location"].startswith("/desk/vao")
    elif ROLES.index(role) < LEAST[method, path]:
        assert answer.status_code == 403
        assert "không có quyền" in answer.text
    else:
        assert answer.status_code not in (401, 403) and answer.status_code < 500
    assert answer.headers["cache-control"] == "no-store" or answer.status_code == 304


@pytest.mark.parametrize(("method", "path"), [key for key in GUARDED if key[0] == "POST"])
def test_nothing_changes_without_the_pages_token(
    browsers: dict[str | None, Browser], method: str, path: str
) -> None:
    assert ask(browsers["admin"], method, path).status_code == 403
    foreign = {"X-Csrf-Token": browsers["admin"].csrf, "Origin": "https://evil.example"}
    assert ask(browsers["admin"], method, path, **foreign).status_code == 403
