"""Sample dossiers: invented people and offices over real procedures (``data/samples.yml``)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from dossiers.clock import as_local, local_now
from dossiers.database import Database, lock_dossiers
from dossiers.models import Applicant, Dossier, Event, Kind
from dossiers.statuses import (
    ENDED,
    FINISHED,
    HALTED,
    PAPERS,
    PAYMENT,
    PROCESSING,
    RECEIVED,
    REFUSED,
    REGISTERED,
    RETURNED,
    WITHDRAWN,
)
from dossiers.working_days import WorkCalendar

SAMPLES_FILE = Path(__file__).parent / "data" / "samples.yml"
IN_PERSON, ONLINE, POST = 1, 2, 3


def seed(
    database: Database, count: int = 200, now: datetime | None = None, province_part: str = "H99"
) -> int:
    """Fills an empty tracking database with ``count`` sample dossiers; returns how many were made.

    A database that holds a dossier already is left alone (0). The same ``now`` makes the same dossiers.
    """
    now = as_local(now) if now else local_now()
    samples = yaml.safe_load(SAMPLES_FILE.read_text(encoding="utf-8"))
    with database.write() as session:
        lock_dossiers(session.connection())
        if session.scalar(select(Dossier.id).limit(1)) is not None:
            return 0
        writer = _Writer(samples, now, province_part, random.Random(20260101))
        scenarios = writer.scenarios()
        session.add_all(writer.dossier(scenarios[index % len(scenarios)]) for index in range(count))
    return count


@dataclass
class _Story:
    """What happened to one dossier, while it is told."""

    procedure: dict[str, Any]
    received_at: datetime
    due_at: datetime
    channel: int
    events: list[tuple[datetime, int]] = field(default_factory=list)
    new_due_at: datetime | None = None
    late_reason: str | None = None
    missing_papers: str | None = None
    updated_at: datetime | None = None


class _Writer:
    """Tells stories that a one-window office would recognise; every moment lies before ``now``."""

    def __init__(
        self, samples: dict[str, Any], now: datetime, province_part: str, dice: random.Random
    ) -> None:
        self.samples, self.now, self.part, self.dice = samples, now, province_part, dice
        self.calendar = WorkCalendar()
        self.kinds: dict[str, Kind] = {}
        self.numbers: dict[date, int] = {}
        self.endings = cycle((REFUSED, WITHDRAWN, HALTED))

    def scenarios(self) -> list[Callable[[], _Story]]:
        """One round of scenarios; 20 of them, in a fixed mix."""
        mix = [self.returned] * 6 + [self.processing] * 3 + [self.finished_late, self.finished]
        mix += [self.due_today, self.late_with_new_date, self.late_without_new_date, self.waiting_for_papers]
        mix += [self.waiting_for_payment, self.resumed, self.stale]
        mix += [self.rare_ending, self.registered]
        return mix

    def dossier(self, scenario: Callable[[], _Story]) -> Dossier:
        story = scenario()
        procedure = story.procedure
        status_since, status = story.events[-1]
        when = {state: at for at, state in story.events}
        finished_at, returned_at = when.get(FINISHED), when.get(RETURNED)
        taken_in = RECEIVED in when
        fee = bool(procedure.get("fee"))
        paid = None if not fee or not taken_in else int(status not in (PAYMENT, PAPERS))
        return Dossier(
            code=self.code(story.events[0][0].date()),
            kind=self.kind(procedure),
            status=status,
            status_since=status_since,
            received_at=story.received_at if taken_in else None,
            due_at=story.due_at if taken_in else None,
            new_due_at=story.new_due_at,
            finished_at=finished_at,
            returned_at=returned_at,
            closed_at=finished_at or (status_since if status in ENDED else None),
            updated_at=story.updated_at or status_since,
            channel=story.channel,
            return_channel=self.dice.choices((IN_PERSON, ONLINE, POST), (6, 3, 2))[0] if taken_in else None,
            applicant_kind=procedure.get("applicant", 0),
            paid=paid,
            late_reason=story.late_reason,
            missing_papers=story.missing_papers,
            applicant=self.applicant(),
            events=[Event(at=at, status=state) for at, state in story.events],
        )

    def code(self, day: date) -> str:
        number = self.numbers.get(day, 0) + self.dice.randint(1, 9)
        self.numbers[day] = number
        return f"{self.part}.{self.samples['unit']}-{day:%y%m%d}-{number:04d}"

    def kind(self, procedure: dict[str, Any]) -> Kind:
        code = procedure["code"]
        if code not in self.kinds:
            self.kinds[code] = Kind(
                procedure_code=code,
                procedure_name=procedure["name"],
                field=procedure["field"],
                agency=self.samples["agencies"][procedure["agency"]],
                department=procedure["department"],
            )
        return self.kinds[code]

    def applicant(self) -> Applicant:
        pick, samples = self.dice.choice, self.samples
        name = " ".join(pick(samples[part]) for part in ("surnames", "middle_names", "given_names"))
        address = samples["address"].format(number=self.dice.randint(1, 200), street=pick(samples["streets"]))
        return Applicant(
            name=name,
            phone=f"0000{self.dice.randint(0, 999_999):06d}",
            personal_number=f"099{self.dice.randint(0, 999_999_999):09d}",
            address=address,
        )

    # The parts of a story.

    def begin(self, working_days_ago: Callable[[int], int], shortest: int = 1, longest: int = 30) -> _Story:
        """A dossier taken in some working days ago, given its procedure's limit in days."""
        fitting = [p for p in self.samples["procedures"] if shortest <= p["limit"] <= longest]
        procedure = self.dice.choices(fitting, [p["weight"] for p in fitting])[0]
        day = self.working_day_ago(working_days_ago(procedure["limit"]))
        received_at = datetime.combine(day, time(7, 30)) + timedelta(minutes=self.dice.randint(5, 400))
        due_at = self.calendar.due(received_at, procedure["limit"], procedure["unit"])
        channel = self.dice.choices((IN_PERSON, ONLINE, POST), (50, 47, 3))[0]
        story = _Story(procedure, received_at, due_at, channel)
        if channel == ONLINE:
            story.events.append((received_at - timedelta(minutes=self.dice.randint(20, 900)), REGISTERED))
        story.events.append((received_at, RECEIVED))
        self.move(story, PROCESSING, self.later(received_at, 1, 3))
        return story

    def working_day_ago(self, count: int) -> date:
        day = self.now.date()
        while count > 0:
            day -= timedelta(days=1)
            count -= self.calendar.is_working_day(day)
        return day

    def later(self, at: datetime, least: int, most: int) -> datetime:
        """Some working hours after ``at``, to the minute."""
        minutes = self.dice.randint(least * 60, most * 60)
        return self.calendar.after_working_time(at, timedelta(minutes=minutes))

    def move(self, story: _Story, status: int, at: datetime) -> None:
        """The next status, never in the future and never before the one it follows."""
        last = story.events[-1][0]
        story.events.append((max(last + timedelta(minutes=1), min(at, self.now)), status))

    def on_day(self, day: date) -> datetime:
        return datetime.combine(day, time(8)) + timedelta(minutes=self.dice.randint(0, 180))

    # The stories.

    def finished(self) -> _Story:
        """Finished early, or on the very day."""
        story = self.begin(lambda limit: limit * 2 + self.dice.randint(2, 60))
        last = story.due_at.date()
        early = self.dice.random() < 0.7 and (last - story.received_at.date()).days > 2
        day = story.received_at.date() + (last - story.received_at.date()) // 2 if early else last
        self.move(story, FINISHED, self.on_day(self.calendar.on_or_after(day)))
        return story

    def returned(self) -> _Story:
        story = self.finished()
        self.move(story, RETURNED, self.later(story.events[-1][0], 2, 16))
        return story

    def finished_late(self) -> _Story:
        story = self.begin(lambda limit: limit * 2 + self.dice.randint(15, 40))
        over = self.calendar.add_working_days(story.due_at.date(), self.dice.randint(1, 6))
        if self.dice.random() < 0.5:
            self.apologise(story, over)
        self.move(story, FINISHED, self.on_day(over))
        return story

    def processing(self) -> _Story:
        return self.begin(lambda limit: self.dice.randint(1, min(limit - 1, 8)), shortest=2, longest=90)

    def due_today(self) -> _Story:
        story = self.begin(lambda limit: limit, longest=8)
        today = self.calendar.on_or_after(self.now.date())
        story.due_at = datetime.combine(today, time(17))
        return story

    def late_without_new_date(self) -> _Story:
        story = self.begin(lambda limit: limit * 2 + self.dice.randint(3, 9))
        story.updated_at = self.on_day(self.working_day_ago(self.dice.randint(1, 4)))
        return story

    def late_with_new_date(self) -> _Story:
        story = self.late_without_new_date()
        ahead = self.dice.choice((2, 3, 5, -1))
        today = self.calendar.on_or_after(self.now.date())
        new_day = self.calendar.add_working_days(today, ahead) if ahead > 0 else self.working_day_ago(1)
        self.apologise(story, new_day)
        return story

    def apologise(self, story: _Story, new_day: date) -> None:
        story.new_due_at = datetime.combine(new_day, time(17))
        story.late_reason = self.dice.choice(self.samples["late_reasons"])

    def waiting_for_papers(self) -> _Story:
        story = self.begin(lambda limit: limit + 1, shortest=3)
        self.move(story, PAPERS, self.later(story.events[-1][0], 2, 8))
        story.missing_papers = self.dice.choice(self.samples["missing_papers"])
        return story

    def waiting_for_payment(self) -> _Story:
        story = self.begin(lambda limit: limit + 1, shortest=3)
        while not story.procedure.get("fee"):
            story = self.begin(lambda limit: limit + 1, shortest=3)
        self.move(story, PAYMENT, self.later(story.events[-1][0], 3, 12))
        return story

    def resumed(self) -> _Story:
        """Papers were missing, came, and the date moved on by the pause."""
        story = self.waiting_for_papers()
        story.missing_papers = None
        paused_at = story.events[-1][0]
        self.move(story, PROCESSING, self.later(paused_at, 6, 14))
        pause = self.calendar.working_time(paused_at, story.events[-1][0])
        story.due_at = self.calendar.after_working_time(story.due_at, pause)
        return story

    def stale(self) -> _Story:
        """Nobody has touched the record for weeks."""
        return self.begin(lambda limit: self.dice.randint(16, 40), shortest=5, longest=90)

    def registered(self) -> _Story:
        """Sent online, not yet looked at."""
        story = self.begin(lambda limit: 1)
        story.channel = ONLINE
        story.events = [(story.received_at, REGISTERED)]
        return story

    def rare_ending(self) -> _Story:
        """Refused at the door, withdrawn, or halted."""
        ending = next(self.endings)
        story = self.begin(lambda limit: limit + self.dice.randint(2, 5), shortest=3)
        if ending == REFUSED:
            story.channel = ONLINE
            story.events = [(story.received_at, REGISTERED)]
        self.move(story, ending, self.later(story.events[-1][0], 2, 8))
        return story
