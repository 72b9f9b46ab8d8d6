"""The whole gateway, as its settings build it, in the test's own loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bot.gateway.app import create_app
from bot.gateway.services import Services, build_services
from tests.bot.channels.rig import settings_for
from tests.ports import free_port


@asynccontextmanager
async def whole_gateway(
    url: str, folder: Path, *, zalo: str | None = None, telegram: str | None = None, **more: Any
) -> AsyncIterator[tuple[Services, httpx.AsyncClient]]:
    """Its services, and a client; ``zalo``, ``telegram``: where the fakes are. Its engine is away."""
    more |= {"database_url": url, "var": folder, "engine_urls": [f"http://127.0.0.1:{free_port()}"]}
    services = build_services(settings_for(zalo, telegram, **more))
    app = create_app(services)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway")
    async with app.router.lifespan_context(app), client as http:
        yield services, http
