"""When a model is trained; the trainers themselves are stand-ins, one writes what it is told to."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import yaml

from bot import training
from bot.errors import NotSetUp, TrainingFailed, TrainingRefused

TRAINER = """#!/bin/sh
# called with: -m bot.engine.train --out FILE
echo run >> "{root}/runs"
[ -e "{root}/fail" ] && echo "domain.yml: line 3: no such thing" && exit 1
mkdir -p "$(dirname "$4")"
echo model > "$4"
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a trainer of its own."""
    trainer = tmp_path / "python"
    trainer.write_text(TRAINER.format(root=tmp_path))
    trainer.chmod(0o755)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "greet.yml").write_text("- xin chào")
    (tmp_path / "config.yml").write_text("language: vi")
    models = tmp_path / "models"
    for name, value in {
        "ROOT": tmp_path,
        "ENGINE_PYTHON": trainer,
        "MODELS": models,
        "MODEL": models / "motcua.tar.gz",
        "_STAMP": models / "motcua.inputs",
    }.items():
        monkeypatch.setattr(training, name, value)
    monkeypatch.setattr(training, "_train_search", lambda learned: (tmp_path / "search").mkdir(exist_ok=True))
    return tmp_path


def runs(root: Path) -> int:
    return len((root / "runs").read_text().splitlines()) if (root / "runs").exists() else 0


def test_trained_once_and_again_when_the_data_changed(root: Path) -> None:
    assert training.model_state() == "missing"
    assert training.train(print) is True
    assert training.model_state() == "current"
    (root / "search").rmdir()
    assert training.train(print) is False
    assert (root / "search").exists(), "what search learns may have changed with the entries alone"
    (root / "data" / "greet.yml").write_text("- chào bạn")
    assert training.model_state() == "stale"
    assert training.train(print) is True
    assert training.train(print, force=True) is True
    assert runs(root) == 3
    assert sorted(p.name for p in (root / "models").iterdir() if p.is_dir()) == []


def test_what_is_no_input_does_not_count(root: Path) -> None:
    training.train(print)
    (root / "data" / "greet.yml~").write_text("editor's copy")
    (root / "README.md").write_text("words")
    assert training.model_state() == "current"


def test_a_new_file_and_a_removed_one_count(root: Path) -> None:
    training.train(print)
    (root / "data" / "more.yml").write_text("x")
    assert training.model_state() == "stale"
    (root / "data" / "more.yml").unlink()
    assert training.model_state() == "current"


def test_a_failed_training_keeps_the_old_model_and_says_why(root: Path) -> None:
    training.train(print)
    (root / "data" / "greet.yml").write_text("- broken")
    (root / "fail").touch()
    with pytest.raises(TrainingFailed, match=r"domain.yml: line 3: no such thing .*training.log"):
        training.train(print)
    assert training.MODEL.read_text() == "model\n"
    assert training.model_state() == "stale"


def test_two_at_once_train_once(root: Path) -> None:
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(training.train(print))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True] and runs(root) == 1


def test_missing_environment_says_make_setup(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "ENGINE_PYTHON", root / "none")
    with pytest.raises(NotSetUp, match="make setup"):
        training.train(print)


LEARNED = """questions:
- {text: "làm ghế cho bé, gọi [số]", procedure: dang-ky-khai-sinh, aspects: [documents, fee]}
- {text: bé chưa có ghế, procedure: dang-ky-khai-sinh}
out_of_scope:
- mua vé tàu
"""


@pytest.fixture
def learned(root: Path) -> Path:
    path = root / "questions.yml"
    path.write_text(LEARNED, encoding="utf-8")
    return path


def test_what_people_asked_is_trained_by_what_was_meant(root: Path, learned: Path) -> None:
    training.train(print)
    assert training.model_state(learned) == "stale" and training.model_state() == "current"
    training.train(print, learned=learned, judge=lambda fresh: [])
    assert training.model_state(learned) == "current"
    tables = yaml.safe_load((root / "models" / "wordings.yml").read_text("utf-8"))["nlu"]
    told = {table["lookup"]: table["examples"] for table in tables}
    assert told["asked:ask_documents+ask_fee"] == "- làm ghế cho bé, gọi\n"
    assert told["asked:out_of_scope"].endswith("\n- mua vé tàu\n")
    assert "- bé chưa có ghế\n" in told["message"]


def test_a_training_that_makes_something_worse_is_refused(root: Path, learned: Path) -> None:
    training.train(print)
    before, model = training.MODEL.stat().st_ino, training.MODEL
    with pytest.raises(TrainingRefused, match="“mua vé tàu”"):
        training.train(print, learned=learned, judge=lambda fresh: [f"“mua vé tàu” {fresh.name}"])
    assert model.stat().st_ino == before and training.model_state(learned) == "stale"
    assert not (root / "models" / "new").exists()
    learned.unlink()
    assert training.train(print, learned=learned) is False  # undone: the model is that of before


def test_nothing_is_judged_that_nobody_taught(root: Path) -> None:
    training.train(print)
    assert training.train(print, force=True, judge=lambda fresh: ["never asked"]) is True


def test_a_faulty_file_of_learned_questions_is_named(root: Path, learned: Path) -> None:
    learned.write_text("questions: [{text: a}]")
    with pytest.raises(TrainingFailed, match=r"questions\.yml"):
        training.train(print, learned=learned)
