"""One stack for all the tests that leave it as it is; those that break something start their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.end_to_end.stack import ROOT, Conversation, Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    var = tmp_path_factory.mktemp("stack")
    (var / "exports").mkdir()
    # Tests run at night, too, and wait for news.
    awake = re.sub(r'(quiet_\w+): ".*"', r'\1: "00:00"', (ROOT / "centre.yml").read_text("utf-8"))
    (var / "centre.yml").write_text(awake, encoding="utf-8")
    settings = {"DOSSIERS_FOLDER": var / "exports", "CENTRE_FILE": var / "centre.yml"}
    more = {f"MOTCUA_{name}": str(value) for name, value in settings.items()}
    running = Stack(var, more, first=True).start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def conversation(stack: Stack) -> Conversation:
    return Conversation(stack.url)


@pytest.fixture
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Stack]]:
    """Starts stacks of the test's own (settings by name), each in a folder of its own."""
    started: list[Stack] = []

    def start(**settings: str) -> Stack:
        started.append(Stack(tmp_path_factory.mktemp("own-stack"), settings))
        return started[-1].start()

    yield start
    for one in started:
        if one.process is not None and one.process.poll() is None:
            one.stop()
