"""Keeps child processes: starts them, logs what they say, starts again what dies, stops all of it.

No child outlives this process: each has a group of its own, is asked to stop first (the last one
started goes first), and is killed by the kernel should this process be killed itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from bot.errors import ChildFailed

BACK_OFF = (0.5, 1, 2, 4, 8, 15, 30)
STEADY_AFTER = 60.0
TRIES_BEFORE_READY = 3
STOP_WITHIN = 10.0
LOG_BYTES, LOG_FILES = 10_000_000, 5
# What a process exits with when its settings or files are wrong: starting it again changes nothing.
EXIT_CONFIG = 78
_PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


@dataclass
class Child:
    """A process to keep: how it is started, where its output goes, which port it takes."""

    name: str
    argv: Sequence[str]
    env: dict[str, str]
    cwd: Path
    log: Path
    port: int | None = None
    pass_fds: Sequence[int] = ()
    pid: int | None = field(default=None, init=False)
    last_words: str = field(default="", init=False)


class Supervisor:
    """``async with Supervisor(children, say):`` they run inside, and none of them after it."""

    def __init__(self, children: Sequence[Child], say: Say) -> None:
        self._children = list(children)
        self._say = say
        self._stopping = False
        self._ready = False
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Supervisor:
        for child in self._children:
            self._tasks[child.name] = asyncio.create_task(self._keep(child), name=child.name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def until_ready(self, ready: Callable[[], Awaitable[bool]], within: float) -> None:
        """Returns when ``ready`` says so.

        Raises:
            ChildFailed: a process cannot be started, or the time ran out.
        """
        give_up = time.monotonic() + within
        while not await ready():
            self._raise_failure()
            if time.monotonic() > give_up:
                raise ChildFailed(
                    f"not ready within {within:.0f} s; the logs are in {self._children[0].log.parent}"
                )
            await asyncio.sleep(0.2)
        self._ready = True

    async def wait(self) -> None:
        """Keeps the processes until this task is cancelled."""
        await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_EXCEPTION)
        self._raise_failure()

    def _raise_failure(self) -> None:
        for task in self._tasks.values():
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    async def _keep(self, child: Child) -> None:
        failures = 0
        while not self._stopping:
            started = time.monotonic()
            code = await self._run(child)
            if self._stopping:
                return
            failures = 0 if time.monotonic() - started > STEADY_AFTER else failures
            failures += 1
            reason = f"{child.name} {_ended(code)}"
            if not self._ready and (code == EXIT_CONFIG or failures >= TRIES_BEFORE_READY):
                raise ChildFailed(f"{reason}: {child.last_words or 'it said nothing'} (log: {child.log})")
            pause = BACK_OFF[min(failures, len(BACK_OFF)) - 1]
            self._say(f"{reason}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)

    async def _run(self, child: Child) -> int:
        # A pipe of our own: asyncio's would put off the process's end until whatever it started
        # has closed it, too.
        reading, writing = os.pipe()
        process = None
        try:
            process = await asyncio.create_subprocess_exec(
                *child.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=asyncio.subprocess.STDOUT,
                env=child.env,
                cwd=child.cwd,
                pass_fds=child.pass_fds,
                start_new_session=True,
                preexec_fn=die_with(os.getpid()),
            )
        except OSError as error:
            raise ChildFailed(f"{child.name} cannot be started: {error.strerror}") from None
        finally:
            os.close(writing)
            if process is None:
                os.close(reading)
        child.pid = process.pid
        copying = asyncio.create_task(_copy(reading, child))
        try:
            return await process.wait()
        finally:
            _signal_group(process.pid, signal.SIGKILL)  # what the process itself may have started
            child.pid = None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(copying, 2)

    async def _stop(self) -> None:
        self._stopping = True
        for child in reversed(self._children):
            task = self._tasks[child.name]
            if child.pid is None:
                task.cancel()
            else:
                _signal_group(child.pid, signal.SIGTERM)
            _, late = await asyncio.wait([task], timeout=STOP_WITHIN)
            if late:
                if child.pid is not None:
                    _signal_group(child.pid, signal.SIGKILL)
                await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # the first failure was raised already; the others follow from it

    def kill(self) -> None:
        """Ends every process at once, without asking."""
        for child in self._children:
            if child.pid is not None:
                _signal_group(child.pid, signal.SIGKILL)


async def _copy(reading: int, child: Child) -> None:
    """Everything the process writes goes to its log, which is cut into files of 10 MB."""
    stream = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(reading, "rb", buffering=0)
    )
    child.log.parent.mkdir(parents=True, exist_ok=True)
    log = RotatingFileHandler(child.log, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8")
    rest = b""
    try:
        while chunk := await stream.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > 1_000_000:
                lines, rest = [*lines, rest], b""
            for line in lines:
                _write(log, child, line)
        if rest:
            _write(log, child, rest)
    finally:
        transport.close()
        log.close()


def _write(log: RotatingFileHandler, child: Child, line: bytes) -> None:
    text = line.decode("utf-8", "replace")
    child.last_words = text.strip()[:500] or child.last_words
    log.emit(logging.makeLogRecord({"msg": text}))


def die_with(parent: int) -> Callable[[], None] | None:
    """A ``preexec_fn``: the kernel kills the child when ``parent`` is gone (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def before_exec() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _ended(code: int) -> str:
    return f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended (status {code})"


def free_port(taken: Sequence[int] = ()) -> int:
    """A port of this machine's loopback that nobody has now.

    Below the range that outgoing connections take theirs from, so that none grabs it meanwhile.
    """
    import random

    chooser = random.SystemRandom()
    for _ in range(200):
        port = chooser.randrange(20_000, 32_000)
        if port not in taken and port_is_free(port):
            return port
    raise ChildFailed("no free port between 20000 and 32000 on 127.0.0.1")


def port_is_free(port: int) -> bool:
    """Whether a process could listen on that port of the loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
