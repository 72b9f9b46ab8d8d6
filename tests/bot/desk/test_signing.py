"""Invitations, signing in and out, over real HTTP."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from bot.desk import accounts, throttle
from bot.desk.accounts import IDLE_SECONDS, SESSION_SECONDS, Role
from bot.desk.tables import audit, people, sessions
from tests.bot.desk.rig import PASSWORD, Browser, Rig


def invite(rig: Rig, name: str = "Lan", role: Role = "volunteer") -> str:
    with rig.write() as connection:
        return accounts.invite(connection, time.time(), name, role)


def take_up(browser: Browser, token: str, password: str = PASSWORD, again: str | None = None):
    form = {"mat_khau": password, "lan_nua": password if again is None else again}
    return browser.http.post(f"/desk/moi/{token}", data=form, headers={"Accept": "text/html"})


def test_an_invitation_leads_to_the_desk_once(rig: Rig) -> None:
    token, browser = invite(rig, "Nguyễn Thị Lan"), rig.browser()
    assert "Chào Nguyễn Thị Lan" in browser.page(f"/desk/moi/{token}").text
    answer = take_up(browser, token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert browser.page("/desk/vao").headers["location"] == "/desk"  # signed in already
    assert take_up(rig.browser(), token).status_code == 410
    assert rig.browser().page(f"/desk/moi/{token}").status_code == 410
    other = rig.browser()
    assert (
        other.http.post("/desk/vao", data={"ten": " nguyễn  thị LAN", "mat_khau": PASSWORD}).status_code
        == 303
    )


def test_one_link_opened_by_two_at_once_works_once(rig: Rig) -> None:
    token = invite(rig)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: take_up(rig.browser(), token).status_code, range(8)))
    assert sorted(answers) == [303] + [410] * 7


def test_an_old_invitation_is_over(rig: Rig) -> None:
    token = invite(rig)
    with rig.write() as connection:
        connection.execute(update(people).values(invited_until=time.time() - 1))
    assert rig.browser().page(f"/desk/moi/{token}").status_code == 410


@pytest.mark.parametrize(
    ("password", "again"),
    [
        ("ngắn", None),
        ("motcua2026", None),
        ("aaaaaaaaaa", None),
        ("Lan Nguyễn", None),
        (PASSWORD, "khác hẳn"),
        ("x" * 500, None),
    ],
)
def test_a_password_that_is_not_good_enough_is_told(rig: Rig, password: str, again: str | None) -> None:
    token = invite(rig, "Lan Nguyễn")
    answer = take_up(rig.browser(), token, password, again)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert take_up(rig.browser(), token).status_code == 303  # the link still holds


def test_only_hashes_are_kept(rig: Rig) -> None:
    token, browser = invite(rig), rig.browser()
    take_up(browser, token)
    cookie = browser.http.cookies["motcua_desk"]
    with rig.engine.connect() as connection:
        kept = str(connection.execute(select(people)).all() + connection.execute(select(sessions)).all())
    assert "$argon2id$" in kept
    for secret in (PASSWORD, token, cookie):
        assert secret not in kept


def test_the_cookie_is_guarded(rig: Rig, serving, sqlite_url) -> None:
    answer = take_up(rig.browser(), invite(rig))
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie
    # Behind a proxy with TLS it is Secure, and bound to this host.
    forwarded = {"X-Forwarded-Proto": "https", "Origin": rig.address}
    form = {"mat_khau": PASSWORD, "lan_nua": PASSWORD}
    answer = rig.browser().http.post(f"/desk/moi/{invite(rig, 'Minh')}", data=form, headers=forwarded)
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-motcua_desk=") and "secure" in cookie


def test_a_wrong_password_and_an_unknown_name_are_told_alike(rig: Rig, kept_password: str) -> None:
    rig.person("Lan", kept=kept_password)
    rig.person("Đã khóa", kept=kept_password)
    with rig.write() as connection:
        connection.execute(update(people).where(people.c.name == "Đã khóa").values(disabled=True))
    for name, password in (
        ("Lan", "sai rồi đấy"),
        ("Ai đó", PASSWORD),
        ("Đã khóa", PASSWORD),
        ("\0" * 300, "\ud800"[:0]),
    ):
        answer = rig.browser().sign_in(name, password)
        assert answer.status_code == 401 and "Tên hoặc mật khẩu chưa đúng" in answer.text


def test_attempts_are_throttled_and_a_right_one_is_not_counted(rig: Rig, kept_password: str) -> None:
    rig.person("Lan", kept=kept_password)
    rig.person("Minh", kept=kept_password)
    for _ in range(throttle.PER_PAIR * 3):
        assert rig.browser().sign_in("Lan").status_code == 303
    for _ in range(throttle.PER_PAIR):
        assert rig.browser().sign_in("Lan", "sai rồi đấy").status_code == 401
    answer = rig.browser().sign_in("Lan")  # the right one, but too late
    assert answer.status_code == 429 and "15 phút" in answer.text
    assert rig.browser().sign_in("Minh").status_code == 303
    with rig.write() as connection:
        connection.exec_driver_sql("UPDATE desk_attempts SET since = since - 901")
    assert rig.browser().sign_in("Lan").status_code == 303


@pytest.mark.parametrize(
    ("column", "seconds"), [("created_at", SESSION_SECONDS + 1), ("seen_at", IDLE_SECONDS + 1)]
)
def test_sessions_expire(rig: Rig, kept_password: str, column: str, seconds: float) -> None:
    rig.person("Lan", "admin", kept_password)
    browser = rig.browser("Lan")
    assert browser.page("/desk/tai-khoan").status_code == 200
    with rig.write() as connection:
        connection.execute(update(sessions).values({column: sessions.c[column] - seconds}))
    assert browser.page("/desk/tai-khoan").headers["location"] == "/desk/vao?toi=/desk/tai-khoan"


def test_use_keeps_a_session_alive(rig: Rig, kept_password: str) -> None:
    rig.person("Lan", "admin", kept_password)
    browser = rig.browser("Lan")
    with rig.write() as connection:
        connection.execute(update(sessions).values(seen_at=sessions.c.seen_at - IDLE_SECONDS + 100))
    browser.page("/desk/tai-khoan")
    with rig.engine.connect() as connection:
        assert connection.scalar(select(sessions.c.seen_at)) > time.time() - 60


def test_signing_out_ends_the_session_on_the_server(rig: Rig, kept_password: str) -> None:
    rig.person("Lan", "admin", kept_password)
    browser = rig.browser("Lan")
    cookie = browser.http.cookies["motcua_desk"]
    assert browser.post("/desk/api/leave").status_code == 200
    assert "motcua_desk" not in browser.http.cookies
    browser.http.cookies.set("motcua_desk", cookie)
    assert browser.page("/desk/tai-khoan").status_code == 303


def test_sign_in_leads_back_to_a_page_of_ours_only(rig: Rig, kept_password: str) -> None:
    rig.person("Lan", kept=kept_password)
    for wanted, led in (("/quay", "/quay"), ("//evil.example/x", "/desk"), ("https://evil.example", "/desk")):
        form = {"ten": "Lan", "mat_khau": PASSWORD, "toi": wanted}
        assert rig.browser().http.post("/desk/vao", data=form).headers["location"] == led


def test_another_sites_page_cannot_sign_anybody_in(rig: Rig, kept_password: str) -> None:
    rig.person("Lan", kept=kept_password)
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = rig.browser().http.post(
            "/desk/vao", data={"ten": "Lan", "mat_khau": PASSWORD}, headers=headers
        )
        assert answer.status_code == 403


def test_what_changes_something_needs_the_pages_token(rig: Rig, kept_password: str) -> None:
    rig.person("Lan", kept=kept_password)
    browser = rig.browser("Lan")
    for token in ("", "x" * 32, "\u00ff"):
        answer = browser.http.post("/desk/api/leave", json={}, headers=[(b"X-Csrf-Token", token.encode())])
        assert answer.status_code == 403
    foreign = {"Origin": "https://evil.example"}
    assert browser.post("/desk/api/leave", **foreign).status_code == 403
    assert browser.post("/desk/api/leave").status_code == 200


def test_what_was_done_is_in_the_log(rig: Rig) -> None:
    browser = rig.browser()
    take_up(browser, invite(rig, "Lan", "admin"))
    rig.browser().sign_in("lan", "sai rồi đấy")
    rig.browser().sign_in("ai đó", "sai rồi đấy")
    with rig.engine.connect() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.id)).all()
    assert [(row.person, row.act, row.target) for row in rows] == [
        ("motcua", "invite", "Lan"),
        ("Lan", "password", "Lan"),
        ("Lan", "sign_in", "Lan"),
        ("Lan", "sign_in_refused", "Lan"),
    ]
    page = browser.page("/desk/tai-khoan").text
    assert "Đặt mật khẩu" in page and "vai trò: Quản trị" in page
