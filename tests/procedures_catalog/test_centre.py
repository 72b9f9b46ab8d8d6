from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest
import yaml

from procedures_catalog.centre import VIET_NAM, Centre, centre_entries, centre_overlay, load_centre
from procedures_catalog.errors import EntryError

PLAIN = {
    "name": "Trung tâm mẫu",
    "short_name": "Trung tâm",
    "address": "Số 1",
    "hotline": "1900 0000",
    "hours": {
        "mon": [{"opens": "07:30", "closes": "11:30"}, {"opens": "13:30", "closes": "17:00"}],
        "sat": [{"opens": "07:30", "closes": "11:30"}],
    },
    "closed_on": ["2026-11-30"],
    "dossiers": {"province_part": "H99"},
}


@pytest.fixture
def centre(tmp_path) -> Centre:
    path = tmp_path / "centre.yml"
    path.write_text(yaml.safe_dump(PLAIN), encoding="utf-8")
    return load_centre(path)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIET_NAM)


def test_it_is_open_from_the_first_minute_to_before_the_last(centre):
    monday = "2026-11-23T"
    moments = ["07:29", "07:30", "11:29", "11:30", "13:30", "17:00"]
    assert [centre.is_open(at(monday + moment)) for moment in moments] == [
        False,
        True,
        True,
        False,
        True,
        False,
    ]


def test_a_moment_in_another_zone_is_the_same_moment(centre):
    assert centre.is_open(datetime.fromisoformat("2026-11-23T01:00:00+00:00"))


def test_a_day_it_is_closed_has_no_hours(centre):
    assert centre.intervals(date(2026, 11, 30)) == []
    assert centre.intervals(date(2026, 11, 23))[0] == (time(7, 30), time(11, 30))


def test_the_next_opening_skips_closed_days(centre):
    assert centre.opens_next(at("2026-11-21T12:00")) == at("2026-11-23T07:30")
    assert centre.opens_next(at("2026-11-28T12:00")) == at("2026-12-05T07:30")


def test_a_centre_without_hours_never_opens(tmp_path):
    path = tmp_path / "centre.yml"
    path.write_text(yaml.safe_dump({**PLAIN, "hours": {}}), encoding="utf-8")
    assert load_centre(path).opens_next(at("2026-11-21T12:00")) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hotline": ""}, "hotline"),
        ({"hours": {"mon": [{"opens": "7h30", "closes": "11:30"}]}}, "hours[...][0].opens"),
        ({"hours": {"monday": []}}, "hours"),
        ({"dossiers": {}}, "dossiers"),
        ({"colour": "red"}, "centre"),
        ({"closed_on": ["30/11/2026"]}, "closed_on[0]"),
        ({"hours": {"mon": [{"opens": "11:30", "closes": "07:30"}]}}, "hours.mon"),
        (
            {
                "hours": {
                    "sat": [{"opens": "08:00", "closes": "12:00"}, {"opens": "11:00", "closes": "13:00"}]
                }
            },
            "hours.sat",
        ),
        ({"links": [{"title": "x", "url": "javascript:alert(1)"}]}, "links[0].url"),
        ({"map": {"latitude": 105.8, "longitude": 21.0}}, "map.latitude"),
    ],
)
def test_a_fault_names_the_field(tmp_path, change, field):
    path = tmp_path / "centre.yml"
    path.write_text(yaml.safe_dump({**PLAIN, **change}), encoding="utf-8")
    with pytest.raises(EntryError) as caught:
        load_centre(path)
    assert caught.value.field.startswith(field)


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(EntryError, match=r"centre\.yml: file: cannot be read"):
        load_centre(tmp_path / "centre.yml")


def test_its_own_entries_and_overlay_lie_beside_it():
    assert centre_entries("/etc/motcua/centre.yml") == Path("/etc/motcua/centre/entries")
    assert centre_overlay("/etc/motcua/centre.yml") == Path("/etc/motcua/centre/overlay.yml")
