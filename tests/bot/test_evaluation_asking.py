from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.errors import StackError
from bot.evaluation.asking import Typed, ask_all, typed
from bot.evaluation.outcome import Outcome


class Gateway:
    """Answers with the text as a procedure's id; "busy …" only the second time, "fault" not in JSON."""

    def __init__(self) -> None:
        self.sessions: list[str] = []
        self.at_once = self.most_at_once = 0

    async def message(self, request: Request) -> Response:
        body = await request.json()
        self.sessions.append(body["session"])
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        text = body["text"]
        if text == "fault":
            return PlainTextResponse("<html>")
        if text.startswith("busy") and self.sessions.count(body["session"]) == 1:
            error = {"error": {"code": "too_many_requests", "message": "…"}}
            return JSONResponse(error, 429, {"Retry-After": "0.01"})
        if text == "away":
            return JSONResponse({"error": {"code": "engine_unavailable", "message": "…"}}, 503)
        reply = {"kind": "answer", "text": "…", "procedure": text, "aspects": ["fee"]}
        return JSONResponse({"replies": [reply], "understood": {"procedures": []}})

    def ask(self, *texts: str, workers: int = 3) -> tuple[list[Outcome], int]:
        async def run() -> tuple[list[Outcome], int]:
            app = Starlette(routes=[Route("/api/v1/messages", self.message, methods=["POST"])])
            done: list[None] = []
            messages = [Typed(n, "clean", text) for n, text in enumerate(texts)]
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                return await ask_all(client, messages, workers, lambda: done.append(None)), len(done)

        return asyncio.run(run())


def test_outcomes_come_in_order_each_from_a_session_of_its_own() -> None:
    gateway = Gateway()
    outcomes, advanced = gateway.ask(*"abcdefgh")
    assert [outcome.first for outcome in outcomes] == list("abcdefgh")
    assert advanced == 8
    assert len(set(gateway.sessions)) == 8
    assert all(len(session) <= 64 for session in gateway.sessions)
    assert gateway.most_at_once <= 3


def test_being_told_to_wait_costs_no_question() -> None:
    outcomes, _ = Gateway().ask("busy 1", "b", "busy 2")
    assert [outcome.first for outcome in outcomes] == ["busy 1", "b", "busy 2"]


def test_an_error_of_one_question_does_not_end_the_run() -> None:
    outcomes, _ = Gateway().ask("a", "away", "c")
    assert [outcome.error for outcome in outcomes] == ["", "engine_unavailable", ""]


def test_an_answer_that_is_none_ends_the_run_in_words() -> None:
    with pytest.raises(StackError, match="not JSON"):
        Gateway().ask("a", "fault", "c")


def test_every_question_is_typed_in_every_variant() -> None:
    made = typed(["x", "y"], ["clean", "folded"], lambda text, variant: f"{variant}:{text}")
    assert made == [
        Typed(0, "clean", "clean:x"),
        Typed(0, "folded", "folded:x"),
        Typed(1, "clean", "clean:y"),
        Typed(1, "folded", "folded:y"),
    ]
