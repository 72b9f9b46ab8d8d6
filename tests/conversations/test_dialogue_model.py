"""The dialogue model in its own environment: Rasa's data validation, and the test stories beside this file.

The stories have the stems of ``data/nlu``: what a topic's data teaches is tried with other words here.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.gateway.payloads import INTENTS
from bot.settings import ROOT
from bot.supervisor import die_with
from bot.training import ENGINE_PYTHON

HERE = Path(__file__).parent
RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8")).get("responses", {})

# Rasa warns of these, and they are meant so.
EXPECTED = {
    # Slots are set by the actions, never from entities by themselves.
    "Slot auto-fill has been removed in 3.0 and replaced with a new explicit mechanism to set slots. "
    "Please refer to https://rasa.com/docs/rasa/domain#slots to learn more.",
    # Only a button carries these.
    *(
        f"The intent '{intent}' is listed in the domain file, but is not found in the NLU training data."
        for intent in INTENTS
    ),
    # An action chooses among these.
    *(f"The utterance '{name}' is not used in any story or rule." for name in RESPONSES),
}


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict:
    out = tmp_path_factory.mktemp("conversations") / "results.json"
    done = subprocess.run(
        [ENGINE_PYTHON, "-m", "tests.conversations.check", "--out", out],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=die_with(os.getpid()),
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(out.read_text("utf-8"))


def _stories() -> Iterator[str]:
    for path in sorted(HERE.glob("*.yml")):
        for story in yaml.safe_load(path.read_text("utf-8"))["stories"]:
            yield f"{path.stem}: {story['story']}"


def test_rasa_finds_the_training_data_sound(checked: dict) -> None:
    assert {warning for warning in checked["validation"] if not _asks_several(warning)} - EXPECTED == set()


def _asks_several(warning: str) -> bool:
    """A message that asks two things stands under both: our classifier holds several intents at once."""
    _, found, labels = warning.partition("The example is labeled with: ")
    return bool(found) and all(label.startswith("ask_") for label in labels.rstrip(".").split(", "))


@pytest.mark.parametrize("story", list(_stories()))
def test_story(checked: dict, story: str) -> None:
    assert checked["stories"][story] == []


def test_every_topic_has_stories() -> None:
    assert {path.stem for path in HERE.glob("*.yml")} == {
        path.stem for path in (ROOT / "data/nlu").glob("*.yml")
    }


def test_no_story_is_an_example_that_the_model_was_trained_on() -> None:
    """A model that knows its examples by heart would pass."""
    examples = {
        line.strip().removeprefix("- ").casefold()
        for path in (ROOT / "data/nlu").glob("*.yml")
        for line in path.read_text("utf-8").splitlines()
    }
    said = [
        step["user"].strip().partition("]{")[0].removeprefix("[").casefold()
        for path in HERE.glob("*.yml")
        for story in yaml.safe_load(path.read_text("utf-8"))["stories"]
        for step in story["steps"]
        if "user" in step
    ]
    known = [text for text in said if text in examples]
    assert len(known) <= len(said) / 4, known
