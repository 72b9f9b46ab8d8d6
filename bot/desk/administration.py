"""Accounts and the audit log, for administrators."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.desk import accounts, audit
from bot.desk.accounts import RANK, Visit
from bot.desk.body import json_body, number_in, one_of, text_of
from bot.desk.door import Door
from bot.desk.errors import AccountFault, Refusal
from bot.desk.links import base_address, invitation_link, matrix


class Administration:
    """The handlers; see the module."""

    def __init__(self, door: Door) -> None:
        self._door, self._store = door, door.desk.store

    async def page(self, request: Request, visit: Visit) -> Response:
        before = number_in(request.query_params.get("truoc"), "truoc") or None
        rows = await self._store.read(accounts.everybody)
        log = await self._store.read(audit.latest, before)
        return self._door.page(request, "accounts.html", visit, rows=rows, log=log, most=audit.MOST)

    async def invite(self, request: Request, visit: Visit) -> Response:
        """``{"name", "role"}`` → ``{"link", "qr": rows of booleans}``."""
        data = await json_body(request)
        name, role = text_of(data, "name", accounts.LONGEST_NAME), one_of(data, "role", RANK)
        try:
            token = await self._store.write(accounts.invite, name, role)
        except AccountFault:
            raise Refusal(422, "bad_field", field="name") from None
        link = invitation_link(base_address(request, self._door.desk.public_url), token)
        return JSONResponse({"link": link, "qr": matrix(link)})

    async def change(self, request: Request, visit: Visit) -> Response:
        """``{"role"?, "disabled"?}`` for one account."""
        data = await json_body(request)
        disabled, role = data.get("disabled"), data.get("role")
        if disabled not in (None, True, False):
            raise Refusal(422, "bad_field", field="disabled")
        if role is not None:
            role = one_of(data, "role", RANK)
        number = number_in(request.path_params["id"], "id")

        def work(connection, now):
            return accounts.change(connection, now, visit.person, number, role=role, disabled=disabled)

        try:
            person = await self._store.write(work)
        except AccountFault:
            raise Refusal(409, "last_admin") from None
        if person is None:
            raise Refusal(404, "unknown_person")
        return JSONResponse({"id": person.id, "role": person.role})
