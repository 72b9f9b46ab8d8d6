"""The desk's pages: shells that their scripts fill."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bot.desk.accounts import Visit
from bot.desk.door import Door


class Pages:
    """The handlers; see the module."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def desk(self, request: Request, visit: Visit) -> Response:
        """The queue and the conversations."""
        return self._door.page(request, "desk.html", visit)
