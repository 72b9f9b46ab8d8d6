"""``motcua demo`` and ``motcua serve``."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import closing
from pathlib import Path

import typer

from bot import stack
from bot.cli.say import say
from bot.errors import StackError
from bot.settings import Settings, load_settings, sqlite_file
from bot.training import MODEL

SAMPLES = 200


def run_serve() -> None:
    """Runs the centre's stack until it is told to stop."""
    _run(load_settings(), samples=False)


def run_demo(port: int | None, reset: bool) -> None:
    """Runs a stack with sample dossiers until it is told to stop."""
    settings = load_settings()
    own_database = "database_url" not in settings.model_fields_set
    if own_database:
        url = f"sqlite:///{settings.var.absolute()}/demo.db"
        settings = settings.model_copy(update={"database_url": url})
        settings.model_fields_set.add("database_url")
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    if reset and not own_database:
        raise StackError(
            "--reset empties the demo's own database only: MOTCUA_DATABASE_URL names another one"
        )
    _run(settings, samples=True, reset=reset, name="demo-engine")


def _run(settings: Settings, samples: bool, reset: bool = False, name: str = "engine") -> None:
    # First of all, so that nothing is made or changed when the port is taken.
    with closing(stack.listen(settings.host, settings.port)) as listener:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        var = stack.make_var(settings)
        others = list(stack.running_stacks(var))
        suffix = f"-{settings.port}" if others else ""
        if reset:
            _reset(settings, var / f"{name}{suffix}.db")
        stack.prepare(settings, say, SAMPLES if samples else 0)
        plan = stack.Plan(
            settings=settings,
            listener=listener,
            logs=var / f"log{suffix}",
            tracker_url=stack.tracker_url(settings, f"{name}{suffix}"),
        )
        say(f"Starting (logs: {plan.logs}) …")
        asyncio.run(stack.run(plan, say, lambda url: typer.echo(f"Ready: {url}")))


def _reset(settings: Settings, tracker: Path) -> None:
    database = sqlite_file(settings.database)
    for path in (database, tracker):
        for end in ("", "-wal", "-shm", "-journal"):
            Path(f"{path}{end}").unlink(missing_ok=True)


def temporary_plan(settings: Settings, folder: Path, model: Path = MODEL) -> stack.Plan:
    """A stack for one call: on a free port, with logs and conversations in ``folder``. The channels are left
    to the stack that serves the centre."""
    settings = settings.model_copy(update={"host": "127.0.0.1"})
    listener = stack.listen("127.0.0.1", 0)
    return stack.Plan(settings, listener, folder, f"sqlite:///{folder}/engine.db", False, model)


def temporary_folder(settings: Settings) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="call-", dir=stack.make_var(settings))
