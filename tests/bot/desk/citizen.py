"""A citizen in the web chat, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.bot.desk.rig import Browser, Rig


class Citizen:
    """A web chat's session."""

    def __init__(self, rig: Rig) -> None:
        self.session, self.last = uuid4().hex, 0
        self.http = rig.browser().http

    def say(self, text: str | None = None, payload: str | None = None) -> list[dict[str, Any]]:
        body = {"session": self.session, **({"text": text} if text else {"payload": payload})}
        answer = self.http.post("/api/v1/messages", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["replies"]

    def letters(self) -> tuple[str, list[str]]:
        """(State, what came since the last look)."""
        found = self.http.get("/api/v1/letters", params={"session": self.session, "after": self.last}).json()
        self.last = found["last"]
        return found["state"], [letter["reply"]["text"] for letter in found["letters"]]


def waiting(browser: Browser) -> list[dict[str, Any]]:
    return browser.get("/desk/api/queue").json()["waiting"]
