"""The action server's protocol, over the real app."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from actions import answering
from actions.bootstrap import Services
from actions.server import create_app
from tests.actions.talk import action_of_intent, actions, domain


class Client:
    """HTTP to an app in this process."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def get(self, path: str) -> httpx.Response:
        return self._send("GET", path)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self._send("POST", path, **body)

    def _send(self, method: str, path: str, **body: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://actions") as http:
                return await http.request(method, path, **body)

        return asyncio.run(sent())


@pytest.fixture(scope="module")
def client(s: Services) -> Client:
    return Client(create_app())


def call(name: str, text: str = "đăng ký khai sinh", intent: str = "name_procedure", **slots: object) -> dict:
    """What the engine sends for an action: no domain, no history."""
    message = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": []}
    tracker = {
        "sender_id": "web:a",
        "slots": {"procedure": None, **slots},
        "latest_message": message,
        "events": [],
    }
    return {"next_action": name, "sender_id": "web:a", "tracker": tracker}


def test_health_says_how_much_is_known(client: Client, s: Services) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "procedures": len(s.catalog)})


def test_an_action_is_run_and_its_replies_come_back(client: Client) -> None:
    answer = client.post("/webhook", json=call("action_answer"))
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"events", "responses"}
    assert body["responses"][0]["custom"]["procedure"] == "dang-ky-khai-sinh"
    assert {event["name"]: event.get("value") for event in body["events"] if event["event"] == "slot"}[
        "procedure"
    ] == "dang-ky-khai-sinh"


def test_every_action_of_the_domain_is_there_and_no_other(client: Client) -> None:
    assert set(actions()) == set(domain()["actions"])
    leads_to = {action: intent for intent, action in action_of_intent().items()}
    for name in domain()["actions"]:
        intent = leads_to.get(name, "name_procedure")
        assert client.post("/webhook", json=call(name, intent=intent)).status_code == 200, name


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"3", b'"x"', b"{}", b'{"tracker": {}}', b"\xff\xfe"])
def test_what_is_no_call_is_refused_in_words(client: Client, body: bytes) -> None:
    answer = client.post("/webhook", content=body)
    assert answer.status_code == 422
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("name", "before", "ends"),
    [
        ("action_answer", "action_listen", False),
        ("action_answer", "action_dossier_status", True),
        ("action_dossier_more", "proof_form", False),
        ("validate_case_form", "action_answer", False),
        ("action_ask_proof", "action_answer", False),
    ],
)
def test_after_a_follow_up_the_engine_listens(client: Client, name: str, before: str, ends: bool) -> None:
    """Else it finds no rule, falls back to answering, and does so until its limit."""
    asked = call(name)
    asked["tracker"]["latest_action_name"] = before
    events = client.post("/webhook", json=asked).json()["events"]
    assert ({"event": "followup", "timestamp": None, "name": "action_listen"} in events) is ends


def test_a_follow_up_that_goes_on_is_let_go_on(client: Client) -> None:
    asked = call("action_answer", text="H99.10.01.05-261021-9999", intent="ask_fee")
    asked["tracker"]["latest_action_name"] = "action_courtesy"
    events = client.post("/webhook", json=asked).json()["events"]
    assert [e["name"] for e in events if e["event"] == "followup"] == ["action_dossier_status"]


@pytest.mark.parametrize(
    ("text", "slots", "forgets"),
    [
        ("cho em thử 765432 xem", {"dossier": ["H99.10.01.05-261021-9999"]}, True),
        ("tra hồ sơ H99.10.01.05-261021-9999, đuôi 765432", {}, True),
        ("tra hồ sơ H99.10.01.05-261021-9999", {}, False),
        ("lệ phí khai sinh 765432", {}, False),
    ],
)
def test_digits_in_a_talk_about_dossiers_are_forgotten(
    client: Client, text: str, slots: dict, forgets: bool
) -> None:
    name = "action_dossier_status" if "H99" in text else "action_answer"
    replies = client.post("/webhook", json=call(name, text=text, **slots)).json()["responses"]
    assert ("forget_words" in [r["custom"].get("effect") for r in replies]) is forgets


def test_an_unknown_action_is_named(client: Client) -> None:
    answer = client.post("/webhook", json=call("action_khong_co"))
    assert answer.status_code == 404
    assert answer.json()["action_name"] == "action_khong_co"


@pytest.mark.parametrize("tracker", [None, {}, {"sender_id": "web:a"}, 3])
def test_a_call_without_a_whole_tracker_harms_nobody(client: Client, tracker: object) -> None:
    answer = client.post("/webhook", json={**call("action_answer"), "tracker": tracker})
    assert answer.status_code in (200, 422, 500)
    assert answer.headers["content-type"] == "application/json"
    assert client.get("/health").status_code == 200


def test_a_fault_of_an_action_tells_nothing_of_the_conversation(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("bí mật của người dân")

    monkeypatch.setattr(answering, "decide", broken)
    answer = client.post("/webhook", json=call("action_answer", text="chuyện riêng của tôi"))
    assert answer.status_code == 500
    assert answer.json() == {"error": "the action failed", "action_name": "action_answer"}


@pytest.mark.parametrize("path", ["/", "/actions", "/docs"])
def test_no_other_door(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
