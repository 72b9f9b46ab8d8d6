"""What the tests of the desk share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bot.desk.desk import Desk
from bot.desk.passwords import hash_password
from bot.desk.store import migrate_desk
from bot.gateway.services import Services
from bot.mailbox import Mailbox
from bot.mailbox.database import open_engine
from tests.bot.desk.rig import PASSWORD, Rig, engine_of
from tests.bot.desk.serving import desk_of, serve_desk
from tests.bot.running import FakeEngine
from tests.postgres import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "test.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate_desk(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated: Path) -> str:
    shutil.copy(migrated, tmp_path / "test.db")
    return f"sqlite:///{tmp_path}/test.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest) -> str:
    """A migrated database of either kind."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    url = request.getfixturevalue("postgresql_url")
    engine = open_engine(url)
    migrate_desk(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def kept_password() -> str:
    """The hash of everybody's password: making one takes its time on purpose."""
    return hash_password(PASSWORD, "nobody")


Serve = Callable[..., Rig]


@pytest.fixture
def serving(
    make_services: Callable[..., Services], steady_engine: FakeEngine, tmp_path: Path
) -> Iterator[Serve]:
    """Starts gateways with a desk; they stop with the test."""
    with ExitStack() as running:

        def start(url: str, **options: object) -> Rig:
            return running.enter_context(rig(url, **options))

        @contextmanager
        def rig(url: str, **options: object) -> Iterator[Rig]:
            services = make_services(steady_engine.url)
            with serve_desk(services, url, tmp_path, **options) as address:
                made = Rig(address, url, engine_of(url), tmp_path)
                yield made
                made.close()

        yield start


@pytest.fixture(scope="module")
def shared_rig(
    make_services: Callable[..., Services],
    steady_engine: FakeEngine,
    migrated: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Rig]:
    """One gateway for the tests of a module that leave nothing behind."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copy(migrated, folder / "test.db")
    url = f"sqlite:///{folder}/test.db"
    with serve_desk(make_services(steady_engine.url), url, folder) as address:
        made = Rig(address, url, engine_of(url), folder)
        yield made
        made.close()


@pytest.fixture
def desk(make_services: Callable[..., Services], steady_engine: FakeEngine, tmp_path: Path) -> Iterator[Desk]:
    """A desk that nobody uses."""
    url = f"sqlite:///{tmp_path}/unused.db"
    mailbox = Mailbox(url, tmp_path)
    yield desk_of(make_services(steady_engine.url), mailbox, url, tmp_path)
    mailbox.core.ledger.close()


@pytest.fixture
def rig(serving: Serve, sqlite_url: str) -> Rig:
    """A gateway with a desk on SQLite."""
    return serving(sqlite_url)
