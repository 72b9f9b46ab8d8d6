from __future__ import annotations

import pytest

from procedures_catalog import Catalog
from procedures_catalog.errors import EntryError
from procedures_catalog.life_events import LIFE_EVENTS, read_life_events


def test_an_event_is_read_with_its_steps_in_order(tmp_path):
    path = tmp_path / "events.yml"
    path.write_text(
        "sinh-con:\n  name: Sinh con\n  intro: Việc cần làm\n  steps:\n"
        "    - {procedure: dang-ky-khai-sinh, linked: true}\n"
        "    - {procedure: the-bhyt, note: Sau khai sinh}\n",
        encoding="utf-8",
    )
    (event,) = read_life_events(path)
    assert event.id == "sinh-con"
    assert [(s.procedure, s.linked, s.note) for s in event.steps] == [
        ("dang-ky-khai-sinh", True, None),
        ("the-bhyt", False, "Sau khai sinh"),
    ]


def test_no_file_means_no_events(tmp_path):
    assert read_life_events(tmp_path / "khong-co.yml") == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("- sinh-con", "file"),
        ("sinh-con: 3", "file"),
        ("sinh-con: {name: Sinh con, intro: A, steps: [{procedure: Khai Sinh}]}", "[0].steps[0].procedure"),
        ("sinh-con: {name: Sinh con, steps: []}", "[0]"),
        ("sinh-con: ]", "line 1"),
    ],
)
def test_a_fault_names_the_field(tmp_path, text, field):
    path = tmp_path / "events.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EntryError) as caught:
        read_life_events(path)
    assert caught.value.field == field


def test_ours_are_at_least_twenty_and_each_step_is_an_entry():
    events = read_life_events(LIFE_EVENTS)
    catalog = Catalog.load()
    assert len(events) >= 20
    assert [s.procedure for event in events for s in event.steps if catalog.find(s.procedure) is None] == []
    assert all(event.steps and len(event.asked_as) >= 3 for event in events)
