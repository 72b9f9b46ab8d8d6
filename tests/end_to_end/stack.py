"""The whole assistant as a citizen meets it: ``motcua demo`` in a process, and conversations over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import psutil

from bot.supervisor import die_with
from tests.warm import warm

ROOT = Path(__file__).parents[2]
MOTCUA = Path(sys.executable).with_name("motcua")
# A Friday on which the sample centre is open; the day of every stack here.
TODAY = "2026-11-20"
READY_WITHIN = 200.0
STOPPED_WITHIN = 30.0


def wait_until(true: Callable[[], bool], within: float, what: str) -> None:
    """Returns as soon as ``true()`` is; fails the test when it does not become so."""
    give_up = time.monotonic() + within
    while not true():
        assert time.monotonic() < give_up, f"waited {within:.0f} s in vain: {what}"
        time.sleep(0.1)


def environment(var: Path, **more: str) -> dict[str, str]:
    """The environment of a stack: its own folder and day, and nothing of a centre's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return {**clean, "MOTCUA_VAR": str(var), "MOTCUA_TODAY": TODAY, **more}


@dataclass
class Stack:
    """One running ``motcua demo``; ``var`` is its own, so that several run side by side.

    ``first``: nothing is kept in it from an earlier start.
    """

    var: Path
    more: dict[str, str] = field(default_factory=dict)
    first: bool = False
    url: str = ""
    said: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    @property
    def env(self) -> dict[str, str]:
        return environment(self.var, **self.more)

    def start(self) -> Stack:
        if not self.first:
            warm(self.var)
        self.process = subprocess.Popen(
            [MOTCUA, "demo", "--port", "0"],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=die_with(os.getpid()),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        wait_until(
            lambda: bool(self.url) or self.process.poll() is not None, READY_WITHIN, "the stack is ready"
        )
        assert self.url, "the stack did not start:\n" + "".join(self.said)
        return self

    def _read(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith("Ready: "):
                self.url = line.removeprefix("Ready: ").strip()

    def processes(self) -> list[psutil.Process]:
        """The supervisor and everything below it."""
        assert self.process is not None
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def child(self, name: str) -> psutil.Process:
        """One of the stack's processes, by the module that it runs."""
        module = {
            "engine": "bot.engine.launcher",
            "actions": "actions.server",
            "gateway": "bot.gateway.server",
        }
        return next(p for p in self.processes() if module[name] in p.cmdline())

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=30, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Asks it to stop; its exit status. Everything it started is gone then."""
        assert self.process is not None and self.process.stdout is not None
        started = self.processes() if self.process.poll() is None else []
        self.process.send_signal(number)
        try:
            code = self.process.wait(STOPPED_WITHIN)
        finally:
            for left in started:
                if left.is_running() and left.status() != psutil.STATUS_ZOMBIE:
                    self.said.append(f"left running: {left}\n")
                    left.kill()
            self._reader.join(60)
            self.process.stdout.close()
        assert not [line for line in self.said if line.startswith("left running")], "".join(self.said)
        return code

    def motcua(self, *arguments: str) -> str:
        """What a command prints that works on this stack's data; it must succeed."""
        done = subprocess.run(
            [MOTCUA, *arguments],
            cwd=ROOT,
            env={**self.env, "MOTCUA_DATABASE_URL": self.database},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def database(self) -> str:
        return self.more.get("MOTCUA_DATABASE_URL", f"sqlite:///{self.var}/demo.db")

    def dossiers(self, *filters: str) -> list[dict]:
        """The sample dossiers as staff see them, newest first."""
        return json.loads(self.motcua("dossiers", "list", "--json", *filters))


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP: its status and its body."""

    status: int
    body: dict

    @property
    def replies(self) -> list[dict]:
        return self.body["replies"]

    @property
    def kinds(self) -> list[str]:
        return [reply["kind"] for reply in self.replies]

    @property
    def text(self) -> str:
        return "\n".join(reply["text"] for reply in self.replies)

    @property
    def buttons(self) -> dict[str, str]:
        """Payload by title, of all replies."""
        return {button["title"]: button["payload"] for reply in self.replies for button in reply["buttons"]}

    def __str__(self) -> str:
        """Short enough to read where a test fails."""
        if "replies" not in self.body:
            return f"{self.status} {self.body}"
        rows = [f"[{r['kind']}] {r['procedure']} {r['aspects']} {r['text'][:500]!r}" for r in self.replies]
        return "\n".join(
            [f"{self.status} {self.body['understood']['intent']}", *rows, str(list(self.buttons))]
        )


class Conversation:
    """One citizen's conversation on the web channel."""

    def __init__(self, url: str, session: str | None = None) -> None:
        self.session = session or f"test-{uuid4().hex}"
        self._url = f"{url}/api/v1/messages"
        self.last: Answer | None = None

    def send(self, **body: object) -> Answer:
        response = httpx.post(self._url, json={"session": self.session, **body}, timeout=60, trust_env=False)
        self.last = Answer(response.status_code, response.json())
        return self.last

    def say(self, text: str) -> Answer:
        return self.send(text=text)

    def press(self, payload: str) -> Answer:
        return self.send(payload=payload)

    def tap(self, title: str) -> Answer:
        """Taps a button of the last answer."""
        assert self.last is not None and title in self.last.buttons, f"no button {title!r} in {self.last}"
        return self.press(self.last.buttons[title])
