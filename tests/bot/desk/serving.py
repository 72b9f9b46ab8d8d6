"""Serving a gateway with a mailbox and a desk in a thread."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from bot.channels.words import load_words
from bot.desk.desk import HERE, Desk
from bot.desk.responding import Responding
from bot.desk.store import Store
from bot.gateway.app import create_app
from bot.gateway.services import Services
from bot.gateway.turns import Turns
from bot.mailbox import Mailbox, Rhythm, Workers, load_notices
from bot.settings import ROOT
from tests.bot.desk.assistant import Assistant
from tests.bot.running import wait_until


def desk_of(services: Services, mailbox: Mailbox, url: str, folder: Path, **options: object) -> Desk:
    """A desk of the test's own, with a centre's folder that may be written."""
    shutil.copy(ROOT / "centre.yml", folder / "centre.yml")
    words = load_words(services.centre, HERE / "words.yml")
    given = {
        "centre": services.centre,
        "centre_file": folder / "centre.yml",
        "words": words,
        "ask": services.engine.turn,
        "today": services.today,
        **options,
    }
    return Desk(store=Store(mailbox), database=url, catalog=services.catalog, **given)


def app_of(services: Services, url: str, folder: Path, **options: object) -> Starlette:
    mailbox = Mailbox(url, folder, rhythm=Rhythm(0, 0))
    desk = desk_of(services, mailbox, url, folder, **options)
    workers = Workers(mailbox, Responding(Assistant(mailbox), desk), load_notices(services.centre))
    own = {"mailbox": mailbox, "workers": workers, "turns": Turns(mailbox), "desk": desk}
    app = create_app(replace(services, **own))
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with inner(app):
            yield
        await mailbox.close()

    app.router.lifespan_context = lifespan
    return app


@contextmanager
def serve_desk(services: Services, url: str, folder: Path, **options: object) -> Iterator[str]:
    """The address of a gateway over these services and that database."""
    app = app_of(services, url, folder, **options)
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
