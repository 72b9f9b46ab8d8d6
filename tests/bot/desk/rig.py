"""A gateway with a mailbox and the desk, over real HTTP, and people who use it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection, Engine, create_engine

from bot.desk import accounts
from bot.desk.accounts import Person, Role
from bot.desk.passwords import hash_password

PASSWORD = "hoa sen trắng 7"


def engine_of(url: str) -> Engine:
    """An engine of the test's own, beside the gateway's."""
    options = {"timeout": 30} if url.startswith("sqlite") else {}
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"), connect_args=options)


def make_person(
    connection: Connection, name: str, role: Role = "volunteer", kept: str | None = None
) -> Person:
    """Somebody who has taken up their invitation."""
    now = time.time()
    token = accounts.invite(connection, now, name, role)
    person = accounts.accept(connection, now, token, kept or hash_password(PASSWORD, name))
    assert person is not None
    return person


class Browser:
    """A signed-in client: keeps its cookie, and sends the page's token with what changes something."""

    def __init__(self, address: str, name: str | None = None, password: str = PASSWORD) -> None:
        self.http = httpx.Client(base_url=address, trust_env=False, timeout=60)
        self.csrf = ""
        if name is not None:
            answer = self.sign_in(name, password)
            assert answer.status_code == 303, answer.text

    def sign_in(self, name: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
        form = {"ten": name, "mat_khau": password, "toi": "/desk"}
        answer = self.http.post("/desk/vao", data=form, headers=headers)
        if answer.status_code == 303:
            self.csrf = csrf_in(self.page("/desk").text)
        return answer

    def page(self, path: str) -> httpx.Response:
        return self.http.get(path, headers={"Accept": "text/html"})

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.http.get(path, params=params)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.http.post(
            path, json=body if body is not None else {}, headers={"X-Csrf-Token": self.csrf, **headers}
        )

    def close(self) -> None:
        self.http.close()


def csrf_in(page: str) -> str:
    found = re.search(r'data-csrf="([^"]+)"', page)
    assert found, page[:500]
    return found[1]


def error_of(response: httpx.Response) -> str:
    """The code of an error in the one shape, with words and nothing internal."""
    body = response.json()
    assert set(body["error"]) == {"code", "message"} and body["error"]["message"]
    assert "Traceback" not in response.text
    return body["error"]["code"]


@dataclass
class Rig:
    """A running gateway at ``address`` whose database is at ``url``."""

    address: str
    url: str
    engine: Engine
    folder: Path
    browsers: list[Browser] = field(default_factory=list)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            if self.url.startswith("sqlite"):
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            yield connection

    def person(self, name: str, role: Role = "volunteer", kept: str | None = None) -> Person:
        with self.write() as connection:
            return make_person(connection, name, role, kept)

    def browser(self, name: str | None = None) -> Browser:
        browser = Browser(self.address, name)
        self.browsers.append(browser)
        return browser

    def close(self) -> None:
        for browser in self.browsers:
            browser.close()
        self.engine.dispose()
