"""Drafts: the catalogue's own answer, as the assistant gives it, for a person to edit and send."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from starlette.concurrency import run_in_threadpool

from bot.desk.accounts import Person
from bot.desk.desk import Desk
from bot.desk.errors import Refusal
from bot.desk.speech import sources_of
from bot.errors import EngineError
from bot.gateway.messages import Message
from bot.gateway.payloads import Payload
from procedures_catalog import Procedure

ASPECTS = (
    "overview",
    "documents",
    "fee",
    "time",
    "place",
    "method",
    "online",
    "forms",
    "eligibility",
    "result",
    "legal_basis",
    "agency",
)
# What platforms take from one message of ours, cut into several where they take less.
LONGEST_ANSWER = 4000


class Drafts:
    """Asks the engine in a scratch conversation of each person, one question at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._locks: dict[int, asyncio.Lock] = {}

    async def make(self, person: Person, procedure: Any, aspects: Sequence[str]) -> dict[str, Any]:
        """``{"procedure", "name", "aspects", "text", "sources"}``.

        Raises:
            Refusal: 404 ``unknown_procedure``; 503 ``no_draft``, when the engine has no answer.
        """
        entry = await run_in_threadpool(self.procedure, procedure)
        entities = [("procedure", entry.id), *(("aspect", aspect) for aspect in aspects)]
        message = Message(f"desk:{person.id}", uuid4().hex, payload=Payload("ask", entities))
        async with self._locks.setdefault(person.id, asyncio.Lock()):
            try:
                answer = await self._desk.ask(message)
            except EngineError:
                raise Refusal(503, "no_draft") from None
        reply = next((r for r in answer["replies"] if r["kind"] == "answer"), None)
        if reply is None:
            raise Refusal(503, "no_draft")
        return {
            "procedure": entry.id,
            "name": entry.name,
            "aspects": list(aspects),
            "text": reply["text"],
            "sources": sources_of(entry),
        }

    def procedure(self, named: Any) -> Procedure:
        """The entry in force with that id or code. Raises Refusal 404 ``unknown_procedure``."""
        catalog = self._desk.catalog.current()
        entry = catalog.find(named) if isinstance(named, str) else None
        if entry is None:
            raise Refusal(404, "unknown_procedure")
        return catalog.current(entry, self._desk.today())
