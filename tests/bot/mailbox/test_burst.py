from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.mailbox.burst import AT_ONCE, LONGEST_TEXT, Line, Rhythm, next_turn

RHYTHM = Rhythm(1.2, 3.0)


def texts(*at: float, length: int = 10) -> list[Line]:
    return [Line("text", moment, length) for moment in at]


def test_five_short_lines_in_three_seconds_are_one_turn() -> None:
    assert next_turn(texts(0, 0.6, 1.2, 1.8, 2.4), RHYTHM) == (5, 3.0)


def test_one_line_waits_for_another() -> None:
    assert next_turn(texts(10), RHYTHM) == (1, 11.2)


def test_a_pause_ends_it() -> None:
    assert next_turn(texts(0, 1, 5), RHYTHM)[0] == 2


def test_somebody_who_does_not_stop_is_answered_after_three_seconds() -> None:
    count, due = next_turn(texts(*(n / 2 for n in range(20))), RHYTHM)
    assert count == 7
    assert due <= 3.0


def test_a_button_stands_alone_and_ends_what_came_before() -> None:
    lines = [*texts(0, 0.5), Line("payload", 0.6), *texts(0.7)]
    assert next_turn(lines, RHYTHM) == (2, 0)
    assert next_turn(lines[2:], RHYTHM) == (1, 0.6)


def test_long_texts_are_not_put_together_beyond_what_the_engine_takes() -> None:
    assert next_turn(texts(0, 0.1, length=LONGEST_TEXT // 2), RHYTHM)[0] == 1
    assert next_turn(texts(0, 0.1, length=LONGEST_TEXT // 2 - 1), RHYTHM)[0] == 2


def test_where_each_has_somebody_waiting_none_is_put_together() -> None:
    assert next_turn(texts(5, 5, 5), AT_ONCE) == (1, 5)


LINES = st.lists(
    st.tuples(
        st.sampled_from(["text", "text", "text", "payload", "event"]), st.floats(0, 2), st.integers(0, 400)
    ),
    min_size=1,
    max_size=12,
)


@given(LINES)
def test_every_line_is_in_one_turn_and_none_waits_longer_than_it_must(given_lines: list) -> None:
    moment, lines = 0.0, []
    for kind, gap, length in given_lines:
        moment += gap
        lines.append(Line(kind, moment, length if kind == "text" else 0))
    seen = 0
    while lines:
        count, due = next_turn(lines, RHYTHM)
        assert 1 <= count <= len(lines)
        turn = lines[:count]
        assert due <= turn[0].at + RHYTHM.longest
        assert turn[-1].at - turn[0].at <= RHYTHM.longest
        assert count == 1 or all(line.kind == "text" for line in turn)
        assert count == 1 or sum(line.length for line in turn) <= LONGEST_TEXT
        lines, seen = lines[count:], seen + count
    assert seen == len(given_lines)
