"""Puts questions to a stack, each in a session of its own, through the gateway as a citizen would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx

from bot import stack
from bot.cli.run import temporary_folder, temporary_plan
from bot.errors import StackError
from bot.evaluation.outcome import Outcome, read_outcome
from bot.settings import Settings
from bot.supervisor import Say
from bot.training import MODEL

ANSWER_WITHIN = 120.0


@dataclass(frozen=True)
class Typed:
    """A question as it is typed: which one, in which variant, the text."""

    question: int
    variant: str
    text: str


async def ask_all(
    client: httpx.AsyncClient, messages: Sequence[Typed], workers: int, advance: Callable[[], None]
) -> list[Outcome]:
    """The outcome of each message, in order; ``workers`` are on their way at once."""
    run, waiting = uuid4().hex[:12], iter(enumerate(messages))
    outcomes: list[Outcome] = [Outcome()] * len(messages)

    async def work() -> None:
        for number, message in waiting:
            body = {"session": f"evaluate-{run}-{number}", "text": message.text}
            outcomes[number] = read_outcome(await _post(client, body))
            advance()

    tasks = [asyncio.create_task(work()) for _ in range(workers)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return outcomes


async def _post(client: httpx.AsyncClient, body: dict) -> dict:
    """The answer or the API's error; when told to slow down, waits and asks again."""
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
async def own_stack(settings: Settings, say: Say, model: Path = MODEL) -> AsyncIterator[httpx.AsyncClient]:
    """A stack for this call alone, with an empty database and no channel.

    Not the one that runs: what is asked here would stand among citizens' questions, and "gặp cán bộ" would
    call the volunteers.
    """
    with temporary_folder(settings) as folder:
        apart = _apart(settings, Path(folder))
        plan = temporary_plan(apart, Path(folder), model)
        with closing(plan.listener):
            stack.prepare(apart, say)
            say("Starting the assistant for this call …")
            async with stack.running(plan, lambda words: None), _client(plan.url) as client:
                yield client


@asynccontextmanager
async def running_stack(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The first stack that runs with these settings and can answer.

    Raises:
        StackError: there is none.
    """
    for url in stack.running_stacks(settings.var.absolute()):
        async with _client(url) as client:
            try:
                ready = (await client.get("/readyz", timeout=10)).status_code == 200
            except httpx.HTTPError:
                continue
            if ready:
                yield client
                return
    raise StackError("no running assistant was found: start one with `motcua demo`, or leave --running out")


def _client(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=url, timeout=ANSWER_WITHIN, trust_env=False, limits=limits)


def _apart(settings: Settings, folder: Path) -> Settings:
    """The same settings with a database of its own and without the platforms' secrets."""
    silent = {name: None for name in Settings.model_fields if name.startswith(("zalo_", "telegram_"))}
    silent = {name: value for name, value in silent.items() if Settings.model_fields[name].default is None}
    apart = settings.model_copy(update={**silent, "database_url": f"sqlite:///{folder}/evaluation.db"})
    apart.model_fields_set.add("database_url")
    return apart


def typed(texts: Iterable[str], variants: Sequence[str], make: Callable[[str, str], str]) -> list[Typed]:
    """Every question in every variant, question by question."""
    return [Typed(n, variant, make(text, variant)) for n, text in enumerate(texts) for variant in variants]
