"""The centre itself (``centre.yml``): who answers, where, when, and how its dossier codes begin."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, field

from procedures_catalog.errors import EntryError
from procedures_catalog.loading import read_yaml, schema_fault
from procedures_catalog.model import Row, Text

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Interval(Row):
    """Open from ``opens`` to ``closes`` (local time, ``HH:MM``)."""

    opens: Clock
    closes: Clock


class Link(Row):
    title: Text
    url: Annotated[str, Meta(pattern=r"^https?://\S+$")]


class Map(Row):
    """Where the centre stands, in degrees (WGS 84)."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Dossiers(Row):
    """``province_part``: the part of a dossier code that names the province, such as ``H15``.

    ``proof``: which numbers on a dossier a person may prove it theirs with. No news is sent from
    ``quiet_from`` to ``quiet_until``.
    """

    province_part: Text
    stale_after_days: Annotated[int, Meta(ge=1)] = 10
    proof: Annotated[list[Literal["phone", "personal_number"]], Meta(min_length=1)] = field(
        default_factory=lambda: ["phone", "personal_number"]
    )
    quiet_from: Clock = "21:00"
    quiet_until: Clock = "07:00"


class Centre(Row):
    """One centre's own facts; everything a notice says of it comes from here.

    ``closed_on``: days off besides the public ones; ``worked_on``: days worked although they are a weekend
    or a holiday; ``half_days``: worked in the morning only.
    """

    name: Text
    short_name: Text
    address: Text
    hotline: Text
    hours: dict[Weekday, list[Interval]]
    dossiers: Dossiers
    province: Text | None = None
    email: Text | None = None
    links: list[Link] = field(default_factory=list)
    map: Map | None = None
    closed_on: list[date] = field(default_factory=list)
    worked_on: list[date] = field(default_factory=list)
    half_days: list[date] = field(default_factory=list)
    sample: bool = False
    keeps_days: Annotated[int, Meta(ge=1)] = 90

    def intervals(self, day: date) -> list[tuple[time, time]]:
        """The opening intervals of ``day``; none on a day the centre is closed."""
        if day in self.closed_on:
            return []
        # A weekend day that is worked has the hours of a weekday.
        weekday: Weekday = "mon" if day in self.worked_on else WEEKDAYS[day.weekday()]
        rows = self.hours.get(weekday, [])
        spans = [(time.fromisoformat(r.opens), time.fromisoformat(r.closes)) for r in rows]
        return spans[:1] if day in self.half_days else spans

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody is there at ``moment`` (timezone-aware)."""
        local = moment.astimezone(VIET_NAM)
        return any(start <= local.time() < end for start, end in self.intervals(local.date()))

    def opens_next(self, moment: datetime) -> datetime | None:
        """The next opening after ``moment`` within two weeks, in local time."""
        local = moment.astimezone(VIET_NAM)
        for ahead in range(15):
            day = local.date() + timedelta(days=ahead)
            for start, _ in self.intervals(day):
                opening = datetime.combine(day, start, VIET_NAM)
                if opening > local:
                    return opening
        return None


def centre_entries(centre_file: Path | str) -> Path:
    """The folder beside the centre's file with the entries that the centre imported or wrote."""
    return Path(centre_file).parent / "centre" / "entries"


def centre_overlay(centre_file: Path | str) -> Path:
    """The file beside the centre's file with what it changes in the entries; see overlay.py."""
    return Path(centre_file).parent / "centre" / "overlay.yml"


def centre_learned(centre_file: Path | str) -> Path:
    """The file beside the centre's file with the questions that its people approved; see learned.py."""
    return Path(centre_file).parent / "centre" / "learned" / "questions.yml"


def load_centre(path: Path | str) -> Centre:
    """The centre of a file.

    Raises:
        EntryError: the file is missing or faulty; names the field and what is expected.
    """
    data = read_yaml(Path(path))
    try:
        centre = msgspec.convert(data, Centre)
    except msgspec.ValidationError as error:
        raise schema_fault(path, error, "centre") from error
    for day, rows in centre.hours.items():
        clocks = [clock for row in rows for clock in (row.opens, row.closes)]
        if any(before >= after for before, after in pairwise(clocks)):
            raise EntryError(path, f"hours.{day}", "each time must lie after the one before it")
    return centre
