"""Figures recorded once, below which a change may not fall: ``evaluation/baseline.json``.

``{"development.jsonl": {"sha256": "…", "seed": 1, "figures": {"clean": {"kind": 93.21, …}, …}}, …}``
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.errors import BotError
from bot.evaluation.metrics import Figures

# In percentage points.
TOLERANCE = 1.0
# Better when lower; every other compared figure is better when higher.
LOWER_IS_BETTER = ("wrongly_answered", "calibration_error", "no_answer")
COMPARED = (
    "procedure_top1", "procedure_top3", "aspects", "aspects_f1", "answered", "out_of_scope_caught", "kind",
    *LOWER_IS_BETTER,
)  # fmt: skip

ByVariant = Mapping[str, Figures]


def compare(recorded: ByVariant, measured: ByVariant) -> list[str]:
    """A line for each figure that is over a point worse than recorded; variants not measured are left out."""
    worse = []
    for variant, before in recorded.items():
        now = measured.get(variant)
        for name in COMPARED if now is not None else ():
            old, new = before.get(name), now.get(name)
            if old is None or new is None:
                continue
            fall = new - old if name in LOWER_IS_BETTER else old - new
            # Figures have two decimals: the sum of a fall of exactly one point must not count as more.
            if round(fall, 2) > TOLERANCE:
                worse.append(f"{variant}: {name} was {old:.2f}, is {new:.2f}")
    return worse


def read_baseline(path: Path, set_name: str, sha256: str, seed: int) -> ByVariant:
    """The figures recorded for a set.

    Raises:
        BotError: the file is not a baseline, or was recorded for other questions or another seed.
    """
    entry = _read(path).get(set_name)
    if entry is None:
        raise BotError(f"{path}: has no figures for {set_name}; record them with --record {path}")
    if entry["sha256"] != sha256 or entry["seed"] != seed:
        raise BotError(f"{path}: was recorded for another {set_name}; record it anew with --record {path}")
    return entry["figures"]


def record_baseline(path: Path, set_name: str, sha256: str, seed: int, measured: ByVariant) -> None:
    """Writes the figures of a set; those of other sets in the file stay."""
    everything = _read(path) if path.exists() else {}
    kept = {variant: {name: figures.get(name) for name in COMPARED} for variant, figures in measured.items()}
    everything[set_name] = {"sha256": sha256, "seed": seed, "figures": kept}
    path.write_text(json.dumps(everything, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        entries = [(e["sha256"], e["seed"], e["figures"].items()) for e in content.values()]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BotError(f"{path}: is not a baseline written by --record") from None
    del entries
    return content
