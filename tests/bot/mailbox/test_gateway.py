"""The web chat's messages go through the mailbox."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import pytest

from bot.gateway.networks import Networks
from bot.gateway.responding import AskEngine
from bot.gateway.services import Services
from bot.mailbox import Entry, Turn
from tests.bot.mailbox.helpers import inbox_rows, notices, outbox_rows
from tests.bot.running import FakeEngine, client_of

Make = Callable[..., Services]


def say(client: httpx.Client, text: str, session: str = "a") -> httpx.Response:
    return client.post("/api/v1/messages", json={"session": session, "text": text})


def address(services: Services) -> str:
    return services.mailbox.core.ledger._url


def test_a_message_and_its_answer_are_in_the_mailbox(make_services: Make, steady_engine: FakeEngine) -> None:
    services = make_services(steady_engine.url)
    with client_of(services) as client:
        assert say(client, "xin chào").status_code == 200
        assert client.post(
            "/api/v1/messages", json={"session": "a", "payload": "ask?procedure=x&aspect=fee,time"}
        ).is_success
    first, second = inbox_rows(address(services))
    assert (first.conversation, first.body, first.state) == ("web:a", {"text": "xin chào"}, "answered")
    assert second.body == {"payload": "ask?procedure=x&aspect=fee,time"}
    assert first.understood["intent"] == "smalltalk"
    assert [row.state for row in outbox_rows(address(services))] == ["sent", "sent"]
    asked = {row["message_id"] for row in steady_engine.seen() if row["conversation"] == "web:a"}
    assert {str(first.id), str(second.id)} <= asked


def test_a_message_that_got_503_is_not_answered_later(make_services: Make, engine: FakeEngine) -> None:
    services = make_services(engine.url)
    engine.stop()
    with client_of(services) as client:
        assert say(client, "một").status_code == 503
        engine.start()
        assert say(client, "hai").json()["replies"][0]["text"] == "Em nghe: hai"
    assert [row["text"] for row in engine.seen()] == ["hai"]
    rows = inbox_rows(address(services))
    assert [(row.state, row.reason) for row in rows] == [
        ("recorded", "engine_unavailable"),
        ("answered", None),
    ]


def test_while_paused_the_api_gives_the_notice(make_services: Make, steady_engine: FakeEngine) -> None:
    services = make_services(steady_engine.url)
    with client_of(services) as client:
        assert say(client, "một").status_code == 200
        asyncio.run(_switch(services, "pause"))
        answer = say(client, "hai").json()
        assert answer["replies"] == [notices()["paused"]]
        assert answer["understood"] == {
            "intent": "paused",
            "confidence": 1.0,
            "procedures": [],
            "aspects": [],
        }
        assert "motcua_paused 1.0" in client.get("/metrics").text
        asyncio.run(_switch(services, "resume"))
        assert say(client, "ba").json()["replies"][0]["text"] == "Em nghe: ba"
    assert [row.state for row in inbox_rows(address(services))] == ["answered", "kept", "answered"]


async def _switch(services: Services, what: str) -> None:
    from bot.mailbox import Mailbox

    command = Mailbox(address(services), Path())
    await (command.people.pause() if what == "pause" else command.people.resume())
    await command.close()


def test_whoever_confirms_is_forgotten(make_services: Make, steady_engine: FakeEngine) -> None:
    services = make_services(steady_engine.url)
    with client_of(services) as client:
        assert say(client, "chuyện riêng", "xoa").status_code == 200
        done = client.post("/api/v1/messages", json={"session": "xoa", "payload": "erase_confirm"})
        assert done.status_code == 200
        assert done.json()["replies"][0]["text"].startswith("Nút erase_confirm")
    (stone,) = inbox_rows(address(services))
    assert (stone.conversation, stone.body) == ("", {})
    assert [row.reply["text"] for row in outbox_rows(address(services))] == ["Nút erase_confirm: "]


def test_a_database_that_is_away_is_told_and_comes_back(
    make_services: Make, steady_engine: FakeEngine
) -> None:
    services = make_services(steady_engine.url)
    path = Path(address(services).removeprefix("sqlite:///"))
    path.mkdir()
    with client_of(services) as client:
        response = say(client, "một")
        assert (response.status_code, response.json()["error"]["code"]) == (503, "database_away")
        assert client.get("/metrics").status_code == 200
        path.rmdir()
        assert say(client, "hai").status_code == 200


def test_a_locked_database_is_told_in_time_and_the_message_is_not_answered_later(
    make_services: Make, steady_engine: FakeEngine
) -> None:
    services = make_services(steady_engine.url)
    with client_of(services) as client:
        assert say(client, "một").status_code == 200
        services.turns._kept_within = 0.2
        holder = sqlite3.connect(address(services).removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        response = say(client, "hai")
        assert (response.status_code, response.json()["error"]["code"]) == (503, "database_away")
        holder.close()
        services.turns._kept_within = 20
        assert say(client, "ba").json()["replies"][0]["text"] == "Em nghe: ba"
    answered = [row.body["text"] for row in inbox_rows(address(services)) if row.state == "answered"]
    assert answered == ["một", "ba"]


class _Engine:
    def __init__(self, *replies: dict) -> None:
        self.replies = list(replies)

    async def turn(self, message: object) -> dict:
        return {"replies": [dict(reply) for reply in self.replies], "understood": {"intent": "affirm"}}


@pytest.mark.parametrize(
    ("reply", "erase"), [({"text": "Đã xóa.", "effect": "erase"}, True), ({"text": "Dạ."}, False)]
)
def test_a_reply_may_say_that_the_person_is_to_be_forgotten(reply: dict, erase: bool) -> None:
    turn = Turn("web:a", "web", (Entry(1, "text", {"text": "vâng"}, 0.0),), "t")
    answer = asyncio.run(AskEngine(_Engine(reply), Networks("", date.today))(turn))  # type: ignore[arg-type]
    assert answer.erase is erase
    assert answer.replies == [{"text": reply["text"]}]


@pytest.mark.parametrize(("channel", "more"), [("web", {}), ("zalo", {"unfolded": True})])
def test_what_was_asked_for_whole_is_not_folded_by_a_channel(channel: str, more: dict) -> None:
    entry = Entry(1, "payload", {"payload": "skip_cases?choice=all"}, 0.0)
    turn = Turn(f"{channel}:a", channel, (entry,), "t")
    engine = _Engine({"text": "Tất cả.", "effect": "in_full"})
    answer = asyncio.run(AskEngine(engine, Networks("", date.today))(turn))  # type: ignore[arg-type]
    # The web's replies have the keys of the interface and no other.
    assert answer.replies == [{"text": "Tất cả."} | more]
