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
from bot.gateway.checklist import checklist
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

    async def make(
        self, person: Person, procedure: Any, aspects: Sequence[str], given: Any
    ) -> dict[str, Any]:
        """``{"procedure", "name", "aspects", "answers", "text", "sources"}``; ``given``: what is known of the
        citizen's case.

        Raises:
            Refusal: 404 ``unknown_procedure``; 503 ``no_draft``, when the engine has no answer.
        """
        entry = await run_in_threadpool(self.procedure, procedure)
        answers = self.answers(entry, given)
        own = answers if "documents" in aspects else {}
        rest = [aspect for aspect in aspects if not own or aspect != "documents"]
        async with self._locks.setdefault(person.id, asyncio.Lock()):
            try:
                # Of the citizen before this one nothing must be known here.
                await self._ask(person, "start_over")
                texts = [await self._ask(person, "ask", entry, rest)] if rest else []
                if own:
                    texts.append(await self._checklist(person, entry, own))
            except EngineError:
                raise Refusal(503, "no_draft") from None
        if not all(texts):
            raise Refusal(503, "no_draft")
        return {
            "procedure": entry.id,
            "name": entry.name,
            "aspects": list(aspects),
            "answers": answers,
            "text": "\n\n".join(texts),
            "sources": sources_of(entry),
        }

    async def asked(self, person: Person, words: str) -> dict[str, Any]:
        """The draft for a question in words, as :meth:`make` gives it.

        Raises:
            Refusal: 404 ``unknown_procedure``, when none is meant; 503 ``no_draft``.
        """
        async with self._locks.setdefault(person.id, asyncio.Lock()):
            try:
                await self._ask(person, "start_over")
                answer = await self._desk.ask(Message(f"desk:{person.id}", uuid4().hex, text=words))
            except EngineError:
                raise Refusal(503, "no_draft") from None
        meant = [row.get("id") for row in answer["understood"].get("procedures") or ()]
        told = [reply["procedure"] for reply in answer["replies"] if reply.get("procedure")]
        if not told + meant:
            raise Refusal(404, "unknown_procedure")
        aspects = [aspect for aspect in answer["understood"].get("aspects") or () if aspect in ASPECTS]
        return await self.make(person, (told + meant)[0], aspects or ["overview"], None)

    async def _checklist(self, person: Person, entry: Procedure, own: dict[str, str]) -> str:
        """The papers of one case; where too little of it is known, those of all cases."""
        await self._ask(person, "ask", entry, ["documents"])
        text = ""
        for case, choice in own.items():
            text = await self._ask(person, "choose_case", entry, case=case, choice=choice)
        return text or await self._ask(person, "skip_cases", entry)

    async def _ask(
        self,
        person: Person,
        intent: str,
        entry: Procedure | None = None,
        aspects: Sequence[str] = (),
        **more: str,
    ) -> str:
        """The text of the answer to a button; empty when it is answered with something else."""
        entities = [("procedure", entry.id)] if entry else []
        entities += [*(("aspect", aspect) for aspect in aspects), *more.items()]
        message = Message(f"desk:{person.id}", uuid4().hex, payload=Payload(intent, entities))
        answer = await self._desk.ask(message)
        return next((r["text"] for r in answer["replies"] if r["kind"] == "answer"), "")

    def answers(self, entry: Procedure, given: Any) -> dict[str, str]:
        """Of what was given, what this procedure asks. Raises Refusal 422 ``bad_field``."""
        if given is None:
            return {}
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise Refusal(422, "bad_field", field="answers")
        return checklist(entry, given, self._desk.today()).answers

    def procedure(self, named: Any) -> Procedure:
        """The entry in force with that id or code. Raises Refusal 404 ``unknown_procedure``."""
        catalog = self._desk.catalog.current()
        entry = catalog.find(named) if isinstance(named, str) else None
        if entry is None:
            raise Refusal(404, "unknown_procedure")
        return catalog.current(entry, self._desk.today())
