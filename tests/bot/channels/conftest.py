"""What the tests of the channels share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.channels.fake_telegram import FakeTelegram
from tests.bot.channels.fake_zalo import FakeZalo
from tests.bot.channels.serving import served


@pytest.fixture
def url(tmp_path: Path) -> str:
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
