"""``/quay``, the counter: a procedure, the citizen's case, and their own checklist on paper or phone."""

from __future__ import annotations

import logging
from dataclasses import replace
from urllib.parse import quote, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from bot.channels.deep_links import checklist_link
from bot.desk.accounts import Visit
from bot.desk.body import json_body, text_of
from bot.desk.desk import HERE
from bot.desk.door import Door
from bot.desk.errors import Refusal
from bot.desk.links import base_address, matrix
from bot.desk.tracking import Tracking
from bot.gateway.checklist import checklist, checklist_code
from dossiers.errors import DossierError
from procedures_catalog import Procedure

log = logging.getLogger(__name__)
LONGEST_CODE = 60
WORKER = HERE / "templates" / "quay-worker.js"
_TELEGRAM, _ZALO = ("t.me", "telegram.me"), ("zalo.me",)


class Counter:
    """The handlers; see the module."""

    def __init__(self, door: Door) -> None:
        self._door, self._desk = door, door.desk
        self._tracking = Tracking(door.desk.database, door.desk.centre, door.desk.view)
        self._desk.opened.callback(self._tracking.close)

    async def page(self, request: Request, visit: Visit) -> Response:
        told = {"me": visit.person.id, "csrf": visit.csrf, "words": self._desk.words["quay"]}
        return self._door.page(request, "quay.html", visit, told=told)

    async def worker(self, request: Request) -> Response:
        """The script that keeps the page for a lost connection."""
        headers = {"Service-Worker-Allowed": "/quay", "Cache-Control": "no-cache"}
        return FileResponse(WORKER, media_type="text/javascript", headers=headers)

    async def checklist(self, request: Request, visit: Visit) -> Response:
        """The checklist for the cases that the query names: ``{"id", "name", "answers", "open",
        "html", "links": [{"title", "url", "hint", "qr"}]}``; ``html`` is our own template."""
        procedure = await run_in_threadpool(self._procedure, request.path_params["id"])
        day = self._desk.today()
        made = checklist(procedure, request.query_params, day)
        html = self._desk.templates.get_template("quay_list.html").render(
            p=procedure,
            list=made,
            # The questions are the page's own; here is only what follows from the answers.
            papers=replace(made, questions=[]),
            forms={form.id: form for form in procedure.forms},
            day=day,
        )
        links = await run_in_threadpool(self._links, request, procedure, made.answers)
        open_ones = [case.id for case in made.questions if case.id not in made.answers]
        return JSONResponse(
            {
                "id": procedure.id,
                "name": procedure.name,
                "answers": made.answers,
                "open": open_ones,
                "html": html,
                "links": links,
            }
        )

    async def dossier(self, request: Request, visit: Visit) -> Response:
        """``{"code", "proof"?}`` → ``{"html"}``: how far it has got, and more with the citizen's proof."""
        data = await json_body(request)
        code, proof = text_of(data, "code", LONGEST_CODE), text_of(data, "proof", LONGEST_CODE, least=0)
        try:
            found = await run_in_threadpool(self._tracking.find, code, proof, visit.person.id)
        except DossierError as error:
            log.error("counter: %s", error)
            raise Refusal(503, "database_away") from None
        html = self._desk.templates.get_template("quay_dossier.html").render(**found)
        return JSONResponse({"html": html}, headers={"Cache-Control": "no-store"})

    def _procedure(self, key: str) -> Procedure:
        catalog = self._desk.catalog.current()
        entry = catalog.find(key)
        if entry is None:
            raise Refusal(404, "unknown_procedure")
        return catalog.current(entry, self._desk.today())

    def _links(self, request: Request, procedure: Procedure, answers: dict[str, str]) -> list[dict]:
        """Where this checklist can be opened on the citizen's own phone."""
        base, words = base_address(request, self._desk.public_url), self._desk.words
        code = checklist_code(self._desk.catalog.current(), procedure, answers)
        query = urlencode(answers)
        found = [
            ("page", f"{base}/thu-tuc/{quote(procedure.id)}{query and '?'}{query}#giay-to"),
            ("chat", f"{base}/?{urlencode({'thu-tuc': procedure.id, **(answers or {'ds': 1})})}"),
        ]
        for link in self._desk.centre.links:
            host = urlsplit(link.url).hostname or ""
            if host in _TELEGRAM:
                start = checklist_link(procedure, answers)
                found.append(("telegram", f"{link.url.partition('?')[0]}?start={start}"))
            elif host in _ZALO:
                found.append(("zalo", link.url))
        return [
            {
                "url": url,
                "qr": matrix(url),
                "title": words.say(f"quay_links.{kind}.title"),
                "hint": words.say(f"quay_links.{kind}.hint", code=code.upper()),
            }
            for kind, url in found
        ]
