"""The desk's door: who may come in, with what, and how they are told when they may not.

Every route of the desk is made by :meth:`Door.route`, with the least role that may use it. What changes
something needs the session's token in the header ``X-Csrf-Token`` and comes from our own pages.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.desk import accounts
from bot.desk.accounts import Role, Visit
from bot.desk.desk import Desk
from bot.desk.errors import Refusal
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
COOKIE = "motcua_desk"
CSRF_HEADER = "X-Csrf-Token"
SIGN_IN = "/desk/vao"
_SAFE = ("GET", "HEAD")
Open = Callable[[Request], Awaitable[Response]]
Guarded = Callable[[Request, Visit], Awaitable[Response]]


class Door:
    """Makes the desk's routes and pages."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def route(self, path: str, handler: Guarded, least: Role, method: str = "GET") -> Route:
        """A route for people with at least that role."""

        async def endpoint(request: Request) -> Response:
            return await self._guarded(request, handler, least)

        return Route(path, endpoint, methods=[method], name=f"{method} {path}")

    def open(self, path: str, handler: Open, method: str = "GET") -> Route:
        """A route for everybody."""

        async def endpoint(request: Request) -> Response:
            try:
                if method not in _SAFE:
                    self._own_page(request)
                return await handler(request)
            except Refusal as refusal:
                return self.refused(request, refusal)
            except DatabaseError as error:
                return self._away(request, error)

        return Route(path, endpoint, methods=[method], name=f"{method} {path}")

    async def _guarded(self, request: Request, handler: Guarded, least: Role) -> Response:
        try:
            visit = await self.visit(request)
            if visit is None:
                if not wants_page(request):
                    raise Refusal(401, "signed_out")
                return RedirectResponse(f"{SIGN_IN}?toi={quote(request.url.path)}", 303)
            if not visit.person.may(least):
                raise Refusal(403, "not_allowed")
            if request.method not in _SAFE:
                self._own_page(request)
                given = request.headers.get(CSRF_HEADER, "")
                if not hmac.compare_digest(given.encode(), visit.csrf.encode()):
                    raise Refusal(403, "stale_page")
            return await handler(request, visit)
        except Refusal as refusal:
            return self.refused(request, refusal)
        except DatabaseError as error:
            return self._away(request, error)

    async def visit(self, request: Request) -> Visit | None:
        """Who is signed in here."""
        token = request.cookies.get(self._cookie(request), "")
        if not token:
            return None
        store = self.desk.store
        visit, due = await store.read(accounts.visit, token)
        if visit is not None and due:
            await store.write(accounts.touch, token)
        return visit

    def keep(self, request: Request, response: Response, visit: Visit | None) -> Response:
        """Gives the browser its session, or takes it away."""
        options = {"path": "/", "secure": self._secure(request), "httponly": True, "samesite": "lax"}
        name = self._cookie(request)
        if visit is None:
            response.delete_cookie(name, **options)
        else:
            response.set_cookie(name, visit.token, max_age=int(accounts.SESSION_SECONDS), **options)
        return response

    def page(
        self, request: Request, template: str, visit: Visit | None = None, status: int = 200, **values: object
    ) -> Response:
        """A page of the desk; never kept by the browser."""
        made = self.desk.templates.get_template(template).render(
            path=request.url.path, visit=visit, me=visit.person if visit else None, **values
        )
        return HTMLResponse(made, status, {"Cache-Control": "no-store"})

    def refused(self, request: Request, refusal: Refusal) -> Response:
        """The one shape of an error, or the page of it where a browser asked for a page."""
        message = self.desk.words.say(f"errors.{refusal.code}", **refusal.facts)
        if wants_page(request):
            return self.page(request, "refused.html", status=refusal.status, message=message)
        return JSONResponse({"error": {"code": refusal.code, "message": message}}, refusal.status)

    def _away(self, request: Request, error: DatabaseError) -> Response:
        log.error("desk: %s", error)
        return self.refused(request, Refusal(503, "database_away"))

    def _own_page(self, request: Request) -> None:
        """Raises Refusal when another site's page sent this."""
        origin = request.headers.get("origin")
        hosts = {request.headers.get("host"), urlsplit(self.desk.public_url or "").netloc}
        foreign = origin is not None and origin.partition("://")[2] not in hosts - {"", None}
        if foreign or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refusal(403, "wrong_origin")

    def _secure(self, request: Request) -> bool:
        public = urlsplit(self.desk.public_url or "")
        behind_tls = public.scheme == "https" and public.netloc == request.headers.get("host")
        return request.url.scheme == "https" or behind_tls

    def _cookie(self, request: Request) -> str:
        # The prefix makes browsers refuse such a cookie from anybody but this host over TLS.
        return f"__Host-{COOKIE}" if self._secure(request) else COOKIE


def wants_page(request: Request) -> bool:
    """Whether a browser asks for a page, rather than a page's script for data."""
    return "text/html" in request.headers.get("accept", "")
