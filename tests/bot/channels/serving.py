"""Serving a fake platform over real HTTP, in a thread of the test's process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.bot.running import wait_until


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The address of ``app``."""
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server, listener = uvicorn.Server(config), socket.socket()
    listener.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class Lost(Response):
    """An answer that never arrives whole: the connection ends in the middle of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


async def parameters(request: Request) -> dict[str, object]:
    """What a call gives, in whichever of the ways that the Bot API allows: query, form, multipart, JSON."""
    given: dict[str, object] = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        return given | await request.json()
    async with request.form() as form:
        for name, value in form.multi_items():
            given[name] = value if isinstance(value, str) else (value.filename, await value.read())
    return given
