"""Runs in the engine's environment: is the training data sound, and do the test stories come true?

``.venv-engine/bin/python -m tests.conversations.check --out FILE`` writes one JSON object:
``{"validation": [warning, …], "stories": {"<file stem>: <story>": [fault, …]}}``.

What ``rasa data validate`` and ``rasa test`` do, with Rasa's own parts. Two differences: a story is held
to the aspects that were understood, in any order (several hold at once in our classifier, which Rasa's
own comparison of entities by their place in the text cannot express), and nothing is written to disk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import warnings
from pathlib import Path

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "motcua.tar.gz"


def validation() -> list[str]:
    """What ``rasa data validate`` warns of, and errors as their text."""
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.validator import Validator

    importer = TrainingDataImporter.load_from_config(
        str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data")]
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        validator = Validator.from_importer(importer)
        sound = [
            validator.verify_domain_validity(),
            validator.verify_intents(ignore_warnings=False),
            validator.verify_nlu(ignore_warnings=False),
            validator.verify_story_structure(ignore_warnings=False),
            validator.verify_actions_in_stories_rules(),
            validator.verify_forms_in_stories_rules(),
            validator.verify_form_slots(),
            validator.verify_slot_mappings(),
        ]
        validator.warn_if_config_mandatory_keys_are_not_set()
    found = [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    return found or ([] if all(sound) else ["Rasa's validator says no, without a reason"])


async def stories(folder: Path) -> dict[str, list[str]]:
    """The faults of each test story below ``folder``."""
    from rasa.core.agent import load_agent
    from rasa.shared.core.generator import TrainingDataGenerator
    from rasa.shared.core.training_data.loading import load_data_from_files
    from rasa.shared.core.training_data.structures import StoryGraph

    agent = await load_agent(model_path=str(MODEL))
    results = {}
    for path in sorted(folder.glob("*.yml")):
        graph = StoryGraph(load_data_from_files([str(path)], agent.domain))
        generator = TrainingDataGenerator(
            graph, agent.domain, use_story_concatenation=False, augmentation_factor=0
        )
        for tracker in generator.generate_story_trackers():
            results[f"{path.stem}: {tracker.sender_id}"] = await _faults(tracker, agent)
    return results


async def _faults(tracker, agent) -> list[str]:
    from rasa.core.channels.channel import UserMessage
    from rasa.core.test import _predict_tracker_actions
    from rasa.shared.core.events import UserUttered

    faults = []
    for event in tracker.events:
        if isinstance(event, UserUttered) and event.text:
            understood = await agent.processor.parse_message(UserMessage(event.text))
            wanted, found = event.intent["name"], understood["intent"]["name"]
            if wanted.startswith("ask_"):
                wanted += f" {_aspects(event.entities)}"
                found += f" {_aspects(understood['entities'])}"
            if wanted != found:
                faults.append(f"{event.text!r} should be {wanted}, is {found}")
    _, _, actions, _ = await _predict_tracker_actions(tracker, agent)
    faults += [
        f"action should be {row['action']}, is {row['predicted']} (by {row['policy']})"
        for row in actions
        if row["action"] != row["predicted"]
    ]
    return faults


def _aspects(entities: list[dict]) -> list[str]:
    return sorted({a for e in entities if e["entity"] == "aspect" for a in e["value"].split(",")})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="where the JSON goes; Rasa fills stdout")
    out = parser.parse_args().out
    warnings.filterwarnings("ignore")
    results = {"validation": validation(), "stories": asyncio.run(stories(Path(__file__).parent))}
    out.write_text(json.dumps(results, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
