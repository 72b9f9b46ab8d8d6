from __future__ import annotations

import string
from datetime import datetime
from typing import Any

import pytest

from bot.channels.directions import directions, distance_km
from bot.channels.telegram.updates import COMMANDS
from bot.channels.words import load_words
from bot.gateway.payloads import parse_payload
from procedures_catalog.centre import VIET_NAM
from tests.bot.channels.rig import CENTRE

WORDS = load_words(CENTRE)


def leaves(entries: Any) -> list[str]:
    if isinstance(entries, str):
        return [entries]
    rows = entries.values() if isinstance(entries, dict) else entries
    return [leaf for row in rows for leaf in leaves(row)]


def test_every_line_can_be_filled_in() -> None:
    for line in leaves(WORDS.entries):
        names = {name for _, name, _, _ in string.Formatter().parse(line) if name is not None}
        assert all(name.isidentifier() for name in names), line


def test_buttons_and_commands_lead_somewhere() -> None:
    for payload in [row["payload"] for row in WORDS["menu"]] + list(COMMANDS.values()):
        parse_payload(payload)
    assert set(COMMANDS) | {"help"} == set(WORDS["commands"])


def test_the_words_around_a_source_need_no_escaping() -> None:
    for key in ("source", "source_undated", "more_sources"):
        assert not set("<>&") & set(WORDS[key])


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (datetime(2026, 11, 20, 9, tzinfo=VIET_NAM), "Hiện đang mở cửa."),
        (datetime(2026, 11, 20, 12, tzinfo=VIET_NAM), "mở lại lúc 13 giờ 30 ngày 20/11/2026"),
        (datetime(2026, 11, 21, 15, tzinfo=VIET_NAM), "mở lại lúc 7 giờ 30 ngày 23/11/2026"),
    ],
)
def test_directions_tell_the_week_and_whether_somebody_is_there(moment: datetime, state: str) -> None:
    text = directions(CENTRE, WORDS, moment, 2.34)["text"]
    assert state in text and "2,3 km" in text
    assert "• Thứ Bảy: 07:30 – 11:30" in text and "• Chủ nhật: nghỉ" in text


def test_distance_is_that_of_the_globe() -> None:
    # Ha Noi to Hue, about 540 km as the crow flies.
    assert distance_km(CENTRE, 16.4637, 107.5909) == pytest.approx(540, abs=5)
    assert distance_km(CENTRE, 21.0285, 105.8542) == 0
