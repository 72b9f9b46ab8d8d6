"""Errors over HTTP: JSON for programs, a page for browsers, and never a trace."""

from __future__ import annotations

import logging
import math

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.errors import (
    AnswerInDoubt,
    BadRequest,
    EngineError,
    EngineRefused,
    EngineUnavailable,
    TooManyRequests,
)
from bot.gateway.pages import error_page
from bot.gateway.services import Services
from dossiers.errors import DatabaseError
from procedures_catalog import UnknownProcedure

log = logging.getLogger(__name__)
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
_MACHINE_PATHS = ("/api", "/webhooks", "/healthz", "/readyz", "/metrics", "/static")


def error_body(services: Services, code: str, **facts: object) -> dict:
    """``{"error": {"code", "message"}}`` with the words of ``code``."""
    return {"error": {"code": code, "message": services.words["errors"][code].format(**facts)}}


def error_response(
    request: Request, status: int, code: str, headers: dict[str, str] | None = None, **facts: object
) -> Response:
    """The one shape of an error, or the page of it where a browser asked for a page."""
    services: Services = request.app.state.services
    body = error_body(services, code, **facts)
    path = request.url.path
    machine = any(path == start or path.startswith(start + "/") for start in _MACHINE_PATHS)
    if machine or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(body, status, headers)
    return error_page(request, status, code, body["error"]["message"], headers)


async def bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequest)
    return error_response(request, error.status, error.code, **error.facts)


async def too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooManyRequests)
    wait = max(1, math.ceil(error.wait))
    return error_response(request, 429, "too_many_requests", {"Retry-After": str(wait)}, wait=wait)


async def unknown_procedure(request: Request, error: Exception) -> Response:
    return error_response(request, 404, "unknown_procedure")


async def engine_failed(request: Request, error: Exception) -> Response:
    services: Services = request.app.state.services
    if isinstance(error, EngineRefused) and error.status == 422:
        # What is left after the engine's own cleaning ("/" alone, say) was nothing.
        return error_response(request, 422, "empty_text")
    code = {EngineUnavailable: "engine_unavailable", AnswerInDoubt: "answer_in_doubt"}.get(
        type(error), "engine_error"
    )
    services.metrics.failed_turns.labels(reason=code).inc()
    log.error("no answer: %s", error)
    return error_response(request, 503, code, {"Retry-After": "5"})


async def database_away(request: Request, error: Exception) -> Response:
    log.error("database: %s", error)
    return error_response(request, 503, "database_away", {"Retry-After": "60"})


async def http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    return error_response(
        request, error.status_code, _BY_STATUS.get(error.status_code, "bad_request"), headers
    )


async def unexpected(request: Request, error: Exception) -> Response:
    """The server has logged the trace already; the client gets words."""
    return error_response(request, 500, "internal")


HANDLERS = {
    BadRequest: bad_request,
    TooManyRequests: too_many,
    UnknownProcedure: unknown_procedure,
    EngineError: engine_failed,
    DatabaseError: database_away,
    HTTPException: http_error,
    Exception: unexpected,
}
