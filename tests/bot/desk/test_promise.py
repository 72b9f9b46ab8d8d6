"""When an answer is promised: opening hours, the queue, the last weeks' answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.words import load_words
from bot.desk.desk import HERE
from bot.desk.promise import after_open, open_seconds, promise, rounded_up, spoken
from bot.desk.responding import promised as told
from bot.settings import ROOT
from procedures_catalog.centre import VIET_NAM, Centre, load_centre
from tests.bot.desk.acting import run
from tests.bot.desk.rig import engine_of
from tests.bot.desk.seeding import add_case, add_person

CENTRE = load_centre(ROOT / "centre.yml")  # 7:30-11:30 and 13:30-17:00, Saturday mornings
WORDS = load_words(CENTRE, HERE / "words.yml")


def at(text: str) -> datetime:
    """``23 09:00``: a day of November 2026; the 23rd is a Monday."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=VIET_NAM)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("23 09:00", "23 09:20", 20),
        ("23 11:20", "23 13:40", 20),
        ("23 16:50", "24 07:40", 20),
        ("21 11:00", "23 08:00", 60),  # over Sunday
        ("22 08:00", "22 20:00", 0),
        ("23 10:00", "23 09:00", 0),
    ],
)
def test_opening_time_between(start: str, end: str, minutes: int) -> None:
    assert open_seconds(CENTRE, at(start), at(end)) == minutes * 60


@pytest.mark.parametrize(
    ("start", "minutes", "then"),
    [
        ("23 09:00", 15, "23 09:15"),
        ("23 11:20", 15, "23 13:35"),
        ("23 19:00", 15, "24 07:45"),
        ("21 11:25", 15, "23 07:40"),
        ("22 10:00", 0, "23 07:30"),
        ("23 07:30", 450, "23 17:00"),
    ],
)
def test_after_so_much_opening_time(start: str, minutes: int, then: str) -> None:
    assert after_open(CENTRE, at(start), minutes * 60) == at(then)


@given(st.integers(0, 14 * 24 * 60), st.integers(1, 8 * 60))
def test_both_agree_for_every_moment(offset: int, minutes: int) -> None:
    start = at("16 00:00") + timedelta(minutes=offset)
    end = after_open(CENTRE, start, minutes * 60)
    assert end is not None and open_seconds(CENTRE, start, end) == pytest.approx(minutes * 60)


def test_a_centre_that_never_opens_promises_nothing() -> None:
    closed = Centre(**{name: getattr(CENTRE, name) for name in Centre.__struct_fields__} | {"hours": {}})
    assert after_open(closed, at("23 09:00"), 60) is None


def test_rounded_up_to_five_minutes() -> None:
    assert rounded_up(at("23 09:31")) == at("23 09:35")
    assert rounded_up(at("23 09:35")) == at("23 09:35")
    assert rounded_up(at("23 09:58") + timedelta(seconds=1)) == at("23 10:00")


@pytest.mark.parametrize(
    ("now", "until", "words"),
    [
        ("23 09:10", "23 09:40", "trước 9 giờ 40"),
        ("23 09:10", "23 10:00", "trước 10 giờ"),
        ("23 19:00", "24 08:05", "trước 8 giờ 05 ngày mai"),
        ("21 13:00", "23 08:10", "trước 8 giờ 10 thứ Hai (23/11)"),
    ],
)
def test_as_it_is_said(now: str, until: str, words: str) -> None:
    assert spoken(WORDS, at(now).timestamp(), at(until).timestamp()) == words


def promised(url: str, now: datetime) -> datetime:
    engine = engine_of(url)
    with engine.connect() as connection:
        found = promise(connection, now.timestamp(), CENTRE)
    engine.dispose()
    assert found is not None
    return datetime.fromtimestamp(found, VIET_NAM)


def test_with_nothing_known_a_quarter_of_an_hour(both: str) -> None:
    assert promised(both, at("23 09:02")) == at("23 09:20")


def test_the_last_weeks_answers_decide(both: str) -> None:
    engine = engine_of(both)
    with engine.begin() as connection:
        for n in range(20):
            opened = at("18 08:00").timestamp() + n * 600
            add_case(
                connection, opened_at=opened, answered_at=opened + (120 if n < 15 else 1800), state="closed"
            )
    engine.dispose()
    assert promised(both, at("23 09:00")) == at("23 09:30")  # four in five: half an hour is reached


def test_a_long_queue_takes_longer_and_more_hands_make_it_shorter(both: str) -> None:
    now = at("23 09:00")
    engine = engine_of(both)
    with engine.begin() as connection:
        for n in range(10):
            add_case(connection, opened_at=now.timestamp() - 60 * n)
    assert promised(both, now) == at("23 10:00")  # ten times six minutes
    with engine.begin() as connection:
        for name in ("Lan", "Minh", "Hoa"):
            add_person(connection, name, seen_at=now.timestamp() - 30)
        add_person(connection, "Về rồi", seen_at=now.timestamp() - 7200)
    engine.dispose()
    assert promised(both, now) == at("23 09:20")


@pytest.mark.parametrize(
    ("channel", "way"),
    [
        ("web", "chính trang này"),
        ("zalo", "Zalo này"),
        ("telegram", "Telegram này"),
        ("cli", "số điện thoại"),
    ],
)
def test_outside_the_hours_each_channel_says_how_the_answer_comes(
    sqlite_url: str, tmp_path: Path, channel: str, way: str
) -> None:
    def ask(connection: Any, now: float) -> str | None:
        add_case(connection, now, f"{channel}:{now}")
        return told(connection, now, f"{channel}:{now}", WORDS, CENTRE)

    evening, morning = (
        run(sqlite_url, tmp_path, ask, now=at(t).timestamp()) for t in ("23 19:00", "24 09:00")
    )
    assert evening and "7 giờ 45 ngày mai" in evening and way in evening
    assert morning and way not in morning
