"""What the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import httpx
import pytest

from bot.gateway.engine import EngineClient
from bot.gateway.limits import RateLimiter
from bot.gateway.networks import Networks
from bot.gateway.responding import AskEngine
from bot.gateway.services import DatabaseCheck, Metrics, Services
from bot.gateway.templating import build_templates
from bot.gateway.turns import Turns
from bot.mailbox import Mailbox, Workers, load_notices
from bot.mailbox import Metrics as MailboxMetrics
from bot.settings import ROOT
from bot.words import load_words
from procedures_catalog import CatalogStore
from procedures_catalog.centre import load_centre
from tests.bot.running import HERE, SECRET, TODAY, FakeEngine, serve
from tests.ports import free_port


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    """An engine of the test's own, to be killed as it likes."""
    fake = FakeEngine(free_port())
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture(scope="session")
def steady_engine() -> Iterator[FakeEngine]:
    """One engine for the tests that leave it alone."""
    fake = FakeEngine(free_port())
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture(scope="session")
def catalog() -> CatalogStore:
    return CatalogStore(HERE / "entries")


@pytest.fixture(scope="session")
def make_services(catalog: CatalogStore, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Services]:
    """Services of a gateway whose engine and actions are at ``url``."""
    folder, numbers = tmp_path_factory.mktemp("database"), count(1)
    centre = load_centre(ROOT / "centre.yml")

    def make(url: str, answer_within: float = 30.0, limiter: RateLimiter | None = None) -> Services:
        client = EngineClient([url], SECRET, answer_within=answer_within, pauses=(0.1, 0.1))
        database = f"sqlite:///{folder}/test-{next(numbers)}.db"
        metrics, networks = Metrics(), Networks(SECRET, lambda: TODAY)
        mailbox = Mailbox(database, folder, metrics=MailboxMetrics(metrics.registry))

        async def close() -> None:
            await client.close()
            await mailbox.close()

        return Services(
            catalog=catalog,
            centre=centre,
            engine=client,
            mailbox=mailbox,
            workers=Workers(mailbox, AskEngine(client, networks), load_notices(centre)),
            turns=Turns(mailbox),
            limiter=limiter or RateLimiter(),
            networks=networks,
            words=load_words(),
            templates=build_templates(),
            checks={
                "engine": client.ready,
                "actions": client.ready,
                "database": DatabaseCheck(database),
            },
            close=close,
            metrics=metrics,
            today=lambda: TODAY,
        )

    return make


@pytest.fixture(scope="session")
def gateway(make_services: Callable[..., Services], steady_engine: FakeEngine) -> Iterator[str]:
    """The address of a gateway with a steady engine."""
    with serve(make_services(steady_engine.url)) as url:
        yield url


@pytest.fixture
def client(gateway: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway, trust_env=False, timeout=30) as http:
        yield http
