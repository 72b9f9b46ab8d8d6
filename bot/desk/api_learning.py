"""``/desk/cau-hoi`` and ``/desk/phan-anh``: what is to be learned, and what people say of the centre."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.desk import feedback, questions
from bot.desk.accounts import Visit
from bot.desk.body import is_number, json_body, number_in, one_of, text_of
from bot.desk.door import Door
from bot.desk.drafts import ASPECTS, LONGEST_ANSWER
from bot.desk.errors import Refusal
from bot.desk.learned import write_learned

MOST_IDS = 600
STATES = ("waiting", "labelled", "approved")


class Learning:
    """The handlers; see the module."""

    def __init__(self, door: Door) -> None:
        self._door, self._desk, self._store = door, door.desk, door.desk.store

    async def page(self, request: Request, visit: Visit) -> Response:
        words = self._desk.words
        told = {
            "csrf": visit.csrf,
            "lead": visit.person.may("lead"),
            "words": words["learning"],
            **{name: words[name] for name in ("aspects", "channels", "verdicts", "whys")},
        }
        return self._door.page(request, "questions.html", visit, told=told)

    async def questions(self, request: Request, visit: Visit) -> Response:
        """``?state=`` → ``{"groups": […], "counts": {state: how many}}``."""
        state = one_of(dict(request.query_params), "state", STATES)
        found = await self._store.read(questions.groups, state)
        await run_in_threadpool(self._name, found)
        return JSONResponse({"groups": found, "counts": await self._store.read(questions.counts)})

    async def label(self, request: Request, visit: Visit) -> Response:
        """``{"ids", "verdict", "procedure"?, "aspects"?}``."""
        data = await json_body(request)
        verdict, procedure, aspects = data.get("verdict"), data.get("procedure"), data.get("aspects") or []
        questions.check_label(verdict, procedure, aspects)
        if not isinstance(aspects, list) or not all(a in ASPECTS for a in aspects):
            raise Refusal(422, "bad_field", field="aspects")
        if procedure is not None:
            entry = await run_in_threadpool(lambda: self._desk.catalog.current().find(procedure))
            if entry is None:
                raise Refusal(404, "unknown_procedure")
            procedure = entry.id
        given = (visit.person, _ids(data), verdict, procedure, aspects)
        return JSONResponse({"changed": await self._store.write(questions.label, *given)})

    async def approve(self, request: Request, visit: Visit) -> Response:
        """``{"ids"}``: learned from now on."""
        return await self._settle(request, visit, questions.approve)

    async def undo(self, request: Request, visit: Visit) -> Response:
        """``{"ids"}``: not learned any more."""
        return await self._settle(request, visit, questions.undo)

    async def _settle(self, request: Request, visit: Visit, work: Any) -> Response:
        changed = await self._store.write(work, visit.person, _ids(await json_body(request)))
        await write_learned(self._desk)
        return JSONResponse({"changed": changed})

    def _name(self, found: list[dict[str, Any]]) -> None:
        """The names of what was seen in a question, and of what it was said to mean."""
        catalog = self._desk.catalog.current()
        for group in found:
            meant = [row.get("id") for row in group.pop("understood").get("procedures") or ()][:1]
            for key, number in (("seen", next(iter(meant), None)), ("name", group["procedure"])):
                entry = catalog.find(str(number)) if number else None
                group[key] = entry.name if entry else number

    async def feedback_page(self, request: Request, visit: Visit) -> Response:
        words = self._desk.words
        told = {
            "csrf": visit.csrf,
            "words": words["feedback"],
            **{name: words[name] for name in ("channels", "categories", "kinds")},
        }
        return self._door.page(request, "feedback.html", visit, told=told)

    async def feedback(self, request: Request, visit: Visit) -> Response:
        """``?state=new|answered`` → ``{"rows": […]}``."""
        state = one_of(dict(request.query_params), "state", ("new", "answered"))
        return JSONResponse({"rows": await self._store.read(feedback.listed, state)})

    async def sort(self, request: Request, visit: Visit) -> Response:
        """``{"category"}``."""
        category = one_of(await json_body(request), "category", self._desk.words["categories"])
        await self._store.write(feedback.sort, visit.person, _number(request), category)
        return JSONResponse({})

    async def answer(self, request: Request, visit: Visit) -> Response:
        """``{"text"}``; empty: settled without a word."""
        text, person = text_of(await json_body(request), "text", LONGEST_ANSWER, least=0), visit.person
        number = _number(request)
        reply = None
        if text:
            about = self._desk.words.say("citizen.feedback.about", number=number)
            reply = self._desk.speech.person(person.name, person.role, f"{about}\n{text}", None)

        def work(connection: Connection, now: float) -> str | None:
            return feedback.answer(connection, now, person, number, reply)

        self._store.mailbox.core.ring_outboxes(await self._store.write(work))
        return JSONResponse({})


def _ids(data: dict[str, Any]) -> list[int]:
    ids = data.get("ids")
    good = isinstance(ids, list) and 0 < len(ids) <= MOST_IDS
    if not good or not all(map(is_number, ids)):
        raise Refusal(422, "bad_field", field="ids")
    return ids


def _number(request: Request) -> int:
    return number_in(request.path_params["id"], "id")
