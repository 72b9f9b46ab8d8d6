"""Entries read by a second process are the entries read by one, and its failures change nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from procedures_catalog import cache, read_beside
from procedures_catalog.loading import read_entries

ALONE = {0}


@pytest.fixture
def folder(write_entry, entries: Path) -> Path:
    for number in range(7):
        write_entry(f"so-{number}", asked_as=[f"làm số {number} ở đâu"], valid_until="2026-12-31")
    write_entry("hong", code="không phải mã")
    (entries / "khong-yaml.yml").write_text("id: [")
    return entries


@pytest.fixture
def read_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    with monkeypatch.context() as patch:
        patch.setattr(os, "sched_getaffinity", lambda _: ALONE)
        patch.setattr(read_beside, "WORTH_A_PROCESS", 1)
        return plain(read_entries(folder))


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_beside, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def plain(files: dict) -> dict:
    return {path.name: (file.stamp, file.procedure, str(file.fault)) for path, file in files.items()}


def test_two_processes_read_what_one_reads_and_what_is_kept(
    folder: Path, read_here: dict, shared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "WORTH_KEEPING", 1)
    monkeypatch.chdir(folder.parent)
    cold = plain(read_entries(Path("entries")))
    assert {name: row[:2] for name, row in cold.items()} == {name: row[:2] for name, row in read_here.items()}
    assert list(cold) == list(read_here)
    assert "code" in cold["hong.yml"][2] and "YAML" in cold["khong-yaml.yml"][2]
    assert plain(read_entries(Path("entries"))) == cold


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "print('nothing of the kind')", "no program"])
def test_a_process_that_fails_costs_time_alone(
    folder: Path, read_here: dict, shared: None, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(read_beside, "_PROGRAM", program)
    assert plain(read_entries(folder)) == read_here


def test_where_no_process_can_be_started_one_reads_alone(
    folder: Path, read_here: dict, shared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_beside.sys, "executable", "/nowhere/python")
    assert plain(read_entries(folder)) == read_here
