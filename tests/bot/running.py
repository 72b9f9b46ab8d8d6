"""Starting what the tests of this room need: a fake engine in a process, a gateway over real HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette

from bot.gateway.app import create_app
from bot.gateway.services import Services

HERE = Path(__file__).parent
SECRET = "shared-by-both"
TODAY = date(2026, 11, 21)


def wait_until(true: Callable[[], bool], within: float = 90.0) -> None:
    """Returns as soon as ``true()`` is; fails the test when it does not become so."""
    give_up = time.monotonic() + within
    while not true():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@dataclass
class FakeEngine:
    """A running fake engine; ``start`` again after ``process.kill()`` takes the same port."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "fake_engine.py"), "--port", str(self.port)],
            env={**os.environ, "MOTCUA_ENGINE_SECRET": SECRET},
        )
        wait_until(lambda: answers(f"{self.url}/health"))

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def seen(self) -> list[dict]:
        return httpx.get(f"{self.url}/seen", trust_env=False, timeout=60).json()


def serve(services: Services) -> AbstractContextManager[str]:
    """The gateway over these services, in a thread; its address."""
    return serve_app(create_app(services))


@contextmanager
def serve_app(app: Starlette) -> Iterator[str]:
    """An application in a thread; its address."""
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    server, listener = uvicorn.Server(config), socket.socket()
    listener.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def client_of(services: Services) -> Iterator[httpx.Client]:
    """A client of a gateway over these services."""
    with serve(services) as url, httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        yield client
