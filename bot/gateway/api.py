"""``/api/v1``: a message and its answer, and the catalogue."""

from __future__ import annotations

import asyncio
import re

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.errors import BadRequest
from bot.gateway.messages import parse_message
from bot.gateway.services import Services
from procedures_catalog import Catalog, Procedure
from procedures_catalog.typing import named

LARGEST_BODY = 64 * 1024
BODY_WITHIN = 15.0
LONGEST_QUERY = 200
MOST_RESULTS = 500
_HALF_A_CODE = re.compile(r"\d\.\d{0,5}")


async def read_body(
    request: Request,
    largest: int = LARGEST_BODY,
    too_large: BadRequest | None = None,
    within: float = BODY_WITHIN,
) -> bytes:
    """The request's body.

    Raises:
        BadRequest: 413 over ``largest`` (64 KiB; ``too_large`` is raised instead if given), 408 when it
            does not arrive ``within`` so many seconds.
    """
    refusal = too_large or BadRequest(413, "body_too_large")
    if int(request.headers.get("content-length") or 0) > largest:
        raise refusal
    body = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in request.stream():
                body += chunk
                if len(body) > largest:
                    raise refusal
    except (TimeoutError, ClientDisconnect):
        raise BadRequest(408, "body_too_slow") from None
    return bytes(body)


async def post_message(request: Request) -> Response:
    services: Services = request.app.state.services
    address = request.client.host if request.client else ""
    services.limiter.check_address(address)
    message = parse_message(await read_body(request))
    services.limiter.check_session(message.conversation)
    services.networks.came(message.conversation, address)
    return JSONResponse(await services.turns.answer(message))


async def list_procedures(request: Request) -> Response:
    services: Services = request.app.state.services
    services.limiter.check_address(request.client.host if request.client else "")
    query, limit = search_terms(request)
    catalog = await run_in_threadpool(services.catalog.current)
    if query:
        search = find_half_typed if "typing" in request.query_params else find
        hits = await run_in_threadpool(search, services, catalog, query, limit or 20)
        rows = [{**summary(procedure), "score": round(score, 4)} for procedure, score in hits]
        return JSONResponse({"procedures": rows, "total": len(rows)})
    procedures = catalog.all(services.today())
    return JSONResponse(
        {"procedures": [summary(p) for p in procedures[: limit or MOST_RESULTS]], "total": len(procedures)}
    )


async def get_procedure(request: Request) -> Response:
    services: Services = request.app.state.services
    services.limiter.check_address(request.client.host if request.client else "")
    catalog = await run_in_threadpool(services.catalog.current)
    procedure = catalog.get(request.path_params["key"])
    body = {**msgspec.to_builtins(procedure), "in_force": procedure.in_force(services.today())}
    return JSONResponse(body)


def search_terms(request: Request) -> tuple[str, int | None]:
    """(``q`` trimmed, ``limit`` or None) of a request.

    Raises:
        BadRequest: 422, when the one is too long or the other no number from 1 to 500.
    """
    query, limit = request.query_params.get("q", "").strip(), request.query_params.get("limit", "").strip()
    if len(query) > LONGEST_QUERY:
        raise BadRequest(422, "bad_query")
    if not limit:
        return query, None
    if not (limit.isascii() and limit.isdigit() and len(limit) < 6 and 1 <= int(limit) <= MOST_RESULTS):
        raise BadRequest(422, "bad_query")
    return query, int(limit)


def find(services: Services, catalog: Catalog, query: str, limit: int) -> list[tuple[Procedure, float]]:
    """What is in force and fits ``query`` (words, an id or a code), best first, with its score; what took the
    place of an abolished procedure stands for it."""
    day = services.today()
    if exact := named(catalog, query, day):
        return [(procedure, 1.0) for procedure in exact[:limit]]
    found: dict[str, tuple[Procedure, float]] = {}
    for hit in catalog.search(query, limit * 2):
        current = catalog.current(hit.procedure, day)
        if current.in_force(day):
            found[current.id] = current, found.get(current.id, (current, 0.0))[1] + hit.score
    return sorted(found.values(), key=lambda row: -row[1])[:limit]


def find_half_typed(
    services: Services, catalog: Catalog, query: str, limit: int
) -> list[tuple[Procedure, float]]:
    """The same for a query that is still being typed: names that begin like it before what it may mean."""
    day = services.today()
    if _HALF_A_CODE.fullmatch(query):
        begun = [p for p in catalog.all(day) if any(code.startswith(query) for code in p.codes)][:limit]
        return [(p, 1.0) for p in begun]
    begun = [p for p in catalog.half_typed.find(query) if p.in_force(day)][:limit]
    known = {p.id for p in begun}
    rest = [] if len(begun) >= limit else find(services, catalog, query, limit)
    return [(p, 1.0) for p in begun] + [row for row in rest if row[0].id not in known][: limit - len(begun)]


def summary(procedure: Procedure) -> dict:
    """What a list shows of a procedure."""
    return {
        "id": procedure.id,
        "code": procedure.code,
        "name": procedure.name,
        "also_called": procedure.also_called[:3],
        "field": procedure.field,
        "level": procedure.level,
        "agency": procedure.agency,
        "life_events": procedure.life_events,
        "completeness": procedure.completeness,
        "checked_on": procedure.checked_on.isoformat(),
    }
