"""A gateway that is killed while volunteers answer people in the web chat, on Zalo and on Telegram: every
answer arrives, once, in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import httpx
from sqlalchemy import select

from bot.channels.words import load_words
from bot.desk import cases
from bot.desk.desk import HERE
from bot.desk.speech import Speech
from bot.mailbox.tables import outbox
from bot.settings import ROOT
from bot.supervisor import die_with
from procedures_catalog.centre import load_centre
from tests.bot.desk.rig import Browser, Rig, engine_of
from tests.bot.desk.seeding import add_case
from tests.bot.running import answers, wait_until
from tests.end_to_end.platforms import platforms
from tests.ports import free_port
from tests.warm import warm

WEB, ZALO, TELEGRAM = PEOPLE = ("web:s0", "zalo:9001", "telegram:9002")
EACH = 6
# After so many answers. A gateway takes its time to start where many tests run at once.
KILLED_AFTER, STARTS_WITHIN = 7, 120.0


class Gateway:
    """The real process, on an address that outlives it; ``more``: settings by name."""

    def __init__(self, url: str, folder: Path, more: dict[str, str]) -> None:
        self.port = free_port()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
        own = {"MOTCUA_DATABASE_URL": url, "MOTCUA_VAR": str(warm(folder)), "MOTCUA_PORT": str(self.port)}
        # Nobody is asked anything here but the desk.
        self._env = {**clean, **more, **own, "MOTCUA_ENGINE_URLS": f"http://127.0.0.1:{free_port()}"}
        self.address = f"http://127.0.0.1:{self.port}"
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "bot.gateway.server"]
        process = subprocess.Popen(command, cwd=ROOT, env=self._env, preexec_fn=die_with(os.getpid()))
        wait_until(lambda: answers(f"{self.address}/healthz"), STARTS_WITHIN)
        return process

    def freeze(self) -> None:
        """Stops it in whatever it is doing: who asks something now waits."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def start_again(self) -> None:
        self._process = self._start()


@contextmanager
def gateway(url: str, folder: Path, more: dict[str, str]) -> Iterator[Gateway]:
    made = Gateway(url, folder, more)
    try:
        yield made
    finally:
        made.kill()


def test_answers_arrive_once_and_in_order_although_the_gateway_is_killed(
    sqlite_url: str, tmp_path: Path, kept_password: str
) -> None:
    rig = Rig("", sqlite_url, engine_of(sqlite_url), tmp_path)
    lan = rig.person("Lan", kept=kept_password)
    with rig.write() as connection:
        numbers = [add_case(connection, time.time(), person) for person in PEOPLE]
        for number in numbers:
            cases.claim(connection, time.time(), _speech(), lan, number)
    sent = {number: [f"câu {n} cho số {number}" for n in range(EACH)] for number in numbers}
    broken: list[str] = []
    kept: list[int] = []
    asking: set[int] = set()
    frozen, done = threading.Event(), threading.Event()
    heard: dict[str, list[str]] = {person: [] for person in PEOPLE}
    on_the_way: set[str] = set()

    def volunteer(number: int) -> None:
        for text in sent[number]:
            if text == sent[number][-1]:
                frozen.wait(STARTS_WITHIN)  # however quick the machine is, the kill meets with work
            body = {"key": uuid4().hex, "text": text}
            asking.add(number)
            _until_it_works(lambda body=body: lan_here.post(f"/desk/api/cases/{number}/say", body), broken)
            asking.discard(number)
            kept.append(number)

    def citizen() -> None:
        last = 0
        with httpx.Client(base_url=gate.address, trust_env=False, timeout=60) as client:
            while len(heard[WEB]) < EACH and not done.wait(0.15):
                try:
                    found = client.get("/api/v1/letters", params={"session": "s0", "after": last})
                except httpx.HTTPError:
                    continue  # nothing was kept of it: the same number is asked for again
                if found.status_code == 200:
                    last = found.json()["last"]
                    letters = [letter["reply"] for letter in found.json()["letters"]]
                    heard[WEB] += [_words(reply["text"]) for reply in letters if reply.get("by")]

    def all_there() -> bool:
        for person in (ZALO, TELEGRAM):
            told = [_words(row.text) for row in both.arrived(person)]
            heard[person] = [text for text in told if text.startswith("câu ")]
        return all(len(set(rows)) == EACH for rows in heard.values())

    with platforms() as both, gateway(sqlite_url, tmp_path, both.settings) as gate:
        lan_here = Browser(gate.address, "Lan")
        threads = [threading.Thread(target=citizen)]
        threads += [threading.Thread(target=volunteer, args=(number,)) for number in numbers]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(kept) >= KILLED_AFTER, STARTS_WITHIN)
        gate.freeze()
        frozen.set()
        wait_until(lambda: bool(asking), STARTS_WITHIN)
        time.sleep(0.2)  # what is asked has left
        gate.kill()
        with rig.engine.connect() as connection:
            sending = select(outbox.c.reply).where(outbox.c.state == "sending")
            on_the_way.update(_words(reply["text"]) for reply in connection.scalars(sending))
        gate.start_again()
        wait_until(all_there, STARTS_WITHIN)
        wait_until(lambda: _all_sent(rig), STARTS_WITHIN)
        done.set()
        for thread in threads:
            thread.join()
        lan_here.close()

    assert broken, "the kill met with no work, and nothing is shown"
    all_there()
    assert dict(zip(heard, sent.values(), strict=True)) == {
        person: [text for text, _ in groupby(rows)] for person, rows in heard.items()
    }
    # No platform tells whether it took what was on its way: that, and nothing else, may come again.
    again = [text for rows in heard.values() for text, run in groupby(rows) if len(list(run)) > 1]
    assert set(again) <= on_the_way and heard[WEB] == sent[numbers[0]]
    with rig.engine.connect() as connection:
        query = select(outbox.c.reply, outbox.c.state).order_by(outbox.c.id)
        rows = [row for row in connection.execute(query) if row.reply.get("by")]
    told = [_words(row.reply["text"]) for row in rows]
    assert sorted(told) == sorted(text for texts in sent.values() for text in texts)
    assert {row.state for row in rows} == {"sent"}
    rig.close()


def _all_sent(rig: Rig) -> bool:
    with rig.engine.connect() as connection:
        return set(connection.scalars(select(outbox.c.state))) == {"sent"}


def _until_it_works(ask: Callable[[], httpx.Response], broken: list[str]) -> None:
    """What a page does: the same again under the same key until it is told that it was kept."""
    give_up = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < give_up:
        try:
            if ask().status_code == 200:
                return
        except httpx.ConnectError:
            pass
        except httpx.HTTPError as error:
            broken.append(type(error).__name__)
        time.sleep(0.1)
    raise AssertionError("no answer was ever kept")


def _words(text: str) -> str:
    return text.partition("\n")[2]


def _speech() -> Speech:
    return Speech(load_words(load_centre(ROOT / "centre.yml"), HERE / "words.yml"))
