"""The same model and actions behind stock ``rasa run`` and behind our launcher."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.support.citizens import Ask
from bench.support.processes import ENGINE_PYTHON, MODEL, SECRET, Started, started
from bot.supervisor import free_port


@dataclass(frozen=True)
class Engine:
    """A running engine: where, and how it is asked."""

    port: int
    ask: Ask
    started: Started


def ask_stock(conversation: str, text: str) -> tuple[str, dict[str, str], dict]:
    return "/webhooks/rest/webhook", {}, {"sender": conversation, "message": text}


def ask_ours(conversation: str, text: str) -> tuple[str, dict[str, str], dict]:
    body = {"conversation": conversation, "message_id": "bench", "text": text}
    return "/webhooks/motcua/webhook", {"X-Motcua-Secret": SECRET}, body


@contextlib.contextmanager
def stock(folder: Path, actions_url: str) -> Iterator[Engine]:
    """``rasa run`` as it comes: the REST channel, the SQL tracker store on SQLite, nothing patched."""
    port = free_port()
    (folder / "credentials.yml").write_text("rest:\n")
    (folder / "endpoints.yml").write_text(
        f"action_endpoint:\n  url: {actions_url}\n"
        f"tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: {folder}/stock.db\n"
    )
    argv = [ENGINE_PYTHON, "-m", "rasa", "run", "--model", MODEL, "--port", port, "-i", "127.0.0.1"]
    argv += ["--endpoints", folder / "endpoints.yml", "--credentials", folder / "credentials.yml"]
    with started(argv, f"http://127.0.0.1:{port}/webhooks/rest/", folder / "stock.log") as process:
        yield Engine(port, ask_stock, process)


@contextlib.contextmanager
def ours(folder: Path, actions_url: str) -> Iterator[Engine]:
    """``bot.engine.launcher``, as the supervisor starts it."""
    port = free_port()
    argv = [ENGINE_PYTHON, "-m", "bot.engine.launcher", "--model", MODEL, "--port", port]
    argv += ["--actions-url", actions_url]
    own = {"MOTCUA_ENGINE_SECRET": SECRET, "MOTCUA_ENGINE_DATABASE_URL": f"sqlite:///{folder}/ours.db"}
    ready, log = f"http://127.0.0.1:{port}/webhooks/motcua/", folder / "ours.log"
    with started(argv, ready, log, **own) as process:
        yield Engine(port, ask_ours, process)
