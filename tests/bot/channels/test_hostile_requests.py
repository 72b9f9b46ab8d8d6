"""Malformed, forged and huge requests: no 5xx, no row, no log line with text or token in it."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Scope

from bot.channels import build_channels
from bot.gateway.app import create_app
from bot.gateway.services import Services
from bot.mailbox.tables import conversations, inbox
from tests.bot.channels import fake_telegram, fake_zalo
from tests.bot.channels import rig as rigs
from tests.bot.channels.fake_zalo import signed, text_event

# Most go straight to the application, some through a socket.
IN_ALL, SOCKET_EVERY = 10_000, 25
MARK = "điều-riêng-tư"
_ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    10**40,
    1e308,
    "",
    "x" * 5000,
    [],
    [[]] * 50,
    {},
    {"id": {}},
    MARK,
    "\ud800",
]


def broken(body: bytes, chance: random.Random) -> bytes:
    """The bytes with some changed, cut off or repeated."""
    at = chance.randrange(len(body))
    match chance.randrange(4):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + bytes([body[at] ^ (1 + chance.randrange(255))]) + body[at + 1 :]
        case 2:
            return body[at:] + body
        case _:
            return body[:at] + chance.randbytes(chance.randrange(1, 200)) + body[at:]


def twisted(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The event with a part of it replaced, at some depth."""
    copy: dict[str, Any] = json.loads(json.dumps(event))
    part = copy
    while True:
        key = chance.choice(sorted(part))
        inner = part[key]
        if isinstance(inner, dict) and inner and chance.random() < 0.6:
            part = inner
            continue
        part[key] = chance.choice(_ODD)
        return copy


def requests(chance: random.Random) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """(path, body, headers) without end, none of which is to leave a row."""
    good_zalo = text_event("246845883529197922", MARK, "m1")
    good_telegram = {"update_id": 1, "message": fake_telegram.message(5, 1, text=MARK)}
    secret = {"X-Telegram-Bot-Api-Secret-Token": fake_telegram.SECRET}
    deep = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
    while True:
        kind = chance.randrange(8)
        body, headers = signed(good_zalo)
        forged = headers | {"X-ZEvent-Signature": f"mac={chance.randbytes(32).hex()}"}
        match kind:
            case 0:
                yield "/webhooks/zalo", broken(body, chance), headers
            case 1:
                yield "/webhooks/zalo", body, forged
            case 2:
                odd = json.dumps(twisted(good_zalo, chance)).encode()
                yield "/webhooks/zalo", odd, forged
            case 3:
                yield "/webhooks/zalo", chance.randbytes(chance.randrange(3000)), {}
            case 4:
                yield "/webhooks/telegram", json.dumps(good_telegram).encode(), {}
            case 5:
                yield "/webhooks/telegram", broken(b"{" * chance.randrange(1, 99), chance), secret
            case 6:
                wrong = {"X-Telegram-Bot-Api-Secret-Token": fake_telegram.SECRET[: chance.randrange(11)]}
                yield "/webhooks/telegram", json.dumps(good_telegram).encode(), wrong
            case _:
                huge = chance.choice(
                    [deep, b"[" * 100_000, MARK.encode() * 90_000, b'"' + b"\\u0000" * 90_000]
                )
                path = chance.choice(["/webhooks/zalo", "/webhooks/telegram"])
                if chance.random() < 0.2:
                    yield path, huge, (forged if path.endswith("zalo") else secret)


async def straight(app: ASGIApp, path: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of a POST that is given to the application without a socket; it gets no more of a body
    than it asks for."""
    names = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {
        **{"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST"},
        **{"scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": ""},
        **{"headers": [(b"host", b"gateway"), *names], "client": ("127.0.0.1", 1), "server": ("gateway", 80)},
    }
    chunks = iter([body[at : at + 65_536] for at in range(0, len(body), 65_536)])
    statuses: list[int] = []

    async def receive() -> Message:
        chunk = next(chunks, None)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]


def test_hostile_requests_leave_nothing(
    make_services: Callable[[str], Services],
    zalo_url: str,
    telegram_url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At the whole gateway, whose engine is stopped."""
    services = make_services("http://127.0.0.1:9")
    settings = rigs.settings_for(zalo_url, telegram_url)
    services.channels = build_channels(settings, services.mailbox, rigs.CENTRE, rigs.catalog())
    app, statuses = create_app(services), Counter[int]()

    async def scene() -> None:
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=30) as http:
            hostile = islice(requests(random.Random(5)), IN_ALL)
            for number, (path, body, headers) in enumerate(hostile):
                if number % SOCKET_EVERY:
                    statuses[await straight(app, path, body, headers)] += 1
                else:
                    statuses[(await http.post(path, content=body, headers=headers)).status_code] += 1
        for table in (inbox, conversations):
            found = await services.mailbox.core.ledger.run(lambda c, t=table: c.execute(t.select()).all())
            assert found == []
        server.should_exit = True
        await serving

    with caplog.at_level(logging.DEBUG):
        asyncio.run(scene())
    assert statuses.total() == IN_ALL
    assert set(statuses) <= {200, 400, 403, 408, 413}, statuses
    assert min(statuses[status] for status in (200, 400, 403, 413)) > 0
    lines = [r.getMessage() for r in caplog.records if not r.name.startswith("uvicorn")]
    for secret in (MARK, fake_zalo.OA_SECRET, fake_telegram.SECRET, fake_telegram.TOKEN, "access-0"):
        assert not [line for line in lines if secret in line]
    assert len([line for line in lines if "requests not taken" in line]) <= 4, "one line a minute"


def test_a_signed_event_of_any_shape_is_no_fault_of_ours(
    url: str, tmp_path: Path, zalo_url: str, telegram_url: str
) -> None:
    """Whoever has the secrets is the platform, whose events may change: taken or left alone, never a 5xx."""
    chance = random.Random(7)
    samples = [
        json.loads(p.read_text()) for p in (Path(__file__).parent / "fixtures" / "zalo").glob("*.json")
    ]
    messages = [
        {"update_id": 1, "message": fake_telegram.message(5, 1, text="chào", caption="x")},
        {"update_id": 2, "callback_query": fake_telegram.tap(5, "q", "ask")},
        {"update_id": 3, "edited_message": fake_telegram.message(5, 1, text="a", edit_date=5)},
    ]

    async def scene() -> None:
        settings = rigs.settings_for(zalo_url, telegram_url)
        async with rigs.rig(url, tmp_path, settings, working=False) as gateway:
            for _ in range(150):
                body = json.dumps(twisted(chance.choice(samples), chance))
                event = json.loads(body)
                if not isinstance(event.get("timestamp"), (str, int)):
                    continue
                response = await gateway.zalo(json.loads(body.replace("\\ud800", "?")))
                assert response.status_code in (200, 403), response.text
                update = json.loads(
                    json.dumps(twisted(chance.choice(messages), chance)).replace("\\ud800", "?")
                )
                response = await gateway.telegram(update)
                assert response.status_code == 200, response.text

    asyncio.run(scene())
