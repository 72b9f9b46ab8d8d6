from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError
from bot.evaluation.baseline import COMPARED, compare, read_baseline, record_baseline

SHA = "a" * 64


def test_only_a_fall_of_more_than_a_point_counts() -> None:
    before = {"clean": {"procedure_top1": 93.21, "wrongly_answered": 1.5, "aspects": None}}
    for now, worse in (
        ({"procedure_top1": 92.21, "wrongly_answered": 2.5}, 0),
        ({"procedure_top1": 92.20, "wrongly_answered": 1.5}, 1),
        ({"procedure_top1": 99.0, "wrongly_answered": 2.51}, 1),
        ({"procedure_top1": 0.0, "wrongly_answered": 50.0, "aspects": 3.0}, 2),
    ):
        assert len(compare(before, {"clean": now})) == worse, now
    assert compare(before, {"clean": {"procedure_top1": 90.0}}) == [
        "clean: procedure_top1 was 93.21, is 90.00"
    ]


def test_variants_that_were_not_measured_are_left_out() -> None:
    assert compare({"telex": {"kind": 90.0}}, {"clean": {"kind": 10.0}}) == []


@given(st.dictionaries(st.sampled_from(COMPARED), st.none() | st.floats(0, 100).map(lambda x: round(x, 2))))
def test_the_same_figures_are_never_worse(figures: dict[str, float | None]) -> None:
    assert compare({"clean": figures}, {"clean": figures}) == []


def test_what_is_recorded_is_read_again_and_other_sets_stay(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    record_baseline(path, "development.jsonl", SHA, 1, {"clean": {"kind": 90.0, "several_found": 50.0}})
    record_baseline(path, "final.jsonl", SHA, 1, {"clean": {"kind": 80.0}})
    assert read_baseline(path, "development.jsonl", SHA, 1)["clean"]["kind"] == 90.0
    assert read_baseline(path, "final.jsonl", SHA, 1)["clean"]["kind"] == 80.0


@pytest.mark.parametrize(
    "sha, seed, name", [("b" * 64, 1, "d.jsonl"), (SHA, 2, "d.jsonl"), (SHA, 1, "other.jsonl")]
)
def test_a_baseline_of_other_questions_is_refused(tmp_path: Path, sha: str, seed: int, name: str) -> None:
    path = tmp_path / "baseline.json"
    record_baseline(path, "d.jsonl", SHA, 1, {"clean": {"kind": 90.0}})
    with pytest.raises(BotError, match="--record"):
        read_baseline(path, name, sha, seed)


@pytest.mark.parametrize("content", ["", "[]", "3", '{"d.jsonl": 3}', '{"d.jsonl": {"sha256": "a"}}'])
def test_a_file_that_is_no_baseline_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(content)
    with pytest.raises(BotError, match=r"baseline\.json: is not a baseline"):
        read_baseline(path, "d.jsonl", SHA, 1)
