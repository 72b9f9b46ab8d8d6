"""The desk with 500 open conversations: the queue as 20 volunteers ask for it, and on a phone's screen."""

from __future__ import annotations

import http.client
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from sqlalchemy import Connection, insert

from bench.support.processes import APP_PYTHON, started
from bench.support.report import Report
from bot.desk import accounts
from bot.desk.door import COOKIE
from bot.desk.store import migrate_desk
from bot.desk.tables import cases, conversations, handovers, people
from bot.mailbox.database import open_engine
from bot.mailbox.tables import inbox
from bot.supervisor import free_port
from dossiers.clock import local_now

OPEN, CLOSED, VOLUNTEERS, CLAIMED_BY_EACH = 500, 5_000, 20, 5
POLLS, POLL_SECONDS, ALONE = 5, 3.0, 40
LOOKS, WITHIN = 5, 0.3
TEXT = "Cho tôi gặp người thật, tôi hỏi giấy khai sinh của cháu mà chưa rõ. " * 8
# From the navigation's beginning to the first frame that has the cards.
SHOWN = "() => document.querySelector('.case-card') && new Promise((f) => requestAnimationFrame((t) => f(t)))"


def run(report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        folder, port = Path(name), free_port()
        url = f"sqlite:///{folder}/bench.db"
        report.say("filling the database …")
        tokens = _fill(url)
        settings = {
            "MOTCUA_DATABASE_URL": url,
            "MOTCUA_VAR": str(folder),
            "MOTCUA_PORT": str(port),
            "MOTCUA_ENGINE_URLS": f"http://127.0.0.1:{free_port()}",
        }
        argv = [APP_PYTHON, "-m", "bot.gateway.server"]
        with started(argv, f"http://127.0.0.1:{port}/healthz", folder / "gateway.log", **settings):
            report.say("asking …")
            _ask(port, tokens[0], 3, 0)
            alone = _ask(port, tokens[0], ALONE, 0)
            many = _all_at_once(port, tokens)
            shown = _on_a_phone(port, tokens[0])
    for what, found in (("the queue, one asks", alone), (f"the queue, {len(tokens)} volunteers ask", many)):
        report.row(what, median=_ms(statistics.median(found)), p95=_ms(_p95(found)), most=_ms(max(found)))
    kept = _p95(many) < WITHIN
    report.limit(f"{OPEN} open conversations: the queue within 300 ms", _ms(_p95(many)), kept)
    if shown:
        report.row(
            "the page on a phone's screen, from the tap",
            median=_ms(statistics.median(shown)),
            most=_ms(max(shown)),
        )


def _fill(url: str) -> list[str]:
    """500 open and many closed cases; the volunteers' session tokens."""
    engine = open_engine(url)
    migrate_desk(engine)
    with engine.begin() as connection:
        owners = [_volunteer(connection, n) for n in range(VOLUNTEERS)]
        _cases(connection, [owner for owner, _ in owners])
    engine.dispose()
    return [token for _, token in owners]


def _volunteer(connection: Connection, n: int) -> tuple[int, str]:
    now = time.time()
    row = {"login": f"người {n}", "name": f"Người {n}", "role": "volunteer", "password": "x"}
    row |= {"created_at": now, "disabled": False}
    number = connection.execute(insert(people).values(row).returning(people.c.id)).scalar_one()
    return number, accounts.begin(connection, now, accounts.Person(number, row["name"], "volunteer")).token


def _cases(connection: Connection, owners: list[int]) -> None:
    now = time.time()
    rows: dict[Any, list[dict[str, Any]]] = {conversations: [], handovers: [], cases: [], inbox: []}
    taken = [owner for owner in owners for _ in range(CLAIMED_BY_EACH)]
    for n in range(1, CLOSED + OPEN + 1):
        closed = n <= CLOSED
        owner = owners[n % len(owners)] if closed else dict(enumerate(taken, CLOSED + 1)).get(n)
        state = "closed" if closed else "claimed" if owner else "waiting"
        at = now - 86_400 * (1 + n % 14) if closed else now - n % 1800
        channel = ("web", "zalo", "telegram")[n % 3]
        whose = {"conversation": f"{channel}:{n}", "channel": channel}
        rows[conversations].append(
            {"id": f"{channel}:{n}", "channel": channel, "first_seen": at, "last_seen": at}
            | {"paused": state == "claimed", "blocked": False, "tries": 0}
        )
        rows[handovers].append(
            {"id": n, **whose, "reason": "asked", "text": TEXT, "created_at": local_now(), "state": state}
        )
        rows[cases].append(
            {"id": n, **whose, "reason": "asked", "state": state, "opened_at": at, "active_at": at}
            | {"owner_id": owner, "promised_at": at + 900, "closed_at": at + 300 if closed else None}
            | {"claimed_at": at if owner else None, "answered_at": at + 60 if closed else None}
        )
        rows[inbox].append(
            {**whose, "platform_message_id": str(n), "received_at": at, "accepted_at": at, "kind": "text"}
            | {"body": {"text": TEXT}, "state": "answered", "repeats": 0}
        )
    for table, given in rows.items():
        connection.execute(insert(table), given)


def _ask(port: int, token: str, times: int, pause: float) -> list[float]:
    """Seconds of each look at the queue; nothing is known from before, so that all of it is sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    took = []
    for _ in range(times):
        began = time.perf_counter()
        connection.request("GET", "/desk/api/queue", headers={"Cookie": f"{COOKIE}={token}"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200 and len(body) > 10_000, (answer.status, body[:200])
        took.append(time.perf_counter() - began)
        time.sleep(max(0.0, pause - took[-1]))
    connection.close()
    return took


def _all_at_once(port: int, tokens: list[str]) -> list[float]:
    """Every volunteer's page looks every three seconds, each at a moment of its own."""
    found: list[float] = []

    def volunteer(n: int) -> None:
        time.sleep(POLL_SECONDS * n / len(tokens))
        found.extend(_ask(port, tokens[n], POLLS, POLL_SECONDS))

    threads = [threading.Thread(target=volunteer, args=(n,)) for n in range(len(tokens))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == POLLS * len(tokens)
    return found


def _on_a_phone(port: int, token: str) -> list[float]:
    """Seconds until the queue stands on a phone's screen; none where there is no Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 360, "height": 740})
        context.add_cookies([{"name": COOKIE, "value": token, "url": f"http://127.0.0.1:{port}"}])
        page = context.new_page()
        found = []
        for _ in range(LOOKS + 1):
            page.goto(f"http://127.0.0.1:{port}/desk", wait_until="commit")
            found.append(page.wait_for_function(SHOWN, polling=10).json_value() / 1000)
        browser.close()
    return found[1:]


def _p95(found: list[float]) -> float:
    return statistics.quantiles(found, n=20)[-1]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
