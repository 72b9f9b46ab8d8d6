"""What a gateway does with the mailbox, in a process to be killed: ``… URL FOLDER ENGINE PLATFORM``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import httpx

from bot.gateway.engine import EngineClient
from bot.gateway.messages import Message
from bot.mailbox import (
    Answer,
    Limits,
    Mailbox,
    Postman,
    Reply,
    Retry,
    Sent,
    Turn,
    Workers,
    claims,
    outbox,
    workers,
)
from tests.bot.mailbox.helpers import NO_WAIT, notices, ungreeted

# The dead are found sooner than outside, so that the test is quick.
LEASE_SECONDS = 3.0


class HttpPlatform:
    """Sends to the test's platform."""

    channel = "zalo"
    limits = Limits(per_second=1000, burst=100)

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.AsyncClient(trust_env=False, timeout=5)

    def parts(self, reply: Reply) -> list[Reply]:
        return [reply]

    async def send(self, conversation: str, part: Reply) -> Sent:
        try:
            message = {"to": conversation, "text": part["text"]}
            return Sent((str((await self._client.post(self._url, json=message)).json()["id"]),))
        except httpx.HTTPError as error:
            raise Retry(type(error).__name__, in_doubt=not isinstance(error, httpx.ConnectError)) from None


async def main(url: str, folder: str, engine_url: str, platform_url: str) -> None:
    engine = EngineClient([engine_url], "secret", answer_within=20)
    mailbox = Mailbox(url, Path(folder), rhythm=NO_WAIT)

    async def respond(turn: Turn) -> Answer:
        answer = await engine.turn(Message(turn.conversation, str(turn.id), text=turn.body["text"]))
        return Answer(answer["replies"], answer["understood"])

    async with (
        Workers(mailbox, respond, notices(), greet=ungreeted),
        Postman(mailbox, HttpPlatform(platform_url)),
    ):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    claims.LEASE_SECONDS = outbox.LEASE_SECONDS = workers.LEASE_SECONDS = LEASE_SECONDS
    workers.BEAT_SECONDS = LEASE_SECONDS / 4
    asyncio.run(main(*sys.argv[1:]))
