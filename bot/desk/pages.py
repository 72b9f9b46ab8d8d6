"""The desk's pages: shells that their scripts fill."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot.desk.accounts import Visit
from bot.desk.door import Door
from bot.desk.phrases import load_phrases


class Pages:
    """The handlers; see the module."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def desk(self, request: Request, visit: Visit) -> Response:
        """The queue and the conversations."""
        desk = self._door.desk
        phrases = await run_in_threadpool(load_phrases, desk.words, desk.centre_file)
        words = desk.words
        told = {
            "me": {"id": visit.person.id, "name": visit.person.name, "lead": visit.person.may("lead")},
            "csrf": visit.csrf,
            "words": words["script"],
            **{name: words[name] for name in ("aspects", "channels", "reasons", "close_reasons")},
            "system_reasons": words["system_reasons"],
            "phrases": [{"title": phrase.title, "text": phrase.text} for phrase in phrases],
        }
        return self._door.page(request, "desk.html", visit, told=told)
