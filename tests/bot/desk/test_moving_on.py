"""What happens to cases although nobody acts on them: taken in, idle, answered elsewhere, out of reach."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.channels.records import hand_over
from bot.desk import cases, idle, intake, view
from bot.desk.errors import Refusal
from bot.desk.tables import cases as table
from bot.desk.tables import conversations, feedback, handovers, notes, ratings
from bot.mailbox import notice
from tests.bot.desk.acting import NOW, SPEECH, letters, opened, row_of, run, seed, silent
from tests.bot.desk.seeding import add_conversation, add_request


def test_requests_become_cases_once_and_one_a_conversation(both: str, tmp_path: Path) -> None:
    def record(c: Any, now: float) -> list[int]:
        for n in range(5):
            add_conversation(c, f"zalo:p{n}", now)
        return [add_request(c, f"zalo:p{n % 5}", now) for n in range(10)]

    numbers = run(both, tmp_path, record)

    async def take_in() -> list[int]:
        async with opened(both, tmp_path) as one, opened(both, tmp_path) as other:
            return await asyncio.gather(*(s.write(intake.take_in) for s in (one, other) * 4))

    made = asyncio.run(take_in())
    rows = run(both, tmp_path, lambda c, now: c.execute(select(table).order_by(table.c.id)).all())
    assert sum(made) == len(rows) == 5
    assert {row.conversation for row in rows} == {f"zalo:p{n}" for n in range(5)}
    states = run(
        both, tmp_path, lambda c, now: dict(c.execute(select(handovers.c.id, handovers.c.state)).all())
    )
    assert sorted(states) == sorted(numbers)
    assert Counter(states.values()) == {"waiting": 5, "closed": 5}


def test_ratings_and_complaints_wait_in_no_queue(both: str, tmp_path: Path) -> None:
    (lan,), (number,) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan"))
    run(both, tmp_path, cases.claim, SPEECH, lan, number)
    run(both, tmp_path, cases.say, lan, number, "key-one-1", notice("xong"))
    run(both, tmp_path, cases.close, SPEECH, lan, number, "answered")

    def record(c: Any, now: float) -> None:
        add_request(c, "zalo:u0", now, "rating_5")
        add_request(c, "zalo:u0", now, "rating_2")
        add_request(c, "cli:nobody", now, "rating_9")
        add_request(c, "zalo:u0", now, "complaint", "chờ lâu quá")

    run(both, tmp_path, record)
    assert run(both, tmp_path, intake.take_in) == 0
    given = run(both, tmp_path, lambda c, now: c.execute(select(ratings).order_by(ratings.c.id)).all())
    assert [(row.stars, row.about, row.case_id) for row in given] == [
        (5, "person", number),
        (2, "answer", None),
    ]
    (complaint,) = run(both, tmp_path, lambda c, now: c.execute(select(feedback)).all())
    assert (complaint.kind, complaint.state) == ("complaint", "new")


def test_an_idle_case_is_closed_and_an_unanswered_one_goes_back(both: str, tmp_path: Path) -> None:
    (lan,), (idle_one, left, fresh) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan", waiting=3))
    for number in (idle_one, left, fresh):
        run(both, tmp_path, cases.claim, SPEECH, lan, number)
    run(both, tmp_path, cases.say, lan, idle_one, "key-one-1", notice("đây ạ"))
    run(both, tmp_path, cases.say, lan, left, "key-two-2", notice("đây ạ"))
    later = NOW + idle.IDLE_SECONDS + 1

    def speak(c: Any, now: float) -> None:
        seen = update(conversations).values(last_seen=NOW + 0.5)
        c.execute(seen.where(conversations.c.id == "zalo:u1"))
        c.execute(update(conversations).values(last_seen=later - 5).where(conversations.c.id == "zalo:u2"))

    run(both, tmp_path, speak)
    assert run(both, tmp_path, idle.settle, SPEECH, now=later) == 2
    assert run(both, tmp_path, idle.settle, SPEECH, now=later) == 0
    rows = [row_of(both, tmp_path, number) for number in (idle_one, left, fresh)]
    assert [(row.state, row.close_reason) for row in rows] == [
        ("closed", "idle"),
        ("waiting", None),
        ("claimed", None),
    ]
    shown = run(both, tmp_path, view.queue, lan, now=later)["ended"]
    assert [row["id"] for row in shown] == [idle_one]  # whoever had it is told as well
    assert run(both, tmp_path, view.queue, lan, now=later + 3600)["ended"] == []
    assert "được đóng lại" in letters(both, tmp_path, "zalo:u0")[-1]
    assert "Xin lỗi anh/chị phải chờ" in letters(both, tmp_path, "zalo:u1")[-1]
    assert [silent(both, tmp_path, f"zalo:u{n}") for n in range(3)] == [False, False, True]
    left_note = run(
        both, tmp_path, lambda c, now: c.scalar(select(notes.c.kind).where(notes.c.case_id == left))
    )
    assert left_note == "idle"


def test_staff_who_answer_in_zalos_own_tool_have_claimed(both: str, tmp_path: Path) -> None:
    (lan,), (number,) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan", promised_at=NOW - 1))

    def staff_wrote(c: Any, now: float) -> None:
        c.execute(update(conversations).values(silent_until=NOW + 3600))

    run(both, tmp_path, staff_wrote)
    assert run(both, tmp_path, idle.follow_staff, SPEECH) == 1
    row = row_of(both, tmp_path, number)
    assert (row.state, row.owner_id, row.kept) == ("claimed", None, False)
    with pytest.raises(Refusal) as refused:
        run(both, tmp_path, cases.claim, SPEECH, lan, number)
    assert refused.value.code == "taken"
    assert run(both, tmp_path, idle.follow_staff, SPEECH, now=NOW + 3601) == 1
    assert row_of(both, tmp_path, number).close_reason == "elsewhere"


def test_nothing_is_written_where_zalo_takes_nothing_any_more(both: str, tmp_path: Path) -> None:
    (lan,), (number,) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan"))
    run(both, tmp_path, cases.claim, SPEECH, lan, number)
    shown = run(both, tmp_path, view.conversation, lan, number)["window"]
    assert shown == {"free_until": NOW - 60 + 48 * 3600, "until": NOW - 60 + 7 * 86_400}
    run(both, tmp_path, cases.say, lan, number, "key-one-1", notice("đây ạ"), now=shown["until"])
    with pytest.raises(Refusal) as refused:
        run(both, tmp_path, cases.say, lan, number, "key-two-2", notice("đây ạ"), now=shown["until"] + 1)
    assert refused.value.code == "window_closed"


def test_who_complained_and_then_sends_a_picture_waits_for_a_person(both: str, tmp_path: Path) -> None:
    def complain(c: Any, now: float) -> tuple[int, int]:
        name = add_conversation(c, "zalo:p", now)
        complaint = add_request(c, name, now, "complaint", "chờ lâu quá")
        intake.take_in(c, now)
        return complaint, hand_over(c, name, "zalo", "attachment", "")

    complaint, picture = run(both, tmp_path, complain)
    assert picture != complaint
    assert run(both, tmp_path, intake.take_in) == 1
    assert row_of(both, tmp_path, picture).reason == "attachment"


def test_a_promise_that_was_not_kept_is_counted_as_broken(both: str, tmp_path: Path) -> None:
    (lan,), (late, never) = run(
        both, tmp_path, lambda c, now: seed(c, now, "Lan", waiting=2, promised_at=NOW - 1)
    )
    for number in (late, never):
        run(both, tmp_path, cases.claim, SPEECH, lan, number)
    run(both, tmp_path, cases.say, lan, late, "key-one-1", notice("muộn rồi"))
    run(both, tmp_path, cases.close, SPEECH, lan, never, "silent")
    assert [row_of(both, tmp_path, number).kept for number in (late, never)] == [False, False]
