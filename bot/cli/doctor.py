"""``motcua doctor``: what is right, what is not, and what to do about it."""

from __future__ import annotations

import asyncio
import difflib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import typer
from rich.console import Console
from rich.markup import escape

from bot import stack
from bot.errors import BotError
from bot.settings import PREFIX, Settings, load_settings
from bot.training import ENGINE_PYTHON, MODEL, model_state

if TYPE_CHECKING:
    from bot.mailbox.figures import Figures

# Longer than any answer takes.
_LONG_SECONDS = 600.0
_KNOWN_ELSEWHERE = {"MOTCUA_TODAY"}


@dataclass(frozen=True)
class Finding:
    """What was found on one subject; ``advice`` says what to do about a fault."""

    subject: str
    state: Literal["ok", "note", "fault"]
    words: str
    advice: str = ""


def run_doctor() -> None:
    """Prints the findings; status 1 if one of them is a fault."""
    out, faults = Console(highlight=False, soft_wrap=True), 0
    for finding in examine():
        colour = {"ok": "green", "note": "yellow", "fault": "red"}[finding.state]
        out.print(
            f"[{colour}]{finding.state:<5}[/{colour}] {escape(f'{finding.subject:<10} {finding.words}')}"
        )
        if finding.advice:
            out.print(escape(f"{'':<17}→ {finding.advice}"))
        faults += finding.state == "fault"
    if faults:
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """The findings, subject by subject."""
    try:
        settings = load_settings()
    except BotError as error:
        yield Finding(
            "settings", "fault", str(error), "correct it in the environment or in .env, see .env.example"
        )
        return
    yield from _settings()
    for check in (_folder, _database, _catalogue, _centre, _engine, _model, _channels, _mailbox, _running):
        yield from check(settings)


def _settings() -> Iterator[Finding]:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | _KNOWN_ELSEWHERE
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    for name in unknown:
        near = difflib.get_close_matches(name, known, 1)
        advice = f"did you mean {near[0]}?" if near else "it has no effect; see .env.example"
        yield Finding("settings", "note", f"{name} is not a setting", advice)
    if not unknown:
        yield Finding("settings", "ok", "each one has the right form")


def _told(subject: str, advice: str, work: Callable[[], str], errors: type[Exception]) -> Finding:
    try:
        return Finding(subject, "ok", work())
    except errors as error:
        return Finding(subject, "fault", str(error), advice)


def _folder(settings: Settings) -> Iterator[Finding]:
    advice = "make the folder writable, or name another one in MOTCUA_VAR"
    yield _told("folder", advice, lambda: f"{stack.make_var(settings)} can be written", BotError)


def _database(settings: Settings) -> Iterator[Finding]:
    from dossiers.database import open_database
    from dossiers.errors import DossierError

    def work() -> str:
        database = open_database(settings.database)
        try:
            return f"{database.engine.url.render_as_string(hide_password=True)} opens and is up to date"
        finally:
            database.close()

    yield _told("database", "see MOTCUA_DATABASE_URL in .env.example", work, DossierError)


def _catalogue(settings: Settings) -> Iterator[Finding]:
    from procedures_catalog import Catalog

    catalog = Catalog.of_centre(settings.centre)
    if catalog.problems:
        words = f"{len(catalog.problems)} problem(s), the first: {catalog.problems[0]}"
        yield Finding(
            "catalogue", "fault", words, "`motcua catalog lint` lists them all; the rest still answers"
        )
    else:
        yield Finding("catalogue", "ok", f"{len(catalog)} entries")


def _centre(settings: Settings) -> Iterator[Finding]:
    from procedures_catalog.centre import load_centre
    from procedures_catalog.errors import CatalogError

    try:
        centre = load_centre(settings.centre)
    except CatalogError as error:
        yield Finding("centre", "fault", str(error), "correct the file that MOTCUA_CENTRE_FILE names")
        return
    if centre.sample:
        yield Finding(
            "centre", "note", f"{centre.name} is the invented sample", f"put your own into {settings.centre}"
        )
    else:
        yield Finding("centre", "ok", centre.name)


def _engine(settings: Settings) -> Iterator[Finding]:
    if settings.engine_urls:
        yield Finding("engine", "ok", f"used at {', '.join(settings.engine_urls)}")
    elif ENGINE_PYTHON.exists():
        yield Finding("engine", "ok", "its environment .venv-engine is there")
    else:
        yield Finding("engine", "fault", "its environment .venv-engine is missing", "run `make setup`")


def _model(settings: Settings) -> Iterator[Finding]:
    state = model_state(settings.learned)
    if state == "current":
        yield Finding("model", "ok", f"{MODEL} is up to date")
    elif state == "missing":
        yield Finding("model", "fault", "there is no dialogue model", "run `motcua train`")
    else:
        yield Finding("model", "note", "the dialogue model is older than its data", "run `motcua train`")


def _channels(settings: Settings) -> Iterator[Finding]:
    from bot.channels import check

    yield Finding("web", "ok", f"the web chat is served at {settings.public_url or settings.address}")
    for found in check(settings):
        yield Finding(found.subject, found.state, found.words, found.advice)


def _mailbox(settings: Settings) -> Iterator[Finding]:
    from bot.mailbox import Mailbox
    from dossiers.errors import DossierError

    async def look() -> Figures:
        mailbox = Mailbox(settings.database, settings.var.absolute())
        try:
            return await mailbox.figures()
        finally:
            await mailbox.close()

    try:
        figures = asyncio.run(look())
    except DossierError:
        return  # the finding on the database has said it
    if figures.paused:
        yield Finding(
            "mailbox", "note", "the assistant is paused on every channel", "`motcua resume` ends it"
        )
    for channel, reason, count in figures.dead:
        if reason == "blocked":
            continue  # the person's own wish
        words = f"{count} replies on {channel} were given up: {reason}"
        yield Finding("mailbox", "note", words, "docs/channels.md says what to do about the reason")
    queues = [*figures.inbox, *figures.outbox]
    waiting, oldest = sum(q.length for q in queues), max((q.age for q in queues), default=0.0)
    if oldest > _LONG_SECONDS:
        words = f"{waiting} messages and replies wait, the oldest for {oldest / 60:.0f} minutes"
        yield Finding("mailbox", "note", words, "is `motcua serve` running? its log says what holds them up")
    else:
        yield Finding("mailbox", "ok", f"{waiting} messages and replies wait")


def _running(settings: Settings) -> Iterator[Finding]:
    urls = list(stack.running_stacks(settings.var.absolute()))
    yield Finding("running", "ok", ", ".join(urls) if urls else "nothing at the moment")
