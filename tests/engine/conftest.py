"""The engine's part lives in an environment of its own: ``.venv-engine/bin/pytest tests/engine``.

Where Rasa is missing (``.venv``, a plain ``pytest``) nothing here can be imported, so nothing is collected.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

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
