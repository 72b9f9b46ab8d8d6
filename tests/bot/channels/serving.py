"""Serving a fake platform over real HTTP, in a thread of the test's process."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

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


async def parameters(request: Request) -> dict[str, Any]:
    """What a call gives, in whichever of the ways that the Bot API allows: query, form, multipart, JSON.

    A file is ``(name, bytes)``.
    """
    kind, body = request.headers.get("content-type", ""), await request.body()
    given: dict[str, Any] = dict(request.query_params)
    if kind.startswith("application/json"):
        return given | json.loads(body)
    if kind.startswith("multipart/form-data"):
        head = f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n".encode()
        for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
            name, data = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
            assert isinstance(name, str) and isinstance(data, bytes)
            given[name] = (file, data) if (file := part.get_filename()) else data.decode()
        return given
    return given | dict(parse_qsl(body.decode(), keep_blank_values=True))
