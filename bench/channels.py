"""The channels: webhook to answer at the platform, and the webhooks while the engine is stopped.

A typed line waits 1.2 s for another one before it is answered, a tapped button does not. Zalo takes
4,000 requests a minute: no more than 65 answers a second go out, however fast the rest is.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.support.platforms import Platform, converse, knock, platform
from bench.support.processes import APP_PYTHON, SECRET, Started, started
from bench.support.report import Report
from bot.supervisor import free_port
from tests.postgres import Unavailable, new_database, postgresql

PEOPLE, SECONDS = (1, 16, 64), 8.0
KNOCKS, KNOCKS_AT_ONCE, MOST_SECONDS = 3_000, 16, 0.3


def run(report: Report) -> None:
    with contextlib.ExitStack() as stack, tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        databases = {"SQLite": ""}
        try:
            databases["PostgreSQL"] = stack.enter_context(postgresql())
        except Unavailable as reason:
            report.say(f"PostgreSQL is left out: {reason}")
        for database, server in databases.items():
            folder = Path(name) / database
            folder.mkdir()
            report.say(f"{database}: whole stack …")
            with _database(server) as url:
                asyncio.run(_answers(report, database, folder, url))
            report.say(f"{database}: webhooks while the engine is stopped …")
            with _database(server) as url:
                asyncio.run(_webhooks(report, database, folder, url))


@contextlib.contextmanager
def _database(server: str) -> Iterator[dict[str, str]]:
    """The setting of a new database; none for SQLite, which lies below ``MOTCUA_VAR``."""
    if not server:
        yield {}
        return
    with new_database(server) as url:
        yield {"MOTCUA_DATABASE_URL": url}


async def _answers(report: Report, database: str, folder: Path, settings: dict[str, str]) -> None:
    port = free_port()
    argv = [Path(APP_PYTHON).with_name("motcua"), "demo", "--port", port]
    async with platform() as zalo:
        stack = _started(argv, port, "readyz", folder / "stack", zalo, settings)
        async with _in_thread(stack):
            await converse(zalo, port, 4, taps=True, seconds=2.0)
            for people in PEOPLE:
                for taps in (False, True):
                    times = await converse(zalo, port, people, taps, SECONDS)
                    what = f"{people} people {'tap' if taps else 'type'}"
                    report.row(f"{what}: answers/s", **{database: f"{times.per_second:.1f}"})
                    report.row(f"{what}: 95th", **{database: f"{times.percentile(95) * 1000:.0f} ms"})


async def _webhooks(report: Report, database: str, folder: Path, settings: dict[str, str]) -> None:
    port = free_port()
    argv = [APP_PYTHON, "-m", "bot.gateway.server"]
    nobody = {"MOTCUA_ENGINE_URLS": f"http://127.0.0.1:{free_port()}", "MOTCUA_ENGINE_SECRET": SECRET}
    async with platform() as zalo:
        more = {**settings, **nobody, "MOTCUA_PORT": str(port)}
        async with _in_thread(_started(argv, port, "healthz", folder / "gateway", zalo, more)):
            times = await knock(port, KNOCKS, KNOCKS_AT_ONCE)
    slow = times.percentile(99)
    report.row("engine stopped: messages taken/s", **{database: f"{times.per_second:.0f}"})
    report.row("engine stopped: webhook, 99th", **{database: f"{slow * 1000:.0f} ms"})
    report.limit(
        f"{database}: webhooks within 300 ms at the 99th percentile, the engine stopped",
        f"{slow * 1000:.0f} ms",
        slow <= MOST_SECONDS,
    )


def _started(
    argv: list[object], port: int, ready: str, folder: Path, zalo: Platform, settings: dict[str, str]
) -> contextlib.AbstractContextManager[Started]:
    folder.mkdir()
    env = {**zalo.settings, **settings, "MOTCUA_VAR": str(folder)}
    return started(argv, f"http://127.0.0.1:{port}/{ready}", folder / "log", **env)


@contextlib.asynccontextmanager
async def _in_thread(process: contextlib.AbstractContextManager[Started]):  # type: ignore[no-untyped-def]
    """The platform goes on answering while the process is started and stopped."""
    running = await asyncio.to_thread(process.__enter__)
    try:
        yield running
    finally:
        await asyncio.to_thread(process.__exit__, None, None, None)
