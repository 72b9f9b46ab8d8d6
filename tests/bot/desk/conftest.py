"""What the tests of the desk share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bot.desk.passwords import hash_password
from bot.desk.store import migrate_desk
from bot.gateway.services import Services
from bot.mailbox.database import open_engine
from tests.bot.desk.rig import PASSWORD, Rig, engine_of
from tests.bot.desk.serving import serve_desk
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
    """A database of either kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return request.getfixturevalue("sqlite_url")


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


@pytest.fixture
def rig(serving: Serve, sqlite_url: str) -> Rig:
    """A gateway with a desk on SQLite."""
    return serving(sqlite_url)
