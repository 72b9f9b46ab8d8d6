from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.settings import ROOT
from tests.bot.mailbox.helpers import inbox_rows, notices, open_mailbox, outbox_rows, say, until
from tests.bot.running import wait_until
from tests.ports import free_port

PEOPLE, KILLS = 20, 7
# One round before each kill, so that there is work however slow the machine is, and one after the last.
EACH = KILLS + 1


class Outside:
    """The engine and the platform in one: what was asked, and what arrived, in order."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.thinking = 0
        # While it is set the engine goes on thinking.
        self.puzzled = threading.Event()
        self.arrived: list[tuple[str, str]] = []

    async def engine(self, request: Request) -> JSONResponse:
        body = await _body(request)
        self.asked[body["message_id"]] += 1
        self.thinking += 1
        await asyncio.sleep(random.uniform(0, 0.4))
        while self.puzzled.is_set():
            await asyncio.sleep(0.02)
        self.thinking -= 1
        return JSONResponse({"replies": [{"text": f"re {body['text']}"}], "understood": {"intent": "x"}})

    async def platform(self, request: Request) -> JSONResponse:
        body = await _body(request)
        await asyncio.sleep(random.uniform(0, 0.02))
        self.arrived.append((body["to"], body["text"]))
        await asyncio.sleep(random.uniform(0, 0.02))
        return JSONResponse({"id": len(self.arrived)})

    @contextmanager
    def serve(self) -> Iterator[str]:
        app = Starlette(
            routes=[
                Route("/webhooks/motcua/webhook", self.engine, methods=["POST"]),
                Route("/send", self.platform, methods=["POST"]),
            ]
        )
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run)
        thread.start()
        wait_until(lambda: server.started)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


async def _body(request: Request) -> dict:
    try:
        return await request.json()
    except ClientDisconnect:
        # Killed while it was writing: nobody is there to hear of it.
        raise HTTPException(400) from None


def start(url: str, folder: Path, outside: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.bot.mailbox.gateway_process", url, str(folder), outside]
    process = subprocess.Popen([*command, f"{outside}/send"], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.timeout(300)
def test_gateways_killed_at_any_moment_lose_nothing_and_repeat_nothing(url: str, tmp_path: Path) -> None:
    chance = random.Random(5)
    outside = Outside()
    rounds = threading.Semaphore(0)

    async def write() -> None:
        """The webhook's side: every message is delivered, some of them again, some of those much later."""
        mailbox = open_mailbox(url, tmp_path)
        for n in range(EACH):
            await asyncio.to_thread(rounds.acquire)
            for person in range(PEOPLE):
                await say(mailbox, f"zalo:{person}", f"{n}", f"{person}/{n}")
                if chance.random() < 0.2:
                    again = chance.randint(0, n)
                    await say(mailbox, f"zalo:{person}", f"{again}", f"{person}/{again}")
        await until(lambda: _all_done(url), within=120)
        await mailbox.close()

    with outside.serve() as address:
        gateways = [start(url, tmp_path, address) for _ in range(2)]
        writing = threading.Thread(target=asyncio.run, args=(write(),))
        writing.start()
        try:
            for number in range(KILLS):
                # At any moment; and once all of them at once, in mid-turn.
                both = number == KILLS // 2
                if both:
                    outside.puzzled.set()
                rounds.release()
                time.sleep(chance.uniform(0.1, 0.8))
                if both:
                    wait_until(lambda: outside.thinking > 0, within=90)
                victims = (0, 1) if both else (chance.randrange(2),)
                for victim in victims:
                    gateways[victim].kill()
                outside.puzzled.clear()
                for victim in victims:
                    end(gateways[victim])
                    gateways[victim] = start(url, tmp_path, address)
            rounds.release()
            writing.join()
        finally:
            outside.puzzled.clear()
            rounds.release(EACH)
            for gateway in gateways:
                end(gateway)

    messages, letters = inbox_rows(url), outbox_rows(url)
    assert len(messages) == PEOPLE * EACH
    assert {row.state for row in messages} <= {"answered", "apologised"}
    assert {row.state for row in letters} == {"sent"}
    # Each message has one reply: its answer, or the apology where a gateway was killed in mid-turn.
    assert sorted(row.inbox_id for row in letters) == [row.id for row in messages]
    # The kills met with work: else this would show nothing.
    assert any(row.state == "apologised" for row in messages)
    # None was asked twice: what reached the engine before a kill was not asked again.
    assert max(outside.asked.values()) == 1
    apology = notices()["in_doubt"]["text"]
    expected = {
        row.id: apology if row.state == "apologised" else f"re {row.body['text']}" for row in messages
    }
    arrived = defaultdict(list)
    for person, text in outside.arrived:
        arrived[person].append(text)
    for person in range(PEOPLE):
        # In order of arrival; a letter in doubt may be there as often again as it was in doubt. Apologies
        # read alike, so those that follow one another are counted together.
        got = [(text, len(list(same))) for text, same in groupby(arrived[f"zalo:{person}"])]
        mine = [row for row in letters if row.conversation == f"zalo:{person}"]
        sent = [(text, list(same)) for text, same in groupby(mine, lambda row: expected[row.inbox_id])]
        assert [text for text, _ in got] == [text for text, _ in sent], person
        for (_, times), (_, same) in zip(got, sent, strict=True):
            assert len(same) <= times <= len(same) + sum(row.doubts for row in same), (person, got)


def _all_done(url: str) -> bool:
    messages, letters = inbox_rows(url), outbox_rows(url)
    settled = all(row.state in ("answered", "apologised") for row in messages)
    return settled and bool(letters) and all(row.state == "sent" for row in letters)
