"""What runs behind ``motcua demo`` and ``serve``: actions, engine and gateway, and how to find them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import SecretStr

from bot.errors import ChildFailed, PortInUse, StackError
from bot.settings import ROOT, Settings, local_address, sqlite_file
from bot.supervisor import Child, Say, Supervisor, die_with, free_port, port_is_free
from bot.training import ENGINE_PYTHON, MODEL, model_state, require_engine, train

READY_WITHIN = 180.0
TRIES = 3
_CHANNEL_SECRETS = ("MOTCUA_ZALO_", "MOTCUA_TELEGRAM_", "MOTCUA_DOSSIERS_TOKEN")


@dataclass(frozen=True)
class Plan:
    """One stack: its settings, the gateway's socket, where it logs and keeps conversations; whether it
    serves the channels that are set up; its dialogue model."""

    settings: Settings
    listener: socket.socket
    logs: Path
    tracker_url: str
    channels: bool = True
    model: Path = MODEL

    @property
    def url(self) -> str:
        return local_address(self.settings.host, self.listener.getsockname()[1])


def listen(host: str, port: int) -> socket.socket:
    """The gateway's listening socket; ``port`` 0 takes a free one.

    Raises:
        PortInUse: something else listens there.
        StackError: the host is not this machine's, or the port needs more rights.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise StackError(f"MOTCUA_HOST: {host!r} is not an address of this machine") from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"port {port} on {host} is in use: choose another with --port or MOTCUA_PORT"
            ) from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise StackError(f"MOTCUA_HOST: {host!r} is not an address of this machine") from None
        raise StackError(f"cannot listen on {host} port {port} ({os.strerror(error.errno or 0)})") from None
    return listener


