"""When the dialogue model has to be trained, and training it in the engine's environment."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import yaml

from bot.errors import NotSetUp, TrainingFailed, TrainingRefused
from bot.settings import ROOT
from bot.supervisor import Say, die_with

if TYPE_CHECKING:
    from procedures_catalog import Catalog
    from procedures_catalog.learned import Learned

ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"
MODELS = ROOT / "models"
MODEL = MODELS / "motcua.tar.gz"
_STAMP = MODELS / "motcua.inputs"
_INPUTS = (
    "config.yml",
    "domain.yml",
    "domain",
    "data",
    "bot/engine",
    "vietnamese",
    # The entries are not among them: they are answered without training.
    "procedures_catalog/background.yml",
    "procedures_catalog/outside",
)
_KINDS = {".py", ".yml", ".yaml", ".json", ".csv", ".tsv", ".txt"}

LONGEST_NAME = 14  # words

ModelState = Literal["missing", "stale", "current"]
# What a new model (at that path) understands worse than the one in use, a line each.
Judge = Callable[[Path], Sequence[str]]


def require_engine() -> None:
    """Raises:
    NotSetUp: the engine's environment is not there.
    """
    if not ENGINE_PYTHON.exists():
        raise NotSetUp("the engine's environment .venv-engine is missing: run `make setup`")


def model_state(learned: Path | None = None) -> ModelState:
    """Whether there is a model, and whether it was trained from what is on disk now; ``learned``: the file
    with what the centre's people asked."""
    if not MODEL.exists():
        return "missing"
    known = _STAMP.read_text().strip() if _STAMP.exists() else ""
    return "current" if known == inputs_hash(learned) else "stale"


def inputs_hash(learned: Path | None = None) -> str:
    """A hash of everything the model is made from."""
    digest = hashlib.sha256()
    for path in _input_files():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    if learned is not None and learned.exists():
        digest.update(b"learned\0" + learned.read_bytes())
    return digest.hexdigest()


def train(say: Say, force: bool = False, learned: Path | None = None, judge: Judge | None = None) -> bool:
    """Trains the model if its inputs changed (or ``force``); whether it did. What search learns from the
    entries is learnt, too, if they changed.

    The old model stays in place until the new one is whole and, where the centre has learned questions and
    there is a ``judge``, found no worse. Takes up to 90 s on two cores, and as long again to be judged.

    Raises:
        NotSetUp: the engine's environment is not there.
        TrainingFailed: the log's last line and where the log is, or what is wrong with ``learned``.
        TrainingRefused: what the new model would make worse.
    """
    require_engine()
    MODELS.mkdir(exist_ok=True)
    with (MODELS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = inputs_hash(learned)
        _train_search(learned)
        if not force and model_state(learned) == "current":
            return False
        taught = _taught(learned)
        say("Training the dialogue model (about two minutes) …")
        fresh = _run_training(taught)
        try:
            if taught and judge is not None and MODEL.exists() and (worse := judge(fresh)):
                raise TrainingRefused(_refusal(worse))
            fresh.replace(MODEL)
        finally:
            fresh.unlink(missing_ok=True)
            fresh.parent.rmdir()
        _STAMP.write_text(wanted + "\n")
    say("Training done.")
    return True


def _train_search(learned: Path | None) -> None:
    from procedures_catalog import Catalog

    Catalog.load(learned=learned).train()


def _taught(path: Path | None) -> Learned:
    # Only to train: the supervisor, which asks for the model's state, does not carry the catalogue.
    from procedures_catalog.learned import read_learned

    learned, faults = read_learned(path)
    if faults:
        raise TrainingFailed(f"training was not begun: {faults[0]}")
    return learned


def _refusal(worse: Sequence[str]) -> str:
    lines = "".join(f"\n  {line}" for line in worse)
    return (
        f"the new model is not taken, the one before stays in use. It would make worse:{lines}\n"
        "Undo what was learned lately at the desk (Câu hỏi, Đã duyệt), or mend the data, and train again."
    )


def _run_training(learned: Learned) -> Path:
    """The new model, in a folder of its own."""
    from procedures_catalog import Catalog

    fresh, log = MODELS / "new" / MODEL.name, MODELS / "training.log"
    wordings = MODELS / "wordings.yml"
    wordings.write_text(_wordings(Catalog.load(), learned), encoding="utf-8")
    with log.open("wb") as output:
        code = subprocess.run(
            [str(ENGINE_PYTHON), "-m", "bot.engine.train", "--out", str(fresh), "--wordings", str(wordings)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with(os.getpid()),
            check=False,
        ).returncode
    if code or not fresh.exists():
        lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        raise TrainingFailed(f"training failed: {lines[-1].strip() if lines else 'no output'} (log: {log})")
    return fresh


def _wordings(catalog: Catalog, learned: Learned) -> str:
    """What the catalogue calls its procedures, as lookup tables of Rasa's training data: the intents
    learn from them what to overlook. Which procedure is meant is never learnt there. What the centre has
    learned stands in tables named after what is asked (``asked:ask_fee+ask_time``)."""
    from procedures_catalog.background import read_background, read_outside
    from procedures_catalog.learned import without_masks

    names = sorted({name for p in catalog for name in (p.name.removeprefix("Thủ tục "), *p.also_called)})
    messages = sorted({message for p in catalog for message in p.asked_as})
    tables = {
        "procedure": [name for name in names if len(name.split()) <= LONGEST_NAME],
        "message": messages,
        "elsewhere": read_background().topics_elsewhere,
    }
    for family in read_outside():
        tables.setdefault(f"asked:{family.intent}", []).extend(family.messages)
    for question in learned.questions:
        asked = "+".join(f"ask_{aspect}" for aspect in question.aspects)
        tables.setdefault(f"asked:{asked}" if asked else "message", []).append(without_masks(question.text))
    if learned.out_of_scope:
        tables["asked:out_of_scope"] += [without_masks(text) for text in learned.out_of_scope]
    nlu = [
        {"lookup": name, "examples": "".join(f"- {row}\n" for row in rows)} for name, rows in tables.items()
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True, sort_keys=False)


def _input_files() -> Iterator[Path]:
    for name in _INPUTS:
        path = ROOT / name
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and p.suffix in _KINDS)
