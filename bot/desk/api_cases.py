"""``/desk/api``: the queue, conversations, and what is done with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.desk import accounts, cases, view
from bot.desk.accounts import Visit
from bot.desk.body import is_number, json_body, number_in, one_of, text_of
from bot.desk.door import Door
from bot.desk.drafts import ASPECTS, LONGEST_ANSWER, Drafts
from bot.desk.errors import Refusal
from bot.desk.links import base_address, checklist_link
from bot.desk.promise import HERE_SECONDS
from bot.desk.speech import Draft
from bot.gateway.templating import plain_name

LONGEST_NOTE = 1000


class Cases:
    """The handlers; see the module."""

    def __init__(self, door: Door) -> None:
        self._desk, self._store = door.desk, door.desk.store
        self._drafts = Drafts(door.desk)

    async def queue(self, request: Request, visit: Visit) -> Response:
        """The queue, or 304 while it is as the page knows it."""
        return _tagged(request, await self._store.read(view.queue, visit.person))

    async def conversation(self, request: Request, visit: Visit) -> Response:
        """One conversation, or 304 while it is as the page knows it."""
        found = await self._store.read(view.conversation, visit.person, _number(request))
        if found["understood"]:
            catalog = await run_in_threadpool(self._desk.catalog.current)
            for row in found["understood"]["procedures"]:
                entry = catalog.find(str(row.get("id")))
                row["name"] = plain_name(entry.name) if entry else row.get("id")
        return _tagged(request, found)

    async def colleagues(self, request: Request, visit: Visit) -> Response:
        """To whom a case can be passed on, with who is here."""
        rows = await self._store.read(accounts.everybody)
        here = {person.id for person in await self._store.read(accounts.here, HERE_SECONDS)}
        others = [r for r in rows if r.password and not r.disabled and r.id != visit.person.id]
        found = [{"id": r.id, "name": r.name, "here": r.id in here} for r in others]
        return JSONResponse({"people": sorted(found, key=lambda p: not p["here"])})

    async def claim(self, request: Request, visit: Visit) -> Response:
        return await self._act(cases.claim, self._desk.speech, visit.person, _number(request))

    async def say(self, request: Request, visit: Visit) -> Response:
        """``{"key", "text", "draft"?: {"procedure", "aspects", "answers"?, "page"?, "text"?}}``; the draft's
        text is what it was before it was edited."""
        data = await json_body(request)
        key, text = text_of(data, "key", 64, least=8), text_of(data, "text", LONGEST_ANSWER)
        draft = await run_in_threadpool(self._draft_of, request, data.get("draft"))
        person = visit.person
        reply = self._desk.speech.person(person.name, person.role, text, draft)
        letter, channel = await self._store.write(cases.say, person, _number(request), key, reply)
        self._store.mailbox.core.ring_outboxes(channel)
        return JSONResponse({"letter": letter})

    async def note(self, request: Request, visit: Visit) -> Response:
        """``{"text"}``."""
        text = text_of(await json_body(request), "text", LONGEST_NOTE)
        await self._store.write(cases.add_note, visit.person, _number(request), text)
        return JSONResponse({})

    async def teach(self, request: Request, visit: Visit) -> Response:
        """``{"procedure", "aspects"}``: what the assistant took for something else, or did not know, means
        that. A lead approves it, as everything that is learned."""
        data = await json_body(request)
        entry = await run_in_threadpool(self._drafts.procedure, data.get("procedure"))
        meant = (visit.person, _number(request), entry.id, _aspects(data))
        return JSONResponse({"changed": await self._store.write(view.teach, *meant)})

    async def pass_on(self, request: Request, visit: Visit) -> Response:
        """``{"to": a colleague's number, or null for the queue}``."""
        to = (await json_body(request)).get("to")
        if to is not None and not is_number(to):
            raise Refusal(422, "bad_field", field="to")
        return await self._act(cases.pass_on, self._desk.speech, visit.person, _number(request), to)

    async def close(self, request: Request, visit: Visit) -> Response:
        """``{"reason"}``: one of the words' ``close_reasons``."""
        reason = one_of(await json_body(request), "reason", self._desk.words["close_reasons"])
        return await self._act(cases.close, self._desk.speech, visit.person, _number(request), reason)

    async def draft(self, request: Request, visit: Visit) -> Response:
        """``{"procedure", "aspects", "answers"?}`` → the catalogue's answer: ``{"text", "sources", …}``."""
        data = await json_body(request)
        wanted = (data.get("procedure"), _aspects(data), data.get("answers"))
        return JSONResponse(await self._drafts.make(visit.person, *wanted))

    async def _act(self, work: Callable[..., Any], *args: Any) -> Response:
        case = await self._store.write(work, *args)
        self._store.mailbox.core.ring_outboxes(case.channel)
        return JSONResponse({"id": case.id})

    def _draft_of(self, request: Request, given: Any) -> Draft | None:
        """The catalogue's part of an answer: named by the page, read here."""
        if given is None:
            return None
        if not isinstance(given, dict):
            raise Refusal(422, "bad_field", field="draft")
        procedure = self._drafts.procedure(given.get("procedure"))
        answers = self._drafts.answers(procedure, given.get("answers"))
        address = checklist_link(base_address(request, self._desk.public_url), procedure.id, answers)
        page = address if given.get("page") is True else None
        drafted = text_of(given, "text", LONGEST_ANSWER, least=0)
        return Draft(procedure, _aspects(given), page, own=bool(answers), text=drafted)


def _aspects(data: dict[str, Any]) -> list[str]:
    aspects = data.get("aspects")
    if not isinstance(aspects, list) or not aspects or not all(a in ASPECTS for a in aspects):
        raise Refusal(422, "bad_field", field="aspects")
    return list(dict.fromkeys(aspects))


def _number(request: Request) -> int:
    return number_in(request.path_params["id"], "id")


def _tagged(request: Request, data: dict[str, Any]) -> Response:
    body = msgspec.json.encode(data)
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, media_type="application/json", headers={"ETag": tag})
