"""Whether the process lives, whether it can answer, and what it has counted."""

from __future__ import annotations

import asyncio
import contextlib

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.gateway.faults import error_body
from bot.gateway.services import Services
from dossiers.errors import DatabaseError

FIGURES_WITHIN = 5.0


async def healthz(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """200 when engine, actions and database are all there, else 503; each is named either way."""
    services: Services = request.app.state.services
    names = list(services.checks)
    results = await asyncio.gather(*(services.checks[name]() for name in names))
    checks = {name: "ok" if good else "unavailable" for name, good in zip(names, results, strict=True)}
    missing = [name for name in names if checks[name] != "ok"]
    if not missing:
        return JSONResponse({"status": "ready", "checks": checks})
    body = error_body(services, "not_ready", missing=", ".join(missing))
    return JSONResponse({"status": "not ready", "checks": checks, **body}, 503)


async def metrics(request: Request) -> Response:
    services: Services = request.app.state.services
    with contextlib.suppress(DatabaseError, TimeoutError):
        # Without the database, the figures of last time.
        async with asyncio.timeout(FIGURES_WITHIN):
            await services.mailbox.figures()
    return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_LATEST)
