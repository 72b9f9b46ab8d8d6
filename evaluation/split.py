"""Puts new labelled questions into ``development.jsonl`` and ``final.jsonl``.

``python evaluation/split.py NEW.jsonl`` from the repository's root. Chance decides, with a fixed seed, within
each procedure, so that both sets cover the same ground; what is rare (a kind other than an answer, an aspect
that few ask for) is shared out on its own. Questions that are there already stay where they are.
"""

from __future__ import annotations

import json
import random
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEED = 20261121
DEVELOPMENT_SHARE = 0.45
RARE = ("agency", "legal_basis", "method", "result", "forms")


def read(path: Path) -> list[dict]:
    """The questions of a JSON-lines file; none when it is missing."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def stratum(question: dict) -> str:
    """What a question is shared out with."""
    if question["kind"] != "answer":
        return question["kind"]
    rare = [aspect for aspect in RARE if question["aspects"] == [aspect]]
    return rare[0] if rare else question["procedure"]


def split(new: list[dict], development: list[dict], final: list[dict]) -> None:
    """Adds each new question to one of the two lists, stratified and by chance."""
    known = {question["text"].casefold() for question in (*development, *final)}
    strata: dict[str, list[dict]] = defaultdict(list)
    for question in new:
        if question["text"].casefold() not in known:
            strata[stratum(question)].append(question)
    chance = random.Random(SEED)
    for name in sorted(strata):
        questions = sorted(strata[name], key=lambda question: question["text"])
        chance.shuffle(questions)
        share = len(questions) * DEVELOPMENT_SHARE
        # The fraction is drawn too: always rounding down would starve one of the sets.
        count = int(share) + (chance.random() < share % 1)
        development.extend(questions[:count])
        final.extend(questions[count:])


def write(path: Path, questions: list[dict]) -> None:
    """One object a line, ordered by procedure so that a change reads well."""
    questions.sort(
        key=lambda question: (
            question["procedure"] or "~",
            question["kind"],
            question["text"],
        )
    )
    path.write_text(
        "".join(json.dumps(q, ensure_ascii=False) + "\n" for q in questions),
        encoding="utf-8",
    )


def main() -> None:
    """Reads the file named on the command line and rewrites both sets."""
    if len(sys.argv) != 2:
        sys.exit("usage: python evaluation/split.py NEW.jsonl")
    development, final = read(HERE / "development.jsonl"), read(HERE / "final.jsonl")
    split(read(Path(sys.argv[1])), development, final)
    write(HERE / "development.jsonl", development)
    write(HERE / "final.jsonl", final)
    print(f"development {len(development)}, final {len(final)}")


if __name__ == "__main__":
    main()
