"""``motcua chat`` and ``motcua ask``: over HTTP, with a running stack or one for the call."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from uuid import uuid4

import httpx
import typer

from bot import stack
from bot.cli.render import Screen
from bot.cli.run import temporary_folder, temporary_plan
from bot.cli.say import say
from bot.errors import BotError, StackError
from bot.settings import load_settings
from bot.words import load_words

AT_ONCE = 4
ANSWER_WITHIN = 120.0


def read_questions(file: Path) -> list[str]:
    """The questions of a file, one a line; empty lines are left out. ``-`` is standard input.

    Raises:
        BotError: it is not UTF-8 text.
    """
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BotError(f"{file}: must be UTF-8 text (byte {error.start} is not)") from None
    return [line.strip() for line in text.split("\n") if line.strip()]


def run_ask(questions: list[str], as_json: bool) -> None:
    """Asks, prints each answer in order; status 1 if one of them got none."""
    if not asyncio.run(_ask(questions, as_json)):
        raise typer.Exit(1)


async def _ask(questions: list[str], as_json: bool) -> bool:
    screen, good = Screen(), True
    async with _client() as client:
        free = asyncio.Semaphore(AT_ONCE)

        async def one(question: str) -> dict:
            async with free:
                return await _post(client, {"session": f"ask-{uuid4().hex}", "text": question})

        tasks = [asyncio.create_task(one(question)) for question in questions]
        try:
            for question, task in zip(questions, tasks, strict=True):
                answer = await task
                good = good and "error" not in answer
                if as_json:
                    typer.echo(json.dumps({"question": question, **answer}, ensure_ascii=False))
                elif "error" in answer:
                    typer.echo(f"motcua: {answer['error']['message']}", err=True)
                else:
                    if len(questions) > 1:
                        screen.question(question)
                    screen.answer(answer)
        finally:
            for task in tasks:
                task.cancel()
    return good


def run_chat(session: str | None) -> None:
    """Reads lines until end of input or ``/thoat``; a number taps the button with that number."""
    asyncio.run(_chat(session or f"cli-{uuid4().hex}"))


async def _chat(session: str) -> None:
    words, screen = load_words()["terminal"], Screen()
    async with _client() as client:
        screen.note(words["hello"])
        buttons: list[dict] = []
        while (line := await asyncio.to_thread(_read_line, words["prompt"])) is not None:
            line = line.strip()
            if line in words["leave"]:
                break
            if not line:
                continue
            body = {"session": session, "text": line}
            if line.isdigit() and 1 <= int(line) <= len(buttons):
                body = {"session": session, "payload": buttons[int(line) - 1]["payload"]}
            answer = await _post(client, body)
            if "error" in answer:
                screen.note(answer["error"]["message"])
            else:
                buttons = screen.answer(answer, numbered=True)
        screen.note(words["bye"])


def _read_line(prompt: str) -> str | None:
    try:
        line = input(prompt if sys.stdin.isatty() else "")
        # Bytes that are not UTF-8 come as lone surrogates, which nothing can be sent with.
        return line.encode("utf-8", "replace").decode()
    except EOFError:
        return None


async def _post(client: httpx.AsyncClient, body: dict) -> dict:
    """The answer, or the error, as the API gives it; waits and asks again when it is told to."""
    while True:
        try:
            response = await client.post("/api/v1/messages", json=body)
        except httpx.HTTPError as error:
            raise StackError(f"the gateway gave no answer ({type(error).__name__})") from None
        if response.status_code != 429:
            break
        await asyncio.sleep(float(response.headers.get("Retry-After", "1")))
    try:
        return response.json()
    except ValueError:
        raise StackError(f"the gateway's answer is not JSON (status {response.status_code})") from None


@asynccontextmanager
async def _client() -> AsyncIterator[httpx.AsyncClient]:
    settings = load_settings()
    for url in stack.running_stacks(settings.var.absolute()):
        client = httpx.AsyncClient(base_url=url, timeout=ANSWER_WITHIN, trust_env=False)
        async with client:
            if await _ready(client):
                yield client
                return
    with (
        temporary_folder(settings) as folder,
        closing((plan := temporary_plan(settings, Path(folder))).listener),
    ):
        stack.prepare(settings, say)
        say("Starting the assistant for this call …")
        try:
            async with (
                stack.running(plan, lambda words: None),
                httpx.AsyncClient(base_url=plan.url, timeout=ANSWER_WITHIN, trust_env=False) as client,
            ):
                yield client
        except asyncio.CancelledError:
            raise StackError("stopped") from None


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz", timeout=10)).status_code == 200
    except httpx.HTTPError:
        return False
