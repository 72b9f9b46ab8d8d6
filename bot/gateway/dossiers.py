"""``PUT /api/v1/dossiers``: software of the centre's pushes dossiers, in batches, as often as it likes.

Nothing that stood in a batch is quoted in the answer or the log: only codes, counts, and reasons.
"""

from __future__ import annotations

import logging
from collections import Counter

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.errors import BadRequest
from bot.gateway.api import read_body
from bot.gateway.faults import error_response
from bot.gateway.services import Services
from bot.json_body import decode_json
from dossiers.errors import DatabaseError
from dossiers.importing.batch import MOST, Result

log = logging.getLogger(__name__)
MEGABYTES = 2


async def put_dossiers(request: Request) -> Response:
    """200 with a result for each dossier; one that is rejected does not keep the others out."""
    services: Services = request.app.state.services
    services.limiter.check_address(request.client.host if request.client else "")
    push = services.push
    if push is None or not push.open:
        return error_response(request, 403, "dossiers_closed")
    if not push.lets_in(request.headers.get("authorization", "")):
        return error_response(request, 401, "bad_token", {"WWW-Authenticate": "Bearer"})
    too_large = BadRequest(413, "batch_too_large", most=MOST, megabytes=MEGABYTES)
    records = _records(await read_body(request, MEGABYTES * 1024 * 1024, too_large))
    try:
        results = await push.put(records)
    except DatabaseError as error:
        log.error("push: %s", error)
        return error_response(request, 503, "database_away", {"Retry-After": "60"})
    counts = Counter(result.outcome for result in results)
    log.info("dossiers pushed: %s", ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    totals = {name: counts[name] for name in ("new", "changed", "unchanged", "rejected")}
    return JSONResponse({**totals, "results": [_row(result) for result in results]})


def _records(body: bytes) -> list[dict]:
    """Raises:
    BadRequest: 400 ``bad_json``; 413 or 422 when it is no batch.
    """
    try:
        data = decode_json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest(400, "bad_json") from None
    records = data.get("dossiers") if isinstance(data, dict) else None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise BadRequest(422, "bad_batch", most=MOST)
    if len(records) > MOST:
        raise BadRequest(413, "batch_too_large", most=MOST, megabytes=MEGABYTES)
    return records


def _row(result: Result) -> dict:
    row: dict = {"row": result.row, "code": result.code, "result": result.outcome}
    if result.reason:
        row["reason"] = result.reason
    if result.notes:
        row["notes"] = list(result.notes)
    return row
