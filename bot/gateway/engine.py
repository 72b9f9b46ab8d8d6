"""The client of the engine's REST channel.

A message is sent again only while it is certain that no engine has it: when the connection was
refused. Once anything was sent, a missing answer is ``AnswerInDoubt`` and is not asked for again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

import httpx

from bot.errors import AnswerInDoubt, EngineRefused, EngineUnavailable
from bot.gateway.messages import Message

PATH = "/webhooks/motcua/webhook"
HEALTH = "/webhooks/motcua/"
ANSWER_WITHIN = 30.0
PAUSES = (0.1, 0.3, 0.6, 1.0)

# Below the engine's own keep-alive of 5 s: a connection it is about to close is not used again.
_LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=2.0)


class EngineClient:
    """Asks one of several engines; a conversation goes to the same one as long as that one is there."""

    def __init__(
        self,
        urls: Sequence[str],
        secret: str,
        answer_within: float = ANSWER_WITHIN,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._urls = list(urls)
        self._pauses = [*pauses, None]
        timeout = httpx.Timeout(answer_within, connect=3.0, pool=5.0)
        self._client = httpx.AsyncClient(
            timeout=timeout, limits=_LIMITS, headers={"X-Motcua-Secret": secret}, trust_env=False
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def turn(self, message: Message) -> dict:
        """The engine's answer, ``{"replies": […], "understood": {…}}``.

        Raises:
            EngineUnavailable: no engine takes connections; nothing was sent.
            AnswerInDoubt: it was sent, and the connection broke or the time (30 s) ran out.
            EngineRefused: the engine answered with an error.
        """
        body = _body(message)
        for pause in self._pauses:
            for url in self._order(message.conversation):
                try:
                    return await self._post(url, body)
                except EngineUnavailable:
                    continue
            if pause is not None:
                await asyncio.sleep(pause)
        raise EngineUnavailable("no engine takes connections")

    async def ready(self) -> bool:
        """Whether an engine has its model loaded."""
        for url in self._urls:
            try:
                if (await self._client.get(url + HEALTH, timeout=3.0)).status_code == 200:
                    return True
            except httpx.HTTPError:
                continue
        return False

    def _order(self, conversation: str) -> list[str]:
        def weight(url: str) -> bytes:
            return hashlib.blake2b(f"{conversation} {url}".encode(), digest_size=8).digest()

        return sorted(self._urls, key=weight)

    async def _post(self, url: str, body: dict) -> dict:
        try:
            response = await self._client.post(url + PATH, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise EngineUnavailable(f"{url}: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise AnswerInDoubt(f"{url}: {type(error).__name__}") from error
        return _answer(response)


def _body(message: Message) -> dict:
    body: dict = {"conversation": message.conversation, "message_id": message.message_id}
    if message.network is not None:
        body["network"] = message.network
    if message.payload is None:
        return {**body, "text": message.text}
    entities = [{"entity": key, "value": value} for key, value in message.payload.entities]
    return {**body, "intent": message.payload.intent, "entities": entities}


def _answer(response: httpx.Response) -> dict:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise EngineRefused(response.status_code, "no_json", "the engine's answer is not a JSON object")
    if response.status_code != 200:
        error = answer.get("error")
        error = error if isinstance(error, dict) else {}
        code, message = str(error.get("code", "error")), str(error.get("message", ""))
        raise EngineRefused(response.status_code, code, message)
    if not isinstance(answer.get("replies"), list) or not isinstance(answer.get("understood"), dict):
        raise EngineRefused(200, "bad_answer", "replies or understood is missing")
    if not answer["replies"]:
        # A turn always says something; one that does not has failed half-way.
        raise EngineRefused(200, "no_reply", "the turn ended without a reply")
    replies = [{**_reply_defaults(), **reply} for reply in answer["replies"] if isinstance(reply, dict)]
    return {"replies": replies, "understood": answer["understood"]}


def _reply_defaults() -> dict:
    """A reply always has every key; one that says little is sent without the empty ones."""
    return {
        "kind": "notice",
        "text": "",
        "buttons": [],
        "links": [],
        "procedure": None,
        "procedure_code": None,
        "aspects": [],
        "sources": [],
    }
