"""The engine's part lives in an environment of its own: ``.venv-engine/bin/pytest tests/engine``.

Where Rasa is missing (``.venv``, a plain ``pytest``) nothing here can be imported, so nothing is collected.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.unhurried import unhurried

unhurried()
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

HAS_RASA = find_spec("rasa") is not None
collect_ignore_glob = [] if HAS_RASA else ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not HAS_RASA:
        terminalreporter.write_line(
            "tests/engine is left out here: it runs where Rasa is, .venv-engine/bin/pytest tests/engine"
        )


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model, made by our trainer."""
    from tests.engine.project import train, write_project

    return train(write_project(tmp_path_factory.mktemp("project") / "dialogue"))


@pytest.fixture(scope="session")
def engine(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The launcher serving that model, with actions beside it."""
    from tests.engine.project import Actions, Engine

    actions = Actions()
    running = Engine(model, actions, tmp_path_factory.mktemp("engine")).start()
    yield running
    running.stop()
    actions.stop()
