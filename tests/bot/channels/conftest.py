"""What the tests of the channels share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.zalo.migrations import migrate
from bot.mailbox.database import open_engine
from tests.bot.channels.fake_telegram import FakeTelegram
from tests.bot.channels.fake_zalo import FakeZalo
from tests.bot.channels.serving import served


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "test.db"
    engine = open_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrate(connection)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def url(tmp_path: Path, migrated: Path) -> str:
    shutil.copy(migrated, tmp_path / "test.db")
    return f"sqlite:///{tmp_path}/test.db"


@pytest.fixture
def zalo() -> FakeZalo:
    return FakeZalo()


@pytest.fixture
def zalo_url(zalo: FakeZalo) -> Iterator[str]:
    with served(zalo.app()) as address:
        yield address


@pytest.fixture
def telegram() -> FakeTelegram:
    return FakeTelegram()


@pytest.fixture
def telegram_url(telegram: FakeTelegram) -> Iterator[str]:
    with served(telegram.app()) as address:
        yield address
