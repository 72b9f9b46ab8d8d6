"""The pages people see: the web chat, the catalogue, and errors."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import groupby
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.desk.links import base_address, matrix
from bot.gateway.api import find, search_terms
from bot.gateway.checklist import checklist, checklist_payload
from bot.gateway.services import Services
from bot.gateway.templating import plain_name
from procedures_catalog import Procedure
from procedures_catalog.facts import laws_for

RESULTS = 20
# The modules of a QR code take some milliseconds, and a page's address rarely changes.
_modules = lru_cache(maxsize=512)(matrix)


def render(
    request: Request,
    template: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: object,
) -> Response:
    services: Services = request.app.state.services
    html = services.templates.get_template(template).render(
        centre=services.centre, words=services.words, path=request.url.path, **values
    )
    return HTMLResponse(html, status, {"Cache-Control": "no-cache", **(headers or {})})


def error_page(
    request: Request, status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    """The page of an error, in words and with a way on."""
    return render(request, "error.html", status, headers, code=code, message=message)


async def chat(request: Request) -> Response:
    """The web chat; ``?thu-tuc=<id>`` opens it at that procedure, with cases (``&<case>=<choice>``) or
    ``&ds`` at its checklist."""
    services: Services = request.app.state.services
    wanted, opened = request.query_params.get("thu-tuc", ""), None
    if wanted:
        catalog = await run_in_threadpool(services.catalog.current)
        procedure = catalog.find(wanted)
        opened = _opened(procedure, request, services.today()) if procedure else {"payload": None}
    return render(request, "chat.html", opened=opened)


def _opened(procedure: Procedure, request: Request, day: date) -> dict[str, str]:
    """What the chat says and sends as soon as it is open."""
    made = checklist(procedure, request.query_params, day)
    if not made.answers and "ds" not in request.query_params:
        return {"name": procedure.name, "payload": f"choose_procedure?procedure={quote(procedure.id)}"}
    chosen = [c.label for case in made.questions for c in case.choices if made.answers.get(case.id) == c.id]
    return {
        "name": "; ".join([plain_name(procedure.name), *chosen]),
        "payload": checklist_payload(procedure, made.answers),
    }


async def procedures(request: Request) -> Response:
    """The catalogue: by what is searched (``q``), by life event (``su-kien``), or by field."""
    services: Services = request.app.state.services
    query, _ = search_terms(request)
    catalog = await run_in_threadpool(services.catalog.current)
    day = services.today()
    everything = catalog.all(day)
    hits = await run_in_threadpool(find, services, catalog, query, RESULTS) if query else []
    event = catalog.life_events.get(request.query_params.get("su-kien", ""))
    steps = (
        [(step, catalog.current(p, day)) for step in event.steps if (p := catalog.find(step.procedure))]
        if event
        else []
    )
    return render(
        request,
        "procedures.html",
        query=query,
        hits=[procedure for procedure, _ in hits],
        event=event,
        steps=steps,
        events=list(catalog.life_events.values()),
        fields=[(name, list(rows)) for name, rows in groupby(everything, key=lambda p: p.field)],
        total=len(everything),
    )


async def procedure(request: Request) -> Response:
    """One procedure, with the checklist for the cases that the query names."""
    services: Services = request.app.state.services
    catalog = await run_in_threadpool(services.catalog.current)
    entry = catalog.get(request.path_params["key"])
    day = services.today()
    current = catalog.current(entry, day)
    base = base_address(request, services.public_url)
    return render(
        request,
        "procedure.html",
        qr=await run_in_threadpool(_modules, f"{base}/?thu-tuc={quote(current.id)}"),
        p=entry,
        list=checklist(entry, request.query_params, day),
        forms={form.id: form for form in entry.forms},
        in_force=entry.in_force(day),
        laws=laws_for(entry, day),
        current=current if current.id != entry.id else None,
        siblings=[s for key in entry.siblings if (s := catalog.find(key)) and s.in_force(day)],
        events=[catalog.life_events[key] for key in entry.life_events if key in catalog.life_events],
    )
