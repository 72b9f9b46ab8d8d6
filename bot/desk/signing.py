"""Signing in and out, and taking up an invitation."""

from __future__ import annotations

import asyncio
import math
import re

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.desk import accounts, audit, throttle
from bot.desk.accounts import Visit
from bot.desk.body import form_body
from bot.desk.door import SIGN_IN, Door
from bot.desk.errors import Refusal
from bot.desk.passwords import SHORTEST, hash_password, right_password

HOME = "/desk"
# Where a sign-in may lead: to a page of ours, not to another site.
_OWN_PATH = re.compile(r"/(?!/)[\w/-]*")


class Signing:
    """The handlers; see the module."""

    def __init__(self, door: Door) -> None:
        self._door, self._store = door, door.desk.store

    async def ask(self, request: Request) -> Response:
        """The log-in's page."""
        if await self._door.visit(request):
            return RedirectResponse(_own(request.query_params.get("toi")), 303)
        return self._form(request, to=_own(request.query_params.get("toi")))

    async def enter(self, request: Request) -> Response:
        """Name and password → a session, or the same page with the reason why not."""
        given = await form_body(request)
        name, to = given.get("ten", "")[:200], _own(given.get("toi"))
        address = request.client.host if request.client else ""
        login = accounts.login_of(name)
        pair, one, place = f"pair {address} {login}", f"name {login}", f"address {address}"
        limits = ((pair, throttle.PER_PAIR), (one, throttle.PER_NAME), (place, throttle.PER_ADDRESS))
        wait = await self._store.write(throttle.count, *limits)
        if wait is not None:
            refusal = Refusal(429, "too_often", minutes=math.ceil(wait / 60))
            return self._form(request, to=to, name=name, refusal=refusal)
        found = await self._store.read(accounts.password_of, name)
        # Off the loop and outside of a transaction: it takes its time on purpose.
        right = await asyncio.to_thread(right_password, given.get("mat_khau", ""), found and found[1])
        if found is not None and not right:
            await self._store.write(audit.note, found[0], "sign_in_refused", found[0].name)
        if not right or found is None:
            return self._form(request, to=to, name=name, refusal=Refusal(401, "wrong_password"))
        visit = await self._store.write(accounts.begin, *found)
        if visit is None:
            return self._form(request, to=to, name=name, refusal=Refusal(401, "wrong_password"))
        await self._store.write(throttle.forget, pair)
        await self._store.write(throttle.take_back, one, place)
        return self._door.keep(request, RedirectResponse(to, 303), visit)

    async def leave(self, request: Request, visit: Visit) -> Response:
        await self._store.write(accounts.end, visit)
        return self._door.keep(request, JSONResponse({"to": SIGN_IN}), None)

    async def invitation(self, request: Request) -> Response:
        """The page on which an invited person sets a password."""
        person = await self._store.read(accounts.invited, request.path_params["token"])
        if person is None:
            raise Refusal(410, "invitation_over")
        return self._door.page(request, "invitation.html", person=person, refusal=None, least=SHORTEST)

    async def take_up(self, request: Request) -> Response:
        """Sets the password and signs in."""
        token = request.path_params["token"]
        person = await self._store.read(accounts.invited, token)
        if person is None:
            raise Refusal(410, "invitation_over")
        given = await form_body(request)
        try:
            if given.get("mat_khau", "") != given.get("lan_nua", ""):
                raise Refusal(422, "passwords_differ")
            kept = await asyncio.to_thread(hash_password, given.get("mat_khau", ""), person.name)
        except Refusal as refusal:
            told = self._door.desk.words.say(f"errors.{refusal.code}", **refusal.facts)
            values = {"person": person, "refusal": told, "least": SHORTEST}
            return self._door.page(request, "invitation.html", status=refusal.status, **values)
        if await self._store.write(accounts.accept, token, kept) is None:
            raise Refusal(410, "invitation_over")
        visit = await self._store.write(accounts.begin, person, kept)
        return self._door.keep(request, RedirectResponse(HOME, 303), visit)

    def _form(self, request: Request, to: str, name: str = "", refusal: Refusal | None = None) -> Response:
        told = self._door.desk.words.say(f"errors.{refusal.code}", **refusal.facts) if refusal else None
        status = refusal.status if refusal else 200
        return self._door.page(request, "sign_in.html", status=status, to=to, name=name, refusal=told)


def _own(path: str | None) -> str:
    return path if path and _OWN_PATH.fullmatch(path) and len(path) < 200 else HOME
