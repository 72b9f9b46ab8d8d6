"""The rooms import each other as the design allows, and the contract that says so can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from tests.room_contract import RoomContract

ROOT = Path(__file__).parent.parent


def graph_of(*imports: tuple[str, str], outside: tuple[str, ...] = ()) -> grimp.ImportGraph:
    graph = grimp.ImportGraph()
    for name in outside:
        graph.add_module(name, is_squashed=True)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported, line_number=7, line_contents="import …")
    return graph


def kept(graph: grimp.ImportGraph, **options: object) -> bool:
    contract = RoomContract(name="a room", session_options={}, contract_options={"room": "room", **options})
    return contract.check(graph, verbose=False).kept


@pytest.mark.parametrize(
    ("imported", "options", "expected"),
    [
        ("room.other", {}, True),
        ("json", {}, True),
        ("kitchen.stove", {"may_import": ["kitchen"]}, True),
        ("kitchens", {"may_import": ["kitchen"]}, False),
        ("kitchen", {}, False),
        ("package", {}, False),
        ("package", {"any_package_but": ["rasa"]}, True),
        ("rasa", {"any_package_but": ["rasa"]}, False),
        ("kitchen", {"any_package_but": ["rasa"]}, False),
        ("room.cellar.wine", {"apart": ["room.cellar"]}, False),
    ],
)
def test_a_room_imports_only_what_it_may(
    imported: str, options: dict[str, list[str]], expected: bool
) -> None:
    graph = graph_of(("room.door", imported), outside=("json", "package", "rasa"))
    graph.add_module("room")
    assert kept(graph, **options) is expected


def test_what_is_apart_has_rules_of_its_own() -> None:
    graph = graph_of(("room.cellar.wine", "package"), outside=("package",))
    graph.add_module("room")
    assert kept(graph, apart=["room.cellar"])
    assert not kept(graph)


def test_every_room_keeps_its_contract() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
