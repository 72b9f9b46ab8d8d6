"""The gateway's ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot import channels
from bot.desk.house import keeping_house
from bot.desk.routes import desk_routes
from bot.gateway import api, dossiers, health, pages
from bot.gateway.faults import HANDLERS
from bot.gateway.middleware import Surroundings
from bot.gateway.services import Services

STATIC = Path(__file__).parent / "static"


def create_app(services: Services) -> Starlette:
    """The application over these services; it closes them when it stops."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            services.channels or nullcontext(),
            services.notifier or nullcontext(),
            keeping_house(services.desk),
            services.workers,
        ):
            yield
        await services.close()

    app = Starlette(
        routes=[
            Route("/", pages.chat),
            Route("/thu-tuc", pages.procedures),
            Route("/thu-tuc/{key}", pages.procedure),
            Route("/api/v1/messages", api.post_message, methods=["POST"]),
            Route("/api/v1/procedures", api.list_procedures),
            Route("/api/v1/procedures/{key}", api.get_procedure),
            Route("/api/v1/dossiers", dossiers.put_dossiers, methods=["PUT"]),
            *channels.routes(services),
            Route("/healthz", health.healthz),
            Route("/readyz", health.readyz),
            Route("/metrics", health.metrics),
            Mount("/static", StaticFiles(directory=STATIC)),
            *desk_routes(services.desk),
        ],
        middleware=[Middleware(Surroundings, metrics=services.metrics)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.state.services = services
    return app
