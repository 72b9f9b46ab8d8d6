"""Trains the dialogue model: ``python -m bot.engine.train --out models/motcua.tar.gz``."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

ROOT = Path(__file__).parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="where the model file goes")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of config.yml, domain.yml, data/")
    parser.add_argument(
        "--wordings", type=Path, help="lookup tables: names of procedures, messages about them"
    )
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    import rasa.model_training

    args.out.parent.mkdir(parents=True, exist_ok=True)
    result = rasa.model_training.train(
        domain=str(args.root / "domain.yml"),
        config=str(args.root / "config.yml"),
        training_files=[str(args.root / "data"), *([str(args.wordings)] if args.wordings else [])],
        output=str(args.out.parent),
        fixed_model_name=args.out.name.removesuffix(".tar.gz"),
        force_training=True,
    )
    if result.code or not result.model:
        sys.exit("The dialogue model could not be trained; the lines above say why.")


if __name__ == "__main__":
    main()