def prepare(settings: Settings, say: Say, samples: int = 0) -> None:
    """What has to be there before the first process: folder, database, engine, model.

    ``samples``: so many sample dossiers go into an empty database.

    Raises:
        StackError: in words, with what to do.
    """
    make_var(settings)
    done = subprocess.run(
        [sys.executable, "-m", "bot.prepare", "--samples", str(samples)],
        cwd=ROOT,
        env={**os.environ, **settings.environment()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=die_with(os.getpid()),
        check=False,
    )
    if done.returncode:
        raise StackError((done.stderr.strip().splitlines() or ["the database could not be prepared"])[-1])
    if settings.engine_urls:
        return
    require_engine()
    state = model_state(settings.learned)
    if state == "missing":
        train(say, learned=settings.learned)
    elif state == "stale":
        say("The dialogue model is older than its data; `motcua train` brings it up to date.")


def make_var(settings: Settings) -> Path:
    """The folder for what is written.

    Raises:
        StackError: it cannot be made or written.
    """
    var = settings.var.absolute()
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StackError(f"MOTCUA_VAR: {var} cannot be made ({error.strerror})") from None
    if not os.access(var, os.W_OK | os.X_OK):
        raise StackError(f"MOTCUA_VAR: {var} cannot be written by this user")
    return var


def tracker_url(settings: Settings, name: str) -> str:
    """Where the engine keeps conversations: a file of its own beside SQLite, or the same PostgreSQL."""
    if sqlite_file(settings.database):
        return f"sqlite:///{settings.var.absolute()}/{name}.db"
    # The engine's environment has psycopg2, whatever driver the URL names.
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg2://", settings.database)


async def run(plan: Plan, say: Say, announce: Say) -> None:
    """Runs the stack until SIGINT, SIGTERM or SIGHUP; ``announce`` gets its address when it can answer.

    Raises:
        ChildFailed: a process did not become ready.
    """
    try:
        async with running(plan, say) as supervisor:
            with state_file(plan):
                announce(plan.url)
                await supervisor.wait()
    except asyncio.CancelledError:
        say("Stopped.")


@contextlib.asynccontextmanager
async def running(plan: Plan, say: Say):
    """A stack that can answer; a signal to stop cancels the task inside, a second one kills."""
    for left in reversed(range(TRIES)):
        children = _children(plan)
        supervisor = Supervisor(children, say)
        with _signals(supervisor):
            async with supervisor:
                try:
                    await supervisor.until_ready(_Readiness(plan.url, say), READY_WITHIN)
                except ChildFailed:
                    if left and _port_was_taken(children):
                        continue  # somebody was quicker; other ports then
                    raise
                yield supervisor
                return


def _port_was_taken(children: list[Child]) -> bool:
    return any(c.port is not None and c.pid is None and not port_is_free(c.port) for c in children)


@contextlib.contextmanager
def _signals(supervisor: Supervisor) -> Iterator[None]:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if stopped:
            supervisor.kill()
        else:
            stopped = True
            task.cancel()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


class _Readiness:
    """Asks the gateway's ``/readyz`` and tells what has become ready meanwhile."""

    def __init__(self, url: str, say: Say) -> None:
        self._url, self._say = url, say
        self._told: set[str] = set()

    async def __call__(self) -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                response = await client.get(f"{self._url}/readyz")
            checks = response.json()["checks"]
        except (httpx.HTTPError, ValueError, KeyError):
            return False
        for name, state in checks.items():
            if state == "ok" and name not in self._told:
                self._told.add(name)
                self._say(f"{name}: ready")
        return response.status_code == 200


def _children(plan: Plan) -> list[Child]:
    settings, secret = plan.settings, plan.settings.engine_secret
    secret = secret or SecretStr(secrets.token_urlsafe(32))
    actions_port = free_port()
    engine_port = free_port([actions_port])
    actions_url = (settings.actions_url or f"http://127.0.0.1:{actions_port}").removesuffix("/webhook")
    outer = settings.model_copy(
        update={
            "engine_secret": secret,
            "actions_url": actions_url,
            "engine_urls": settings.engine_urls or [f"http://127.0.0.1:{engine_port}"],
            "port": plan.listener.getsockname()[1],
        }
    )
    everything = {**os.environ, **outer.environment(), "PYTHONUNBUFFERED": "1"}
    inner = {k: v for k, v in everything.items() if not k.startswith(_CHANNEL_SECRETS)}

    def child(
        name: str, *argv: str, env: dict[str, str] = inner, port: int | None = None, fd: int | None = None
    ) -> Child:
        fds = () if fd is None else (fd,)
        return Child(name, argv, env, ROOT, plan.logs / f"{name}.log", port, fds)

    children = []
    if settings.actions_url is None:
        children.append(
            child(
                "actions",
                sys.executable,
                "-m",
                "actions.server",
                "--port",
                str(actions_port),
                port=actions_port,
            )
        )
    if not settings.engine_urls:
        engine = [str(ENGINE_PYTHON), "-m", "bot.engine.launcher", "--model", str(plan.model)]
        engine += ["--port", str(engine_port), "--actions-url", f"{actions_url}/webhook"]
        # Not among the arguments: every user of the machine can read those.
        env = {**inner, "MOTCUA_ENGINE_DATABASE_URL": plan.tracker_url}
        children.append(child("engine", *engine, env=env, port=engine_port))
    if settings.dossiers_folder is not None:
        children.append(child("exports", sys.executable, "-m", "bot.exports"))
    fd = plan.listener.fileno()
    gateway = [sys.executable, "-m", "bot.gateway.server", "--fd", str(fd)]
    gateway += [] if plan.channels else ["--without-channels"]
    children.append(child("gateway", *gateway, env=everything, fd=fd))
    return children


@contextlib.contextmanager
def state_file(plan: Plan) -> Iterator[None]:
    """Says under ``var`` that this stack runs and where, as long as it does."""
    path = plan.settings.var.absolute() / f"stack-{plan.listener.getsockname()[1]}.json"
    # Whoever finds half of it takes it for what a killed stack left.
    fresh = path.with_name(f".{path.name}")
    fresh.write_text(json.dumps({"pid": os.getpid(), "url": plan.url}) + "\n")
    fresh.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running_stacks(var: Path) -> Iterator[str]:
    """The addresses of the stacks that run with this ``var``; what a killed one left is cleared away."""
    for path in sorted(var.glob("stack-*.json")):
        try:
            state = json.loads(path.read_text())
            os.kill(state["pid"], 0)
        except (ValueError, KeyError, TypeError, ProcessLookupError):
            path.unlink(missing_ok=True)
        except OSError:
            continue
        else:
            yield state["url"]
